"""A pull request that moves one pin, made from a temporary worktree: the user's own working tree is not touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.forge import PullRequest, connect
from modelops.core.workspace import Workspace
from modelops.core.worktree import commit_all, push, worktree
from modelops.records.release import Release
from modelops.release.move import Move
from modelops.spec.load import load_settings


@dataclass(frozen=True)
class Requested:
    """A move, and its pull request: None when the base branch already is where the move leads."""

    move: Move
    pull: PullRequest | None


def request(workspace: Workspace, verb: str, name: str, move: Callable[[Workspace], Move]) -> Requested:
    """Make a move on top of the base branch at origin and open, or update, its pull request.

    Parameters
    ----------
    workspace
        The user's repository.
    verb
        `release`, `promote` or `rollback`: part of branch and title.
    name
        The model.
    move
        Makes the move in the workspace it is given.

    Raises
    ------
    ModelopsError
        Without an origin, or when the move is refused there.
    """
    git, branch = workspace.git, workspace.settings.branch
    forge = connect(workspace.settings, git)
    if git.run("fetch", "--quiet", "origin", branch, check=False).returncode != 0:
        raise ModelopsError(f"origin has no branch {branch}, or cannot be reached", hint=f"git push origin {branch}")
    with worktree(git, "FETCH_HEAD") as tree:
        moved = move(Workspace(tree.root, load_settings(tree.root), main=workspace.data_root))
        title = f"{verb.capitalize()} {name}: version {moved.after.version} in {moved.after.environment}"
        if commit_all(tree, title, f"argocd/environments/{moved.after.environment}/{name}") is None:
            return Requested(moved, None)
        topic = f"{verb}/{moved.after.environment}/{name}"
        push(tree, topic)
        pull = forge.open(topic, branch, title, body(moved), {"verb": verb, **moved.after.model_dump(mode="json")})
    return Requested(moved, pull)


def body(move: Move) -> str:
    """Return the text of a pull request that moves a pin."""
    after = move.after
    lines = [
        f"`{after.environment}` {_from(move.before)} version {after.version} of `{after.model}`.",
        "",
        "| | before | after |",
        "| --- | --- | --- |",
        *(f"| {label} | {_cell(move.before, field)} | {_cell(after, field)} |" for label, field in FIELDS),
        "",
        *(f"- {note.strip()}" for note in move.notes),
        *([""] if move.notes else []),
        f"The evidence on this version is in `models/{after.model}/README.md` at the commit that locked it.",
        "",
        f"To go back after the merge: `modelops rollback {after.model} --in {after.environment} --pull-request`, "
        "or revert the merge.",
    ]
    return "\n".join(lines) + "\n"


FIELDS = (("version", "version"), ("snapshot", "snapshot"), ("image", "image"), ("Bento", "bento"), ("lock", "lock"))


def _from(before: Release | None) -> str:
    return "gets its first version:" if before is None else f"goes from version {before.version} to"


def _cell(release: Release | None, field: str) -> str:
    value = getattr(release, field) if release else None
    if value is None:
        return "–"
    text = str(value)
    return f"`{digest.short(text)}`" if text.startswith(digest.PREFIX) else text.replace("|", "\\|")
