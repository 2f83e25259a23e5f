from __future__ import annotations

from pathlib import Path

import pytest
from release_samples import SETTINGS, Locker, lock, save, spec_text

from modelops.core import digest
from modelops.core.git import Git
from modelops.core.workspace import Workspace
from modelops.flow.stale import code_digest
from modelops.release import lockfile
from modelops.spec.load import load_settings, load_spec


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A repository with one model, not locked yet, and a bare origin."""
    root = tmp_path / "repository"
    (root / "specs").mkdir(parents=True)
    (root / "modelops.yaml").write_text(SETTINGS)
    (root / "specs/wine.yaml").write_text(spec_text())
    git = Git(root)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("add", "--all")
    git.run("commit", "--quiet", "--message", "Start")
    git.run("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "origin.git"))
    git.run("remote", "add", "origin", str(tmp_path / "origin.git"))
    git.run("push", "--quiet", "origin", "main")
    return Workspace(root, load_settings(root))


@pytest.fixture
def locked(space: Workspace) -> Locker:
    """Return a function that locks a version of the spec as it is now, as `run` would, and commits it."""

    def make(version: int, *, commit: bool = True, **more: object) -> str:
        profile = space.model_dir("wine") / "reference.json"
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text(f'{{"version": {version}}}\n')
        made = lock(
            load_spec(space.root, "wine"),
            version,
            code=code_digest(space, "wine"),
            profile=digest.of_file(profile),
            **more,
        )
        lockfile.write(space.lock_path("wine"), made)
        if commit:
            save(space, f"Lock version {version}")
        return lockfile.digest(lockfile.dumps(made))

    return make
