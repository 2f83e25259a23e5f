"""What an environment ran, and when, from the history of its pin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modelops.core.errors import InvalidFile, ModelopsError
from modelops.core.git import Git
from modelops.records.release import Release
from modelops.release import pins

# One record of `git log`: commit, time of the commit (ISO 8601), author.
_FORMAT = "--format=%x01%H%x00%cI%x00%an"


@dataclass(frozen=True)
class Commit:
    """Who changed something, and when."""

    commit: str
    date: str
    author: str


@dataclass(frozen=True)
class Change(Commit):
    """A commit after which an environment ran `release`."""

    release: Release


def changes(git: Git, folder: str) -> list[Change]:
    """Return the commits on the way to HEAD that touched a model's folder in an environment, newest first.

    Only commits of the branch itself count, not those inside the branches merged into it: no environment ever ran
    those. Commits without a readable pin are left out.
    """
    log = git.run("log", "--first-parent", _FORMAT, "HEAD", "--", folder, check=False).stdout
    found = []
    for record in log.split("\1")[1:]:
        commit, date, author = record.strip("\n").split("\0")
        release = _pin(git, commit, f"{folder}/{pins.NAME}")
        if release is not None:
            found.append(Change(commit, date, author, release))
    return found


def _pin(git: Git, commit: str, path: str) -> Release | None:
    text = git.show(commit, path)
    try:
        return pins.parse(text, path) if text is not None else None
    except InvalidFile:
        return None


def arrivals(git: Git, folder: str) -> dict[str, Commit]:
    """Return, for every file below a folder, the newest commit on the way to HEAD that changed it."""
    log = git.run("log", "--first-parent", "-m", "--name-only", _FORMAT, "HEAD", "--", folder, check=False).stdout
    found: dict[str, Commit] = {}
    for record in log.split("\1")[1:]:
        head, _, paths = record.partition("\n")
        commit = Commit(*head.split("\0"))
        for path in paths.split("\n"):
            found.setdefault(path, commit)
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


def is_whole(git: Git) -> bool:
    """Return whether the whole history is here, False in a shallow clone."""
    return git.out("rev-parse", "--is-shallow-repository") == "false"


def require_whole(git: Git) -> None:
    """Refuse to judge by a history that was cut off.

    Raises
    ------
    ModelopsError
        In a shallow clone.
    """
    if not is_whole(git):
        raise ModelopsError(
            "this clone has only part of the history, which says what ran before", hint="git fetch --unshallow"
        )
