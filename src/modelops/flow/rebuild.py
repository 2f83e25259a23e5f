"""A locked version's model again: from the store, else trained again from its lock."""

from __future__ import annotations

from pathlib import Path

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic
from modelops.core.workspace import Workspace
from modelops.flow.champion import ChampionVersion
from modelops.flow.stages import model_folder, resolve_data
from modelops.records.lock import Lock
from modelops.records.train import TrainRecord
from modelops.spec.model import Spec


def version_key(lock: Lock) -> str:
    """Return the key under which the store keeps the model of a lock."""
    resolved = lock.resolved
    return digest.of_value(
        {"spec": resolved.spec, "data": resolved.data.digest, "code": resolved.code, "model": resolved.model.digest}
    )


def remember(workspace: Workspace, lock: Lock, trained: TrainRecord) -> None:
    """Let the store find a lock's model again."""
    workspace.store.put_record("version", version_key(lock), trained.model_dump_json())


def model_of(workspace: Workspace, version: ChampionVersion) -> Path:
    """Return the folder of a locked version's model, as the predictor reads it.

    It comes from the store, else from MLflow, else it is trained again from its lock.

    Raises
    ------
    ModelopsError
        When it is nowhere, and the rows or the model are no longer those that were locked.
    """
    record = stored(workspace, version.lock)
    if record is not None:
        return model_folder(workspace, record)
    return tracked_model(workspace, version) or model_folder(workspace, rebuild(workspace, version))


def tracked_model(workspace: Workspace, version: ChampionVersion) -> Path | None:
    """Return the folder of a version's model as MLflow kept it, None when it has none with the locked digest."""
    from modelops.train.retrieve import retrieve

    wanted = version.lock.resolved.model
    folder = workspace.cache / "served" / f"mlflow-{digest.short(wanted.digest)}"
    uri = workspace.settings.tracking.uri
    return folder if retrieve(workspace.data_root, uri, version.spec.name, wanted, folder) else None


def stored(workspace: Workspace, lock: Lock) -> TrainRecord | None:
    """Return the record of a lock's model when the store has all its files."""
    known = workspace.store.get_record("version", version_key(lock))
    if known is None:
        return None
    record = TrainRecord.model_validate_json(known)
    return record if all(workspace.store.has(blob) for blob in record.files.values()) else None


def rebuild(workspace: Workspace, version: ChampionVersion) -> TrainRecord:
    """Return the record of a locked version's model: the store's, else that of training it again.

    A search is not repeated: the parameters are the lock's.

    Raises
    ------
    ModelopsError
        When the rows or the model are no longer those that were locked.
    """
    known = stored(workspace, version.lock)
    if known is not None:
        return known
    record = train_again(workspace, version)
    if record.model.digest != version.lock.resolved.model.digest and same_platform(record, version.lock):
        raise ModelopsError(
            f"training version {version.lock.version} of {version.spec.name} again gave another model "
            f"({digest.short(record.model.digest)}, locked {digest.short(version.lock.resolved.model.digest)})",
            hint="the lock was changed by hand, or training is not deterministic: run modelops verify",
        )
    remember(workspace, version.lock, record)
    return record


def train_again(workspace: Workspace, version: ChampionVersion) -> TrainRecord:
    """Train a locked version again from its rows, code and parameters.

    Raises
    ------
    ModelopsError
        When the snapshot no longer gives the locked rows.
    """
    from modelops.data.history import difference
    from modelops.train.run import train

    locked = version.lock.resolved
    data = resolve_data(workspace, version.spec)
    if data.digest != locked.data.digest:
        then = f"snapshot {locked.data.snapshot} no longer gives the {locked.data.rows:,} locked rows"
        raise ModelopsError(
            f"{version.spec.name}: {difference(version.spec, data, version.lock, workspace.store) or then}",
            hint="bring the locked rows back, or lock a new version with modelops run",
        )
    return train(pinned(version.spec, version.lock), data, code_root(workspace, version), workspace.store)


def pinned(spec: Spec, lock: Lock) -> Spec:
    """Return the spec with the lock's parameters instead of a search."""
    settled = {"params": lock.resolved.params, "search": None}
    return spec.model_copy(update={"train": spec.train.model_copy(update=settled)})


def same_platform(record: TrainRecord, lock: Lock) -> bool:
    """Return whether a model was made on the lock's platform with the lock's library versions."""
    return (record.platform, record.environment) == (lock.resolved.platform, lock.resolved.environment)


def code_root(workspace: Workspace, version: ChampionVersion) -> Path:
    """Lay out the version's own code, as its commit has it, and return the folder that holds `models/`."""
    root = workspace.cache / "versions" / digest.short(version.digest)
    folder = f"models/{version.spec.name}"
    listing = workspace.git.out("ls-tree", "--name-only", version.commit, f"{folder}/").splitlines()
    for path in listing:
        if path.endswith(".py"):
            write_atomic(root / path, workspace.git.show(version.commit, path) or "")
    return root
