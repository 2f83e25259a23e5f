"""Late or rewritten history: a snapshot that no longer gives the rows it gave when the lock was written."""

from __future__ import annotations

from modelops.core.store import Store
from modelops.data.load import BY_CONTENT
from modelops.records.data import DataRecord
from modelops.records.lock import Lock
from modelops.spec.model import Spec

_SHOWN = 8


def difference(spec: Spec, record: DataRecord, lock: Lock, store: Store) -> str | None:
    """Return what differs between the rows of a snapshot now and when a version was locked.

    Nothing is compared, and the answer is None, when the spec asks for other data than the lock holds
    (another snapshot, query or contract): then the rows are meant to differ.

    Parameters
    ----------
    spec
        The spec, as it is now.
    record
        The rows of its snapshot, as they are now.
    lock
        A version of the same model.
    store
        Where the locked rows may still be; without them only numbers and dates can be told.

    Returns
    -------
    str or None
        A sentence that begins with the snapshot, None when the rows are the locked ones.
    """
    locked = lock.resolved.data
    if lock.resolved.spec.get("data") != spec.section_digests()["data"] or record.digest == locked.digest:
        return None
    then = store.get_record(BY_CONTENT, locked.digest)
    parts = [
        f"{record.rows:,} rows instead of {locked.rows:,}" if record.rows != locked.rows else "",
        f"the first of {record.first} instead of {locked.first}" if record.first != locked.first else "",
        f"the last of {record.last} instead of {locked.last}" if record.last != locked.last else "",
        _columns(record, DataRecord.model_validate_json(then)) if then else "",
    ]
    told = "; ".join(part for part in parts if part) or f"as many rows, {record.rows:,}, with other values"
    what = f"snapshot {record.snapshot} no longer gives the locked rows of version {lock.version}"
    return f"{what}: {told}{_rows(spec, record, then, store)}"


def _columns(now: DataRecord, then: DataRecord) -> str:
    """Return which columns have other values; of no use when rows came or went, since then all of them have."""
    added, gone = sorted(now.columns.keys() - then.columns.keys()), sorted(then.columns.keys() - now.columns.keys())
    changed = sorted(
        name for name in now.columns.keys() & then.columns.keys() if now.columns[name] != then.columns[name]
    )
    told = [
        ("other values in", changed if now.rows == then.rows else []),
        ("new column", added),
        ("without column", gone),
    ]
    return "; ".join(f"{what} {_listed(names)}" for what, names in told if names)


def _rows(spec: Spec, record: DataRecord, then: str | None, store: Store) -> str:
    """Return how many rows came, went and changed, when both sets of rows are here and have a key."""
    if then is None or not spec.data.keys:
        return ""
    before = DataRecord.model_validate_json(then)
    if not (store.has(before.frame) and store.has(record.frame)):
        return ""
    from modelops.data import compare  # imports pandas

    return compare.rows(spec, before, record, store)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
