"""A pull request that moves one pin, made in a temporary worktree: the user's own working tree is not touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.forge import PullRequest, connect
from modelops.core.workspace import Workspace
from modelops.core.worktree import worktree
from modelops.flow.branch import Branch, fetch_base, push, write_commit
from modelops.flow.champion import find_version
from modelops.records.lock import Lock
from modelops.records.release import Release
from modelops.release.move import Move
from modelops.report import markdown
from modelops.spec.load import load_settings

FIELDS = ("version", "snapshot", "image", "bento", "lock")


@dataclass(frozen=True)
class Requested:
    """A move, and its pull request: None when the base branch already is where the move leads."""

    move: Move
    pull: PullRequest | None


def request(workspace: Workspace, verb: str, name: str, move: Callable[[Workspace], Move]) -> Requested:
    """Make a move on top of the base branch of origin, and open or update its pull request.

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
        Without a reachable origin, when the move is refused there, or when somebody else pushed to its branch.
    """
    git, base = workspace.git, workspace.settings.branch
    forge = connect(workspace.settings, git)
    start = fetch_base(git, base)
    with worktree(git, start) as tree:
        there = Workspace(tree.root, load_settings(tree.root), main=workspace.data_root)
        moved = move(there)
        if not moved.changed:
            return Requested(moved, None)
        title = f"{verb.capitalize()} {name}: version {moved.after.version} in {moved.after.environment}"
        topic = f"{verb}/{moved.after.environment}/{name}"
        before = Branch.read(git, topic, base=start)
        if before is not None and before.foreign:
            raise ModelopsError(
                f"somebody pushed to branch {topic} of origin: it is left alone",
                hint=f"merge or close its pull request, then delete it: git push origin --delete {topic}",
            )
        text = body(moved, find_version(there, name, moved.after.lock).lock)
        folder = there.release_dir(moved.after.environment, name).relative_to(tree.root).as_posix()
        push(git, topic, write_commit(tree, start, title, [folder]), before)
    metadata = {"verb": verb, **moved.after.model_dump(mode="json")}
    return Requested(moved, forge.open(topic, base, title, text, metadata))


def body(move: Move, lock: Lock) -> str:
    """Return the text of a pull request that moves a pin, with the evidence that its version was merged on."""
    after = move.after
    name, environment = markdown.code(after.model), markdown.code(after.environment)
    lead = "gets its first version" if move.before is None else f"goes from version {move.before.version} to version"
    moved = [(field, _cell(move.before, field), _cell(after, field)) for field in FIELDS]
    gates = [(markdown.escape(gate.gate), markdown.number(gate.value), gate.status) for gate in lock.gates]
    parts = [
        f"{environment} {lead} {after.version} of {name}.\n",
        markdown.table(("", "now", "after the merge"), moved),
        "".join(f"- {markdown.code(note)}\n" for note in move.notes),
        f"### Evidence on version {after.version}\n",
        markdown.table(("gate", "value", "verdict"), gates) or "The spec names no gates.\n",
        "### Going back\n",
        f"`modelops rollback {after.model} --in {after.environment} --pull-request`, or revert the merge commit.\n",
    ]
    return "\n".join(part for part in parts if part)


def _cell(release: Release | None, field: str) -> str:
    value = getattr(release, field) if release else None
    if value is None:
        return "–"
    text = str(value)
    return markdown.code(digest.short(text) if text.startswith(digest.PREFIX) else text)
