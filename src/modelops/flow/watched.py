"""What drift is looked for in: the version that runs, its profile, and the newest rows through its own query."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from modelops.core.errors import ModelopsError, NoRows
from modelops.core.workspace import Workspace
from modelops.data.window import snapshot_end
from modelops.flow.champion import ChampionVersion, resolve
from modelops.records.data import DataRecord
from modelops.records.profile import Profile
from modelops.release import lockfile
from modelops.spec.load import load_spec
from modelops.spec.model import Spec


class NotLocked(ModelopsError):
    """No version of the model is locked yet."""


def yesterday() -> date:
    """Return the last complete day, UTC."""
    return datetime.now(UTC).date() - timedelta(days=1)


def subject(workspace: Workspace, name: str) -> ChampionVersion:
    """Return the version to look at: the champion, else the lock at hand.

    Raises
    ------
    NotLocked
        When there is neither.
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
    model = version.spec.name
    path = f"models/{model}/reference.json"
    if version.commit:
        text = workspace.git.show(version.commit, path)
    else:
        file = workspace.root / path
        text = file.read_text(encoding="utf-8") if file.is_file() else None
    if text is None:
        raise ModelopsError(
            f"{path} is missing beside version {version.lock.version}", hint=f"modelops run {model}, and commit it"
        )
    try:
        return Profile.loads(text)
    except ValueError:
        raise ModelopsError(f"{path} is not a reference profile", hint=f"modelops run {model}") from None


def nothing_newer(spec: Spec, as_of: date) -> str:
    """Return why there cannot be rows newer than the snapshot, empty when there can."""
    if spec.data.time is None:
        return ""
    end = datetime.combine(as_of + timedelta(days=1), time(), UTC)
    if end > snapshot_end(spec):
        return ""
    return f"{as_of.isoformat()} is not after the snapshot {spec.data.snapshot}: no newer data to look at"


def current_rows(workspace: Workspace, spec: Spec, as_of: date) -> DataRecord | None:
    """Return the rows of the monitored window up to a day, seen through the version's own query; None without any.

    A broken contract is a finding here, which the reader must hear about, and not the end of the run.
    """
    from modelops.data.load import load

    try:
        return load(watched(spec, as_of), workspace.data_root, workspace.store, watch=True)
    except NoRows:
        return None


def watched(spec: Spec, as_of: date) -> Spec:
    """Return a version's spec, looking at the window up to a day.

    Rows whose target is not final yet count, because drift looks at inputs and predictions.
    """
    if spec.data.time is None:
        return spec
    window = spec.monitor.window or spec.data.window
    changes = {"snapshot": as_of.isoformat(), "window": window, "labels_after": None}
    return spec.model_copy(update={"data": spec.data.model_copy(update=changes)})
