"""The branch of a proposal: one commit of ours on top of the base, replaced as a whole, never somebody else's."""

from __future__ import annotations

import os
from dataclasses import dataclass

from modelops.core.errors import ModelopsError
from modelops.core.git import Git
from modelops.core.github import git_credentials

# Says that the commit is this tool's, unchanged: the digest of its own tree.
TRAILER = "Modelops-Tree"
AUTHOR = ("modelops", "modelops@users.noreply.github.com")


def fetch_base(git: Git, base: str) -> str:
    """Bring the base branch of origin up to date here and return its commit; no working tree is touched.

    Raises
    ------
    ModelopsError
        When origin cannot be reached or has no such branch.
    """
    reference = f"refs/remotes/origin/{base}"
    done = git.run(
        *git_credentials(), "fetch", "--quiet", "--no-tags", "origin", f"+refs/heads/{base}:{reference}", check=False
    )
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        raise ModelopsError(
            f"cannot fetch {base} from origin: {words[-1] if words else done.returncode}",
            hint=f"check git remote -v, and push {base} once: git push origin {base}",
        )
    return git.out("rev-parse", reference)


@dataclass(frozen=True)
class Branch:
    """A branch of origin. `foreign` says that somebody else's work is on it."""

    commit: str
    foreign: bool

    @classmethod
    def read(cls, git: Git, name: str, base: str) -> Branch | None:
        """Return the branch as origin has it now, None when it has none."""
        listing = git.out(*git_credentials(), "ls-remote", "origin", f"refs/heads/{name}")
        if not listing:
            return None
        commit = listing.split()[0]
        git.run(*git_credentials(), "fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{name}")
        return cls(commit, foreign=not _ours(git, commit, base))


def write_commit(git: Git, base: str, message: str, paths: list[str]) -> str:
    """Return a new commit on top of the base with these paths as they are in this working tree; no hook runs."""
    git.run("add", "--all", "--", *paths)
    tree = git.out("write-tree")
    return git.out(*_identity(git), "commit-tree", "-p", base, "-m", message, "-m", f"{TRAILER}: {tree}", tree)


def push(git: Git, name: str, commit: str, before: Branch | None) -> None:
    """Make the branch of origin this commit, unless it moved since it was read.

    Raises
    ------
    ModelopsError
        When it moved, or origin refuses.
    """
    expected = before.commit if before else ""
    lease = f"--force-with-lease=refs/heads/{name}:{expected}"
    target = f"{commit}:refs/heads/{name}"
    done = git.run(*git_credentials(), "push", "--quiet", "--no-verify", lease, "origin", target, check=False)
    if done.returncode == 0:
        return
    if "stale info" in done.stderr:
        raise ModelopsError(
            f"somebody pushed to {name} while the candidate was trained; nothing was overwritten",
            hint="run it again to see what is there now",
        )
    words = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("hint:")]
    raise ModelopsError(f"origin does not take {name}: {words[-1].strip() if words else done.returncode}")


def _ours(git: Git, commit: str, base: str) -> bool:
    """Return whether the branch ends in one untouched commit of this tool, or holds nothing that the base has not."""
    if git.run("merge-base", "--is-ancestor", commit, base, check=False).returncode == 0:
        return True
    tree, parents, message = git.out("show", "-s", "--format=%T%n%P%n%B", commit).split("\n", 2)
    return f"{TRAILER}: {tree}" in message.splitlines() and len(parents.split()) == 1


def _identity(git: Git) -> tuple[str, ...]:
    """Return what makes commits possible where nobody told git a name, as on a runner."""
    if "GIT_AUTHOR_EMAIL" in os.environ or git.run("config", "user.email", check=False).stdout.strip():
        return ()
    return ("-c", f"user.name={AUTHOR[0]}", "-c", f"user.email={AUTHOR[1]}")
