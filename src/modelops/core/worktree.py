"""A second working tree of the same repository, for a commit that must not touch the user's own."""

from __future__ import annotations

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


def commit_all(git: Git, message: str, *paths: str) -> str | None:
    """Commit these paths without running hooks; return the commit, None when nothing changed."""
    git.run("add", "--all", "--", *paths)
    if git.run("diff", "--cached", "--quiet", "--", *paths, check=False).returncode == 0:
        return None
    git.run(*_NO_HOOKS, "commit", "--quiet", "--message", message, "--", *paths)
    return git.head()


def push(git: Git, branch: str) -> None:
    """Push the commit checked out to a branch of origin, replacing what this tool pushed there before."""
    git.run(*_NO_HOOKS, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
