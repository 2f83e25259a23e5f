"""Experiment tracking around a run: the logging process gets ready while the stages work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modelops.core.workspace import Workspace
from modelops.flow.champion import ChampionVersion
from modelops.flow.stages import Outcome
from modelops.records.lock import Lock
from modelops.spec.model import Spec

Log = Callable[[Spec, Lock, Outcome, ChampionVersion | None], None]


@contextmanager
def tracked(workspace: Workspace) -> Iterator[Log]:
    """Give a function that writes a run down; it is sent at the end, once everything else is done.

    A tracking server that is away is a warning, never a failure.
    """
    from modelops.train import tracking
    from modelops.train.entry import entry

    uri = workspace.settings.tracking.uri
    tracker = tracking.start(workspace.cache, workspace.data_root, uri)

    def log(spec: Spec, lock: Lock, outcome: Outcome, champion: ChampionVersion | None) -> None:
        run = entry(
            spec,
            outcome.data,
            outcome.train,
            outcome.evaluation,
            version=lock.version,
            commit=workspace.git.head(),
            champion=champion.lock.resolved.model.digest if champion else None,
            reports=write_report(workspace, spec, lock, outcome),
        )
        tracker.log(run)

    try:
        yield log
        tracking.say(tracker.finish(), uri)
    finally:
        tracker.stop()


def write_report(workspace: Workspace, spec: Spec, lock: Lock, outcome: Outcome) -> dict[str, str]:
    """Write the evaluation report of a run beside it, and return its files as blobs by name."""
    from modelops.report import page

    folder = workspace.cache / "reports" / spec.name
    files = page.write(folder, spec, lock, outcome.evaluation, workspace.store)
    return {path.name: workspace.store.put_file(path) for path in files}
