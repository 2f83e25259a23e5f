"""`modelops drift`: new rows against the profile of the version that runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from modelops.core import digest
from modelops.core.errors import ModelopsError, NoRows
from modelops.core.workspace import Workspace
from modelops.data.window import snapshot_end
from modelops.flow.champion import ChampionVersion, resolve
from modelops.flow.rebuild import rebuild
from modelops.flow.stages import model_folder, resolve_data
from modelops.records.data import DataRecord
from modelops.records.drift import DriftRecord
from modelops.records.profile import Profile
from modelops.release import lockfile
from modelops.spec.data import Column
from modelops.spec.load import load_spec
from modelops.spec.model import Spec
from modelops.spec.operation import Monitor


def yesterday() -> date:
    """Return the last complete day, UTC."""
    return datetime.now(UTC).date() - timedelta(days=1)


class NotLocked(ModelopsError):
    """No version of the model is locked yet."""


def drift(workspace: Workspace, name: str, as_of: date, *, report: bool = True) -> DriftRecord:
    """Compare the rows up to a day with those the running version learned from.

    The policy (`monitor`) is the spec's as it is in the working tree; everything else is the running version's.

    Parameters
    ----------
    as_of : date
        The last day (UTC, inclusive) to look at.
    report : bool
        Whether Evidently's page is written when something is found.

    Raises
    ------
    ModelopsError
        When no version is locked yet, or its profile is nowhere.
    """
    version = subject(workspace, name)
    record = compare(workspace, version, as_of)
    if not report or not record.found or record.score is None:
        return record
    return record.model_copy(update={"report": _report(workspace, version, record, as_of)})


def compare(workspace: Workspace, version: ChampionVersion, as_of: date) -> DriftRecord:
    """Compare the rows up to a day with those one version learned from."""
    name = version.spec.name
    spec = version.spec.model_copy(update={"monitor": _policy(workspace, name)})
    profile = reference(workspace, version)
    named = {"version": version.lock.version, "lock": version.digest}
    missing = nothing_newer(spec, as_of)
    if missing:
        return _unmeasured(spec, profile, as_of, missing).model_copy(update=named)
    rows = current_rows(workspace, spec, as_of)
    if rows is None:
        return _unmeasured(spec, profile, as_of, "no rows in the window").model_copy(update=named)
    return _measured(workspace, version, spec, profile, rows, as_of).model_copy(update=named)


def _policy(workspace: Workspace, name: str) -> Monitor:
    """Return the policy: today's, whichever version is looked at."""
    return load_spec(workspace.root, name).monitor


def subject(workspace: Workspace, name: str) -> ChampionVersion:
    """Return the version to look at: the champion, else the lock at hand.

    Raises
    ------
    ModelopsError
        When nothing is locked.
    """
    version = resolve(workspace, name)
    if version is not None:
        return version
    lock = lockfile.read(workspace.lock_path(name))
    if lock is None:
        raise NotLocked(
            f"{name} has no locked version, so there is nothing to compare with", hint=f"modelops run {name}"
        )
    text = workspace.lock_path(name).read_text(encoding="utf-8")
    return ChampionVersion(lock, lockfile.digest(text), "", load_spec(workspace.root, name))


def reference(workspace: Workspace, version: ChampionVersion) -> Profile:
    """Return the profile that was locked with a version.

    Raises
    ------
    ModelopsError
        When it is not beside the lock.
    """
    path = f"models/{version.spec.name}/reference.json"
    if version.commit:
        text = workspace.git.show(version.commit, path)
    else:
        file = workspace.root / path
        text = file.read_text(encoding="utf-8") if file.is_file() else None
    if text is None:
        raise ModelopsError(
            f"{path} is missing beside version {version.lock.version}", hint=f"modelops run {version.spec.name}"
        )
    try:
        return Profile.loads(text)
    except ValueError as error:
        raise ModelopsError(f"{path} is not a reference profile", hint=f"modelops run {version.spec.name}") from error


