"""`modelops run`: data → train → evaluate → package → lock, only where something changed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from modelops.core.console import step, warn
from modelops.core.files import write_atomic
from modelops.core.workspace import Workspace
from modelops.flow import stale
from modelops.flow.champion import ChampionVersion, compared_with_another, newest_version, resolve
from modelops.flow.exclusive import exclusive
from modelops.flow.lock import assemble
from modelops.flow.rebuild import remember
from modelops.flow.stages import Outcome, candidate_stages, resolve_data
from modelops.flow.track import tracked
from modelops.records.lock import Lock
from modelops.release import lockfile
from modelops.spec.load import load_spec
from modelops.spec.model import Spec


@dataclass(frozen=True)
class RunResult:
    """What a run came to.

    `reasons` is empty when nothing changed. `written` is False when nothing changed or a gate failed; a failed
    candidate's evidence is in `.modelops/candidates/<model>/`.
    """

    model: str
    lock: Lock
    reasons: tuple[str, ...]
    written: bool

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return self.lock.passed


def run(workspace: Workspace, name: str, *, refresh: bool = False, check_data: bool = False) -> RunResult:
    """Bring a model's lock up to date with its spec, code and data.

    Raises
    ------
    ModelopsError
        When the spec, the data or the estimator is wrong, or another run of the model is under way.
    """
    with exclusive(workspace.cache, name):
        spec = load_spec(workspace.root, name)
        lock = lockfile.read(workspace.lock_path(name))
        found = stale.reasons(workspace, spec, lock)
        if (
            lock
            and found
            and all(reason.stage == "lock" for reason in found)
            and stale.profile_whole(workspace, name, lock)
        ):
            return _refresh_serve(workspace, spec, lock, found)
        why = [reason.text for reason in found]
        if lock and not found:
            why += _data_moved(workspace, spec, lock, check_data)
            why += ["the champion is another one now"] if compared_with_another(workspace, name, lock) else []
            why += ["refresh asked for"] if refresh else []
            if not why:
                return RunResult(name, lock, (), written=False)
        return _make(workspace, spec, tuple(why), refresh=refresh, check_data=check_data)


def _data_moved(workspace: Workspace, spec: Spec, lock: Lock, check_data: bool) -> list[str]:
    from modelops.data.history import difference

    moved = difference(spec, resolve_data(workspace, spec, check=check_data), lock, workspace.store)
    if moved is None:
        return []
    warn(moved)
    return [moved]


def _refresh_serve(workspace: Workspace, spec: Spec, lock: Lock, found: tuple[stale.Reason, ...]) -> RunResult:
    """Take over a changed `serve` section: nothing is trained or built, the version stays."""
    resolved = lock.resolved.model_copy(update={"spec": spec.section_digests()})
    fresh = lock.model_copy(update={"resolved": resolved})
    lockfile.write(workspace.lock_path(spec.name), fresh)
    return RunResult(spec.name, fresh, tuple(reason.text for reason in found), written=True)


def _make(workspace: Workspace, spec: Spec, why: tuple[str, ...], *, refresh: bool, check_data: bool) -> RunResult:
    champion = resolve(workspace, spec.name)
    with tracked(workspace) as log:
        with step("data") as running:
            data = resolve_data(workspace, spec, check=check_data)
            running.result = f"snapshot {data.snapshot}, {data.rows:,} rows"
        outcome = candidate_stages(workspace, spec, data, champion, refresh=refresh)
        lock = assemble(workspace, spec, champion, outcome, _next_version(workspace, spec.name, champion))
        log(spec, lock, outcome, champion)
        _write(workspace, spec, lock, outcome)
    return RunResult(spec.name, lock, why, written=lock.passed)


def _write(workspace: Workspace, spec: Spec, lock: Lock, outcome: Outcome) -> None:
    remember(workspace, lock, outcome.train)
    folder = workspace.model_dir(spec.name) if lock.passed else workspace.cache / "candidates" / spec.name
    with step("lock") as running:
        write_atomic(folder / "reference.json", outcome.profile)
        write_atomic(folder / "README.md", _card(spec, lock, outcome))
        lockfile.write(folder / "lock.yaml", lock)
        running.result = f"version {lock.version}" if lock.passed else "not written: a gate failed"
    if lock.passed:
        shutil.rmtree(workspace.cache / "candidates" / spec.name, ignore_errors=True)


def _next_version(workspace: Workspace, name: str, champion: ChampionVersion | None) -> int:
    """Return one more than the newest version on the base branch; a candidate made again keeps its number."""
    return max(newest_version(workspace, name), champion.lock.version if champion else 0) + 1


def _card(spec: Spec, lock: Lock, outcome: Outcome) -> str:
    from modelops.report import card

    return card.render(spec, lock, outcome.evaluation)
