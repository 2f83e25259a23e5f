"""Who the champion is: read from git alone, so that a laptop, a runner and a reviewer agree.

The champion is what the last environment that runs the model runs (production, else staging), as the base branch
says; else the lock on the base branch; else there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelops.core.errors import ModelopsError
from modelops.core.git import Git
from modelops.core.workspace import Workspace
from modelops.records.lock import Lock
from modelops.spec.model import Spec


@dataclass(frozen=True)
class ChampionVersion:
    """A locked version found in history, with the spec and the commit it was locked in."""

    lock: Lock
    digest: str
    commit: str
    spec: Spec


def base_revision(git: Git, branch: str) -> str:
    """Return the revision that stands for the base branch: HEAD on that branch itself, else its tip.

    Raises
    ------
    ModelopsError
        Outside a git repository or before its first commit.
    """
    if git.head() is None:
        raise ModelopsError(
            f"{git.root} is not a git repository with a commit",
            hint="run git init, git add --all and git commit: modelops reads history to know the champion",
        )
    current = git.run("symbolic-ref", "--quiet", "--short", "HEAD", check=False).stdout.strip()
    if current == branch:
        return "HEAD"
    for revision in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"):
        if git.run("rev-parse", "--verify", "--quiet", revision, check=False).returncode == 0:
            return revision
    return "HEAD"


def base_lock(workspace: Workspace, name: str) -> str | None:
    """Return the text of the lock on the base branch, None when it has none."""
    base = base_revision(workspace.git, workspace.settings.branch)
    return workspace.git.show(base, f"models/{name}/lock.yaml")


def base_lock_digest(workspace: Workspace, name: str) -> str | None:
    """Return the digest of the lock on the base branch, None when it has none."""
    from modelops.release import lockfile

    text = base_lock(workspace, name)
    return None if text is None else lockfile.digest(text)


def newest_version(workspace: Workspace, name: str) -> int:
    """Return the version that the base branch has locked, 0 before the first."""
    from modelops.release import lockfile

    text = base_lock(workspace, name)
    return 0 if text is None else lockfile.parse(text, f"models/{name}/lock.yaml").version


def compared_with_another(workspace: Workspace, name: str, lock: Lock) -> bool:
    """Return whether a lock is a candidate's, compared with a champion that is no longer the champion.

    A version that the base branch has already is history, whatever was promoted since.
    """
    return lock.version > newest_version(workspace, name) and lock.parent != champion_digest(workspace, name)


def champion_digest(workspace: Workspace, name: str) -> str | None:
    """Return the digest of the champion's lock, None when there is no champion."""
    from modelops.release import pins

    base = base_revision(workspace.git, workspace.settings.branch)
    for environment in reversed(workspace.settings.environments):
        path = (workspace.release_dir(environment, name) / "release.yaml").relative_to(workspace.root).as_posix()
        text = workspace.git.show(base, path)
        if text is not None:
            return pins.parse(text, path).lock
    return base_lock_digest(workspace, name)


def resolve(workspace: Workspace, name: str) -> ChampionVersion | None:
    """Return the champion of a model, None when there is none.

    Raises
    ------
    ModelopsError
        When an environment runs a version whose lock is nowhere in the history.
    """
    wanted = champion_digest(workspace, name)
    return None if wanted is None else find_version(workspace, name, wanted)


def find_version(workspace: Workspace, name: str, wanted: str) -> ChampionVersion:
    """Return the locked version with this lock digest from the history of the base branch.

    Raises
    ------
    ModelopsError
        When no commit holds such a lock.
    """
    from modelops.release import lockfile
    from modelops.spec.load import parse_spec

    git = workspace.git
    path = f"models/{name}/lock.yaml"
    base = base_revision(git, workspace.settings.branch)
    for commit in dict.fromkeys((*git.commits(path, base), *git.commits(path))):
        text = git.show(commit, path)
        if text is None or lockfile.digest(text) != wanted:
            continue
        spec_path = f"specs/{name}.yaml"
        spec_text = git.show(commit, spec_path)
        if spec_text is None:
            raise ModelopsError(f"commit {commit[:12]} holds the lock of {name} but not {spec_path}")
        return ChampionVersion(lockfile.parse(text, path), wanted, commit, parse_spec(spec_text, spec_path))
    raise ModelopsError(
        f"no commit holds the lock {wanted} of {name}",
        hint="fetch the whole history (git fetch --unshallow), or release a version that is in it",
    )
