"""`make` sets itself up where only git, make and Python exist, and says what is missing where they do not."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELL = ("sh", "awk", "cat", "dirname", "rm", "sed", "env", "make", "pwd")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "a path with spaces"
    (root / ".ci").mkdir(parents=True)
    for name in ("Makefile", ".ci/setup", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name in SHELL:
        found = shutil.which(name)
        if found:
            (bin_folder / name).symlink_to(found)
    return root


def script(clone: Path, name: str, text: str) -> None:
    """Put a program of this name on the clone's PATH."""
    path = clone.parent / "bin" / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def make(clone: Path, target: str) -> subprocess.CompletedProcess[str]:
    path = str(clone.parent / "bin")
    return subprocess.run(
        ["make", "--no-print-directory", target], cwd=clone, env={"PATH": path}, capture_output=True, text=True
    )


def test_help_is_the_default_and_needs_no_set_up(clone: Path) -> None:
    done = make(clone, "help")
    assert done.returncode == 0
    for target in ("demo", "test", "check", "bench", "fmt", "clean"):
        assert f"make {target}" in done.stdout
    assert not (clone / ".venv").exists()


def test_no_python_says_how_to_get_one(clone: Path) -> None:
    script(clone, "python3.13", 'echo "pyenv: python3.13: command not found" >&2; exit 127')
    done = make(clone, "setup")
    assert done.returncode != 0
    assert "no Python 3.11, 3.12 or 3.13 on PATH" in done.stderr
    assert "apt install python3" in done.stderr
    assert not (clone / ".venv").exists()


def test_python_without_venv_says_what_to_install(clone: Path) -> None:
    answers = """case "$2" in
  *ensurepip*) exit 1 ;;
  *print*) echo python3.12-venv ;;
  "") echo "Python 3.12.3" ;;
esac"""
    script(clone, "python3", answers)
    done = make(clone, "setup")
    assert done.returncode != 0
    assert "Python 3.12.3 has no venv or ensurepip module" in done.stderr
    assert "apt install python3.12-venv" in done.stderr


def pretend_set_up(clone: Path, place: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv/.synced").write_text(str(place.resolve()), encoding="utf-8")


def test_the_second_time_is_silent(clone: Path) -> None:
    pretend_set_up(clone, clone)
    done = make(clone, "setup")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing to be done" in done.stdout


def test_a_changed_lock_or_a_moved_folder_sets_up_again(clone: Path) -> None:
    pretend_set_up(clone, clone.parent)
    assert "no Python" in make(clone, "setup").stderr
    (clone / ".venv/.synced").write_text(str(clone.resolve()), encoding="utf-8")
    assert make(clone, "setup").stderr == ""
    newer = (clone / ".venv/.synced").stat().st_mtime + 10
    os.utime(clone / "uv.lock", (newer, newer))
    assert "no Python" in make(clone, "setup").stderr


def test_the_uv_that_is_installed_first_is_the_one_of_the_lock(clone: Path) -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    [expected] = [package["version"] for package in packages if package["name"] == "uv"]
    text = (ROOT / ".ci/setup").read_text(encoding="utf-8")
    function = text[text.index("uv_version()") : text.index("make_venv()")]
    done = subprocess.run(["sh", "-c", f"{function}\nuv_version"], cwd=clone, capture_output=True, text=True)
    assert done.stdout.strip() == expected
