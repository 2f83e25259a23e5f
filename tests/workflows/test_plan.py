"""What a pull request's matrix holds: the models that it touches, no more."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from modelops.cli.main import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    shutil.copy(ROOT / "modelops.yaml", tmp_path / "modelops.yaml")
    (tmp_path / "data").symlink_to(ROOT / "data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    for arguments in (["init", "-q", "-b", "main"], ["add", "--all"], ["commit", "-q", "-m", "Start"]):
        subprocess.run(["git", *arguments], check=True)
    return tmp_path


def matrix(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    capsys.readouterr()
    assert run(["plan", *arguments, "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1, "GITHUB_OUTPUT takes one line"
    planned: dict[str, object] = json.loads(out)
    return planned


def test_a_change_of_something_else_runs_nothing(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fork / "README.md").write_text("# Ours\n", encoding="utf-8")
    # No model has a lock yet, which is not this pull request's business.
    assert matrix(capsys, "--base", "main") == {"include": [], "empty": True}


def test_a_changed_spec_runs_its_model_on_its_runner(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = fork / "specs/wine-cultivar.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("LogisticRegression\n", "LogisticRegression\n  runs_on: big\n"), encoding="utf-8")
    include = [{"model": "wine-cultivar", "runs_on": "big"}]
    assert matrix(capsys, "--base", "main") == {"include": include, "empty": False}


def test_a_changed_lock_runs_its_model(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fork / "models/arrival-delay").mkdir(parents=True)
    (fork / "models/arrival-delay/code.py").write_text("", encoding="utf-8")
    assert [row["model"] for row in matrix(capsys, "--base", "main")["include"]] == ["arrival-delay"]  # type: ignore[attr-defined]


def test_without_a_base_everything_that_is_not_up_to_date_runs(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planned = [row["model"] for row in matrix(capsys)["include"]]  # type: ignore[attr-defined]
    assert planned == ["arrival-delay", "flight-delay", "wine-cultivar"]


def test_an_unknown_base_says_so(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--base", "nowhere"]) == 1
    assert 'git knows no commit "nowhere"' in capsys.readouterr().err
