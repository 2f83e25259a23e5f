"""What an environment ran, and when, from the history of its pin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modelops.core.errors import InvalidFile, ModelopsError
from modelops.core.git import Git
from modelops.records.release import Release
from modelops.release import manifests, pins


@dataclass(frozen=True)
class Change:
    """A commit after which an environment ran `release`, with the manifests it had then (None without any)."""

    commit: str
    date: str
    author: str
    release: Release
    manifests: str | None


def changes(git: Git, folder: str) -> list[Change]:
    """Return the commits on the way to HEAD that touched a model's folder in an environment, newest first.

    Only commits of the branch itself count, not those inside the branches merged into it: no environment ever ran
    those. Commits without a readable pin are left out.
    """
    done = git.run("log", "--first-parent", "--format=%H%x00%cI%x00%an", "HEAD", "--", folder, check=False)
    found = []
    for line in done.stdout.splitlines():
        commit, date, author = line.split("\0")
        release = _pin(git, commit, f"{folder}/{pins.NAME}")
        if release is not None:
            found.append(Change(commit, date, author, release, git.show(commit, f"{folder}/{manifests.NAME}")))
    return found


def _pin(git: Git, commit: str, path: str) -> Release | None:
    text = git.show(commit, path)
    try:
        return pins.parse(text, path) if text is not None else None
    except InvalidFile:
        return None


def since(history: Sequence[Change], release: Release) -> Change | None:
    """Return the commit that brought what runs now, None when HEAD runs something else."""
    found = None
    for change in history:
        if change.release != release:
            break
        found = change
    return found


def previous(history: Sequence[Change]) -> Change | None:
    """Return the newest state with what ran before the version at HEAD, None when that was the first.

    A rollback takes the version it left out of the line: after 1, 2, 3 and back to 2, what ran before is 1, not 3.
    """
    line: list[Release] = []
    for change in reversed(history):
        if change.release in line:
            del line[line.index(change.release) + 1 :]
        else:
            line.append(change.release)
    return newest(history, line[-2]) if len(line) > 1 else None


def newest(history: Sequence[Change], release: Release) -> Change:
    """Return the newest state in which this pin held."""
    return next(change for change in history if change.release == release)


def with_version(history: Sequence[Change], version: int) -> Change | None:
    """Return the newest state in which this version ran, None when it never did."""
    return next((change for change in history if change.release.version == version), None)


def require_whole(git: Git) -> None:
    """Refuse to judge by a history that was cut off.

    Raises
    ------
    ModelopsError
        In a shallow clone.
    """
    if git.out("rev-parse", "--is-shallow-repository") == "true":
        raise ModelopsError(
            "this clone has only part of the history, which says what ran before", hint="git fetch --unshallow"
        )
