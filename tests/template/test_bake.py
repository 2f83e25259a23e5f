"""The template: what `cookiecutter PATH` gives is a whole repository under its new names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = {"repo_slug": "air-models", "owner": "Wing-42", "registry": "registry.example.com:5000/air"}


def environment(home: Path) -> dict[str, str]:
    names = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    identity = {
        f"GIT_{role}_{part}": "A.Tester@example.invalid"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }
    return kept | identity | {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


def bake(template: Path, folder: Path, answers: dict[str, str]) -> subprocess.CompletedProcess[str]:
    home = folder / "home"
    home.mkdir(parents=True)
    pairs = [f"{key}={value}" for key, value in answers.items()]
    command = [sys.executable, "-m", "cookiecutter", str(template), "--no-input", "--output-dir", str(folder), *pairs]
    return subprocess.run(command, env=environment(home), capture_output=True, text=True)


def modelops(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the generated repository's own code, not the one that is installed."""
    variables = environment(root) | {"PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "modelops", *arguments]
    return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True)


def files(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def tracked() -> list[str]:
    listing = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True, text=True)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baked")
    done = bake(ROOT, folder, ANSWERS)
    assert done.returncode == 0, done.stderr
    assert "git init" in done.stdout
    return folder / "air-models"


def test_platform_settings_hold_the_answers(baked: Path) -> None:
    settings = yaml.safe_load((baked / "modelops.yaml").read_text(encoding="utf-8"))
    assert (settings["owner"], settings["repository"], settings["registry"]) == (
        "Wing-42",
        "air-models",
        "registry.example.com:5000/air",
    )
    # Comments stay where they are.
    before = (ROOT / "modelops.yaml").read_text(encoding="utf-8").splitlines()
    after = (baked / "modelops.yaml").read_text(encoding="utf-8").splitlines()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 3


def test_nothing_of_the_old_owner_is_left(baked: Path) -> None:
    old = yaml.safe_load((ROOT / "modelops.yaml").read_text(encoding="utf-8"))
    names = re.compile(
        rf"(?i)\b{re.escape(old['owner'])}\b|{re.escape(old['repository'])}|{re.escape(old['registry'])}".encode()
    )
    # Tests bring samples of their own, which belong to nobody.
    left = [name for name, content in files(baked).items() if not name.startswith("tests/") and names.search(content)]
    assert left == []


def test_every_owner_is_in_the_new_organisation(baked: Path) -> None:
    owners = [yaml.safe_load(path.read_text(encoding="utf-8"))["owner"] for path in (baked / "specs").glob("*.yaml")]
    rules = (baked / ".github/CODEOWNERS").read_text(encoding="utf-8").splitlines()
    named = {name for line in rules if not line.startswith("#") for name in line.split()[1:]}
    assert owners
    assert all(owner.startswith("@Wing-42/") for owner in (*owners, *named))
    assert set(owners) <= named


def test_everything_but_the_template_itself_is_copied(baked: Path) -> None:
    missing = set(tracked()) - set(files(baked))
    prefixes = ("hooks/", "tests/template/", "{{cookiecutter.repo_slug}}/")
    runs = re.compile(r"models/[^/]+/(lock\.yaml|reference\.json|README\.md)|argocd/environments/.*")
    assert [
        name
        for name in sorted(missing)
        if name != "cookiecutter.json" and not name.startswith(prefixes) and not runs.fullmatch(name)
    ] == []
    assert not (baked / "cookiecutter.json").exists()
    assert not (baked / "hooks").exists()


def test_workflows_are_copied_without_being_rendered(baked: Path) -> None:
    path = ".github/workflows/pull-request.yml"
    assert "${{" in (baked / path).read_text(encoding="utf-8")
    assert (baked / path).read_bytes() == (ROOT / path).read_bytes()


def test_specs_are_valid_and_rendered_files_are_up_to_date(baked: Path) -> None:
    for arguments in (["validate"], ["render", "--check"], ["schema", "--check"]):
        done = modelops(baked, *arguments)
        assert done.returncode == 0, done.stderr


def test_a_long_name_breaks_no_rendered_line(tmp_path: Path) -> None:
    answers = {"repo_slug": "m" * 60, "owner": "o" * 39, "registry": "ghcr.io/" + "r" * 80}
    done = bake(ROOT, tmp_path, answers)
    assert done.returncode == 0, done.stderr
    checked = modelops(tmp_path / ("m" * 60), "render", "--check")
    assert checked.returncode == 0, checked.stderr


def test_a_name_that_yaml_would_not_read_as_text_is_quoted(tmp_path: Path) -> None:
    done = bake(ROOT, tmp_path, {"repo_slug": "no", "owner": "0123", "registry": "ghcr.io/on"})
    assert done.returncode == 0, done.stderr
    settings = yaml.safe_load((tmp_path / "no/modelops.yaml").read_text(encoding="utf-8"))
    assert (settings["owner"], settings["repository"]) == ("0123", "no")
    assert modelops(tmp_path / "no", "render", "--check").returncode == 0


def test_an_archive_gives_the_same_repository(baked: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model-ops.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("model-ops-main/", "")
        for name in tracked():
            packed.write(ROOT / name, f"model-ops-main/{name}")
    done = bake(archive, tmp_path / "out", ANSWERS)
    assert done.returncode == 0, done.stderr
    unpacked, expected = files(tmp_path / "out/air-models"), files(baked)
    provenance = ".modelops-template.json"
    assert unpacked.pop(provenance) != expected.pop(provenance)
    assert unpacked == expected


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("owner", "@my-org", "without @"),
        ("owner", "my org", "GitHub user"),
        ("owner", 'a"b\\c', "GitHub user"),
        ("repo_slug", "My_Models", "lower-case letters"),
        ("registry", "https://ghcr.io/x", "without https://"),
        ("registry", "ghcr.io/MyOrg/models", "lower case"),
        ("registry", "ghcr.io/x:latest/", "without a tag"),
    ],
)
def test_a_wrong_answer_is_refused_with_the_right_form(tmp_path: Path, key: str, value: str, words: str) -> None:
    done = bake(ROOT, tmp_path, ANSWERS | {key: value})
    assert done.returncode != 0
    assert f"error: {key} = " in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.slow
def test_the_demo_works_in_a_new_repository(baked: Path, tmp_path: Path) -> None:
    for arguments in (["init", "-q", "--initial-branch=main"], ["add", "--all"], ["commit", "-q", "-m", "Start"]):
        subprocess.run(["git", *arguments], cwd=baked, check=True, env=environment(tmp_path))
    done = modelops(baked, "demo", "--into", str(tmp_path / "scratch"))
    assert done.returncode == 0, done.stdout + done.stderr
    manifests = tmp_path / "scratch/repository/argocd/environments/production/flight-delay/manifests.yaml"
    assert "registry.example.com:5000/air/flight-delay" in manifests.read_text(encoding="utf-8")
