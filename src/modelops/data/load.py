"""The data stage: from a spec to the exact rows of its snapshot, read again only when something changed."""

from __future__ import annotations

from pathlib import Path

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.data import anonymise, columns, fingerprint, sources
from modelops.records.data import DataRecord
from modelops.spec.model import Spec

VERSION = 2
STAGE = "data"
# A second name for each record, by the digest of its rows: what they were, when the source gives others now.
BY_CONTENT = "data-content"


def load(spec: Spec, root: Path, store: Store, *, check: bool = False, watch: bool = False) -> DataRecord:
    """Return the record of the rows that a spec's snapshot stands for; the rows themselves are in the store.

    When neither the spec's part nor the sources changed since a run on this store, nothing is read again: files
    are only stat-ed, objects listed, web files asked for their headers.

    Parameters
    ----------
    spec
        The model's spec.
    root
        Where relative paths of sources start.
    store
        Where the frame and the record are kept.
    check
        Read everything, whatever is remembered.
    watch
        The rows are looked at, not learnt from: broken rules are findings, and the target need not be known.

    Raises
    ------
    ModelopsError
        When a source cannot be read or changes meanwhile, the query fails, or the rows break the contract.
    """
    located = sources.locate(spec, root)
    marks = fingerprint.of_sources(spec, located, store.root / "files", check=check)
    key = _key(spec, marks, watch=watch)
    settled = all(mark is not None for mark in marks.values())
    known = _recall(store, key) if settled and not check else None
    if known is not None:
        return known
    from modelops.data import snapshot  # imports DuckDB and pyarrow

    record = snapshot.resolve(spec, located, store, watch=watch)
    if fingerprint.of_sources(spec, located, store.root / "files") != marks:
        raise ModelopsError(f"{spec.name}: a source changed while it was read", hint="run it again")
    text = record.model_dump_json()
    if not watch:
        store.put_record(BY_CONTENT, record.digest, text)
    if settled:
        store.put_record(STAGE, key, text)
    return record


def peek(spec: Spec, root: Path, store: Store) -> DataRecord | None:
    """Return the record that `load` would return without reading any rows, None when it would read them.

    Raises
    ------
    ModelopsError
        When a source is not there.
    """
    marks = fingerprint.of_sources(spec, sources.locate(spec, root), store.root / "files")
    if any(mark is None for mark in marks.values()):
        return None
    return _recall(store, _key(spec, marks))


def _recall(store: Store, key: str) -> DataRecord | None:
    text = store.get_record(STAGE, key)
    if text is None:
        return None
    record = DataRecord.model_validate_json(text)
    return record if store.has(record.frame) else None


def _key(spec: Spec, marks: dict[str, list[str] | None], *, watch: bool = False) -> str:
    """Return the digest of everything that the record depends on."""
    return digest.of_value(
        {
            "version": VERSION,
            "sources": marks,
            "data": spec.data.model_dump(mode="json"),
            "hash": anonymise.key_mark(spec),
            "columns": columns.kept(spec),
            "kinds": columns.kinds(spec),
            "categories": sorted(columns.categories(spec)),
            "features": sorted(spec.features.columns),
            "task": spec.train.task,
            **({"watch": True} if watch else {}),
        }
    )
