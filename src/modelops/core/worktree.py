"""A second working tree of the same repository, for a commit that must not touch the user's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modelops.core.git import Git

# The user's hooks are for the user's own commits.
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")


@contextmanager
def worktree(git: Git, revision: str) -> Iterator[Git]:
    """Check a revision out in a temporary folder, on no branch, and remove the folder afterwards."""
    git.run("worktree", "prune")
    with tempfile.TemporaryDirectory(prefix="modelops-") as folder:
        root = Path(folder).resolve() / git.root.resolve().name
        git.run(*_NO_HOOKS, "worktree", "add", "--quiet", "--detach", str(root), revision)
        try:
            yield Git(root)
        finally:
            git.run("worktree", "remove", "--force", str(root), check=False)


@contextmanager
def worktree_at(git: Git, revision: str, folder: Path) -> Iterator[Git]:
    """Check a revision out in a given folder, on no branch, and remove it afterwards.

    What a killed process left there is removed first.
    """
    _remove(git, folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    git.run(*_NO_HOOKS, "worktree", "add", "--quiet", "--detach", str(folder), revision)
    try:
        yield Git(folder)
    finally:
        _remove(git, folder)


def _remove(git: Git, folder: Path) -> None:
    if folder.exists():
        git.run("worktree", "remove", "--force", "--force", str(folder), check=False)
        shutil.rmtree(folder, ignore_errors=True)
    git.run("worktree", "prune")
