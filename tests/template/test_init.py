"""`modelops init`: a fork gets its own names, and can change them again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from modelops.cli.main import run
from modelops.scaffold import Identity, current

ROOT = Path(__file__).resolve().parents[2]
COPIED = (".github", "argocd", "specs", "modelops.yaml", "README.md", "SECURITY.md")


@pytest.fixture
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "fork"
    root.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("environments"))
        else:
            shutil.copy(ROOT / name, root / name)
    monkeypatch.chdir(root)
    return root


def contents(root: Path) -> dict[str, str]:
    paths = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_names_change_everywhere_and_rendered_files_follow(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = current(fork)
    assert run(["init", "--owner", "my-org", "--repository", "My.Models"]) == 0
    assert current(fork) == Identity("my-org", "My.Models", "ghcr.io/my-org/models")
    assert run(["render", "--check"]) == 0
    assert [name for name, text in contents(fork).items() if old.owner in text or old.repository in text] == []
    assert "images go to ghcr.io/my-org/models" in capsys.readouterr().out


def test_there_and_back_again_is_byte_for_byte_what_it_was(fork: Path) -> None:
    old, before = current(fork), contents(fork)
    assert run(["init", "--owner", "Other", "--repository", "elsewhere", "--registry", "localhost:5000/x"]) == 0
    assert contents(fork) != before
    arguments = ["--owner", old.owner, "--repository", old.repository, "--registry", old.registry]
    assert run(["init", *arguments]) == 0
    assert contents(fork) == before


def test_a_longer_name_that_begins_alike_is_left_alone(fork: Path) -> None:
    old = current(fork)
    path = fork / "SECURITY.md"
    other = f"https://github.com/{old.owner}/{old.repository}-extra"
    path.write_text(path.read_text(encoding="utf-8") + other + "\n", encoding="utf-8")
    assert run(["init", "--owner", "my-org", "--repository", "mine"]) == 0
    assert other in path.read_text(encoding="utf-8")


def test_owner_and_repository_come_from_origin(fork: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=fork, check=True)
    subprocess.run(["git", "remote", "add", "origin", "git@github.com:Wing-42/air-models.git"], cwd=fork, check=True)
    assert run(["init"]) == 0
    assert current(fork) == Identity("Wing-42", "air-models", "ghcr.io/wing-42/models")


def test_without_an_origin_it_says_what_to_give(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(fork)
    assert run(["init"]) == 1
    assert "modelops init --owner my-org --repository my-models" in capsys.readouterr().err
    assert contents(fork) == before


def test_a_wrong_name_changes_nothing(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(fork)
    assert run(["init", "--owner", "my org", "--repository", "x", "--registry", "GHCR.io/X"]) == 1
    said = capsys.readouterr().err
    assert "owner: " in said
    assert "registry: " in said
    assert contents(fork) == before


def test_a_place_that_was_edited_away_is_named(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fork / "SECURITY.md").write_text("# Security\n", encoding="utf-8")
    assert run(["init", "--owner", "my-org", "--repository", "mine"]) == 0
    assert "nothing to replace: SECURITY.md" in capsys.readouterr().err
