"""What runs where, since when, by whose commit."""

from __future__ import annotations

from dataclasses import dataclass

from modelops.core.workspace import Workspace
from modelops.records.lock import Lock
from modelops.records.release import Release
from modelops.release import history, lockfile, pins
from modelops.spec.load import load_all

FOLDER = "argocd/environments"


@dataclass(frozen=True)
class Running:
    """One model in one environment.

    `release` is None where the model could run but does not. `committed` says whether the pin is in git as it is here.
    `since`, `by` and `commit` are None for a pin that is not, and in a shallow clone. `newest` is the version locked
    now, `current` whether that is what runs.
    """

    model: str
    environment: str
    release: Release | None
    committed: bool
    since: str | None
    by: str | None
    commit: str | None
    newest: int | None
    current: bool


def status(workspace: Workspace, names: list[str]) -> list[Running]:
    """Return the state of these models in every environment they run in, in promotion order.

    Raises
    ------
    InvalidFile
        When a spec, a lock or a pin is damaged.
    """
    specs = load_all(workspace.root)
    git = workspace.git
    known = git.head() is not None
    arrived = history.arrivals(git, FOLDER) if known and history.is_whole(git) else {}
    unsaved = git.changed(FOLDER) if known else None
    locks = {name: _locked(workspace, name) for name in names}
    return [
        _running(workspace, name, environment, locks[name], arrived, unsaved)
        for name in names
        for environment in workspace.settings.environments
        if specs[name].serve.runs_in(environment)
    ]


def _running(
    workspace: Workspace,
    name: str,
    environment: str,
    locked: tuple[Lock | None, str | None],
    arrived: dict[str, history.Commit],
    unsaved: list[str] | None,
) -> Running:
    lock, digest = locked
    path = workspace.release_dir(environment, name) / pins.NAME
    relative = path.relative_to(workspace.root).as_posix()
    release = pins.read(path)
    committed = release is not None and unsaved is not None and relative not in unsaved
    commit = arrived.get(relative) if committed else None
    return Running(
        model=name,
        environment=environment,
        release=release,
        committed=committed,
        since=commit.date if commit else None,
        by=commit.author if commit else None,
        commit=commit.commit if commit else None,
        newest=lock.version if lock else None,
        current=release is not None and release.lock == digest,
    )


def _locked(workspace: Workspace, name: str) -> tuple[Lock | None, str | None]:
    path = workspace.lock_path(name)
    lock = lockfile.read(path)
    return lock, lockfile.digest(path.read_text(encoding="utf-8")) if lock else None
