"""Scratch repositories for the flow tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelops.core.workspace import Workspace
from modelops.flow.scratch import make_scratch
from modelops.spec.load import load_settings

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("modelops.yaml", "specs/wine-cultivar.yaml", "data/wine/wine.csv", ".gitignore")


@pytest.fixture
def scratch(tmp_path: Path) -> Workspace:
    """A copy of this repository with a bare origin, as the demo makes it."""
    return make_scratch(ROOT, load_settings(ROOT), tmp_path / "scratch")


@pytest.fixture
def wine(tmp_path: Path) -> Workspace:
    """A repository with the small model only, not locked yet."""
    return small_repository(tmp_path)


@pytest.fixture(scope="session")
def locked_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model locked and committed, made once: `locked` copies it."""
    space = small_repository(tmp_path_factory.mktemp("template"))
    command = [sys.executable, "-m", "modelops", "run", "wine-cultivar"]
    subprocess.run(command, cwd=space.root, check=True, capture_output=True)
    space.git.commit("Lock", "models")
    return space.root


@pytest.fixture
def locked(locked_template: Path, tmp_path: Path) -> Workspace:
    """A repository with the small model locked, its store warm."""
    root = tmp_path / "locked"
    shutil.copytree(locked_template, root)
    return Workspace(root, load_settings(root))


def small_repository(parent: Path) -> Workspace:
    """Make a git repository from the parts that the small model needs."""
    source = parent / "source"
    for part in PARTS:
        (source / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, source / part)
    subprocess.run(["git", "init", "--quiet", str(source)], check=True)
    return make_scratch(source, load_settings(source), parent / "scratch")