def nothing_newer(spec: Spec, as_of: date) -> str:
    """Return why there cannot be rows newer than the snapshot, empty when there can."""
    if spec.data.time is None:
        return ""
    end = datetime.combine(as_of + timedelta(days=1), time(), UTC)
    if end > snapshot_end(spec):
        return ""
    return f"{as_of.isoformat()} is not after the snapshot {spec.data.snapshot}: no newer data to look at"


def current_rows(workspace: Workspace, spec: Spec, as_of: date) -> DataRecord | None:
    """Return the rows of the monitored window up to a day, seen through the version's own query; None without any."""
    try:
        return resolve_data(workspace, watched(spec, as_of))
    except NoRows:
        return None


def watched(spec: Spec, as_of: date) -> Spec:
    """Return a version's spec, looking at the window up to a day.

    Rules of the contract only warn here: a broken one is what the reader must hear about, not the end of the run.
    Rows whose target is not final yet count, because drift looks at inputs and predictions.
    """
    columns = {name: column.model_copy(update={"level": "warning"}) for name, column in spec.data.columns.items()}
    columns[spec.data.target] = _unknown_yet(spec)
    rules = spec.data.rows.model_copy(update={"level": "warning", "min": 1})
    changes: dict[str, object] = {"columns": columns, "rows": rules}
    if spec.data.time is not None:
        changes |= {
            "snapshot": as_of.isoformat(),
            "window": spec.monitor.window or spec.data.window,
            "labels_after": None,
        }
    return spec.model_copy(update={"data": spec.data.model_copy(update=changes)})


def _unknown_yet(spec: Spec) -> Column:
    """Return the target's rules for rows whose target need not be known."""
    known = spec.data.columns.get(spec.data.target)
    column = known or Column(type="number" if spec.train.task == "regression" else "category")
    return column.model_copy(update={"level": "warning", "missing": 1.0})


def _unmeasured(spec: Spec, profile: Profile, as_of: date, note: str) -> DriftRecord:
    from modelops.drift.detect import age_trigger

    return DriftRecord(
        model=spec.name,
        as_of=as_of.isoformat(),
        snapshot=profile.snapshot,
        rows=0,
        reference_rows=profile.rows,
        note=note,
        triggers=age_trigger(spec, profile.snapshot, as_of),
    )


def _measured(
    workspace: Workspace, version: ChampionVersion, spec: Spec, profile: Profile, rows: DataRecord, as_of: date
) -> DriftRecord:
    from modelops.data.frame import read
    from modelops.drift.detect import detect
    from modelops.serving.predictor import Predictor

    frame = read(workspace.store, rows)
    predictor = Predictor.load(model_folder(workspace, rebuild(workspace, version)))
    predictions = predictor.predict({name: frame[name].to_numpy() for name in spec.features.columns})
    return detect(spec, profile, frame, predictions, as_of)


def _report(workspace: Workspace, version: ChampionVersion, record: DriftRecord, as_of: date) -> str | None:
    """Write Evidently's page and return its path below the repository; None where the training rows are gone."""
    path = workspace.cache / "reports" / record.model / f"drift-{record.as_of}.html"
    shown = path.relative_to(workspace.data_root).as_posix()
    key = digest.of_value({"drift": record.model_dump(mode="json"), "path": shown})
    if path.is_file() and workspace.store.get_record("drift-report", key) is not None:
        return shown
    rows = current_rows(workspace, version.spec.model_copy(update={"monitor": _policy(workspace, record.model)}), as_of)
    try:
        learned = resolve_data(workspace, version.spec)
    except ModelopsError:
        return None
    if rows is None or not _draw(workspace, version.spec, learned, rows, path):
        return None
    workspace.store.put_record("drift-report", key, shown)
    return shown


def _draw(workspace: Workspace, spec: Spec, learned: DataRecord, rows: DataRecord, path: Path) -> bool:
    from modelops.data.frame import read
    from modelops.data.split import split
    from modelops.drift.report import write

    frame = read(workspace.store, learned)
    return write(spec, frame[split(spec, frame).train], read(workspace.store, rows), path) is not None
