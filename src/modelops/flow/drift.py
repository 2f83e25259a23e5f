"""`modelops drift`: new rows against the profile of the version that runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from modelops.core import digest
from modelops.core.console import step
from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.champion import ChampionVersion
from modelops.flow.rebuild import model_of
from modelops.flow.stages import resolve_data
from modelops.flow.watched import current_rows, nothing_newer, reference, subject
from modelops.records.data import DataRecord
from modelops.records.drift import DriftRecord
from modelops.records.profile import Profile
from modelops.spec.load import load_spec
from modelops.spec.model import Spec


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
    with step("drift report") as running:
        page = _page(workspace, _with_policy(workspace, version), record, as_of)
        running.result = page or "none: the rows that were trained on are gone"
    return record.model_copy(update={"report": page})


def compare(workspace: Workspace, version: ChampionVersion, as_of: date) -> DriftRecord:
    """Compare the rows up to a day with those one version learned from."""
    spec = _with_policy(workspace, version)
    profile = reference(workspace, version)
    missing = nothing_newer(spec, as_of)
    rows = None if missing else current_rows(workspace, spec, as_of)
    if rows is None:
        record = _unmeasured(spec, profile, as_of, missing or "no rows in the window")
    elif spec.data.time is None and rows.digest == resolved_rows(version):
        record = _unmeasured(spec, profile, as_of, "the rows are those that were trained on: no newer data to look at")
    else:
        record = _measured(workspace, version, spec, profile, rows, as_of)
    return record.model_copy(update={"version": version.lock.version, "lock": version.digest})


def resolved_rows(version: ChampionVersion) -> str:
    """Return the digest of the rows that were locked."""
    return version.lock.resolved.data.digest


def _with_policy(workspace: Workspace, version: ChampionVersion) -> Spec:
    """Return the version's spec with today's policy."""
    policy = load_spec(workspace.root, version.spec.name).monitor
    return version.spec.model_copy(update={"monitor": policy})


def _unmeasured(spec: Spec, profile: Profile, as_of: date, note: str) -> DriftRecord:
    from modelops.drift.triggers import age_trigger

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
    predictor = Predictor.load(model_of(workspace, version))
    predictions = predictor.predict({name: frame[name].to_numpy() for name in spec.features.columns})
    record = detect(spec, profile, frame, predictions, as_of)
    return record.model_copy(update={"findings": tuple(finding.message for finding in rows.findings)})


def _page(workspace: Workspace, spec: Spec, record: DriftRecord, as_of: date) -> str | None:
    """Write Evidently's page and return its path below the repository; None where the training rows are gone."""
    path = workspace.cache / "reports" / spec.name / f"drift-{record.as_of}.html"
    shown = path.relative_to(workspace.data_root).as_posix()
    key = digest.of_value(record.model_dump(mode="json"))
    if path.is_file() and workspace.store.get_record("drift-report", key) == shown:
        return shown
    try:
        learned, rows = resolve_data(workspace, spec), current_rows(workspace, spec, as_of)
    except ModelopsError:
        return None
    if rows is None or not _draw(workspace, spec, learned, rows, path):
        return None
    workspace.store.put_record("drift-report", key, shown)
    return shown


def _draw(workspace: Workspace, spec: Spec, learned: DataRecord, rows: DataRecord, path: Path) -> bool:
    from modelops.data.frame import read
    from modelops.data.split import split
    from modelops.drift.report import write

    frame = read(workspace.store, learned)
    return write(spec, frame[split(spec, frame).train], read(workspace.store, rows), path) is not None
