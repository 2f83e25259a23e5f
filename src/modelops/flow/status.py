"""What runs where, since when, by whose commit."""

from __future__ import annotations

from dataclasses import dataclass

from modelops.core.workspace import Workspace
from modelops.records.lock import Lock
from modelops.records.release import Release
from modelops.release import history, lockfile, pins
from modelops.spec.load import load_all


@dataclass(frozen=True)
class Running:
    """One model in one environment.

    `release` is None where the model could run but does not. `since`, `by` and `commit` are None for a pin that is not
    committed. `newest` is the version locked now, `current` whether that is what runs.
    """

    model: str
    environment: str
    release: Release | None
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
    return [
        _running(workspace, name, environment)
        for name in names
        for environment in workspace.settings.environments
        if specs[name].serve.runs_in(environment)
    ]


def _locked(workspace: Workspace, name: str) -> tuple[Lock | None, str | None]:
    path = workspace.lock_path(name)
    lock = lockfile.read(path)
    return lock, lockfile.digest(path.read_text(encoding="utf-8")) if lock else None


def _running(workspace: Workspace, name: str, environment: str) -> Running:
    lock, digest = _locked(workspace, name)
    folder = workspace.release_dir(environment, name)
    release = pins.read(folder / pins.NAME)
    change = None
    if release is not None and workspace.git.head() is not None:
        known = history.changes(workspace.git, folder.relative_to(workspace.root).as_posix())
        change = history.since(known, release)
    return Running(
        model=name,
        environment=environment,
        release=release,
        since=change.date if change else None,
        by=change.author if change else None,
        commit=change.commit if change else None,
        newest=lock.version if lock else None,
        current=release is not None and release.lock == digest,
    )
