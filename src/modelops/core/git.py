"""Git, by its own command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from modelops.core.errors import ModelopsError

# A stranger's configuration must not change what the loop does: no editor, no prompts, no signing key.
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "LC_ALL": "C"}


class GitError(ModelopsError):
    """A git command failed."""


class Git:
    """One working tree."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *arguments: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `git <arguments>` here and return what it printed.

        Raises
        ------
        GitError
            When git is not installed, or fails and `check` is true.
        """
        if shutil.which("git") is None:
            raise GitError("git is not installed", hint="install git and try again")
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, **_ENVIRONMENT},
        )
        if check and done.returncode != 0:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise GitError(f"git {' '.join(arguments[:2])} failed: {words[-1] if words else done.returncode}")
        return done

    def out(self, *arguments: str) -> str:
        """Return what `git <arguments>` prints, without the last line end."""
        return self.run(*arguments).stdout.rstrip("\n")

    def is_repository(self) -> bool:
        """Return whether this folder is inside a git working tree."""
        return shutil.which("git") is not None and self.run("rev-parse", "--git-dir", check=False).returncode == 0

    def head(self) -> str | None:
        """Return the commit checked out here, None before the first commit or outside a repository."""
        if not self.is_repository():
            return None
        done = self.run("rev-parse", "--verify", "--quiet", "HEAD", check=False)
        return done.stdout.strip() or None

    def branch(self) -> str:
        """Return the current branch's name."""
        return self.out("symbolic-ref", "--short", "HEAD")

    def changed(self, *paths: str) -> list[str]:
        """Return the paths (relative to the top) with uncommitted changes, untracked files included."""
        listing = self.run("status", "--porcelain", "-z", "--untracked-files=all", "--", *paths).stdout
        return [entry[3:] for entry in listing.split("\0") if len(entry) > 3]

    def show(self, revision: str, path: str) -> str | None:
        """Return a file's text at a revision, None when it is not there."""
        done = self.run("show", f"{revision}:{path}", check=False)
        return done.stdout if done.returncode == 0 else None

    def commits(self, path: str, revision: str = "HEAD") -> list[str]:
        """Return the commits that touched a path, newest first."""
        done = self.run("log", "--format=%H", revision, "--", path, check=False)
        return done.stdout.split() if done.returncode == 0 else []

    def commit(self, message: str, *paths: str) -> str | None:
        """Commit these paths and return the commit, or None when there was nothing to commit."""
        self.run("add", "--all", "--", *paths)
        if self.run("diff", "--cached", "--quiet", "--", *paths, check=False).returncode == 0:
            return None
        self.run("commit", "--quiet", "--message", message, "--", *paths)
        return self.head()
