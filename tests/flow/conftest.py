"""Scratch repositories for the flow tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelops.core.workspace import Workspace
from modelops.flow.scratch import make_scratch
from modelops.spec.load import load_settings


@pytest.fixture
def scratch(tmp_path: Path, repository_root: Path) -> Workspace:
    """A copy of this repository with a bare origin, as the demo makes it."""
    return make_scratch(repository_root, load_settings(repository_root), tmp_path / "scratch")


@pytest.fixture
def wine(scratch: Workspace) -> Workspace:
    """A scratch repository whose only model is the small one."""
    for path in (scratch.root / "specs").glob("*.yaml"):
        if path.stem != "wine-cultivar":
            path.unlink()
    scratch.git.run("commit", "--quiet", "--all", "--message", "Keep the wine only")
    return scratch
