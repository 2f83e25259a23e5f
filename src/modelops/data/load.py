"""The data stage: from a spec to the exact rows of its snapshot, read again only when something changed."""

from __future__ import annotations

from pathlib import Path

from modelops.core import digest
from modelops.core.store import Store
from modelops.data import columns, memory, sources
from modelops.records.data import DataRecord
from modelops.spec.model import Spec

VERSION = 1
STAGE = "data"


def load(spec: Spec, root: Path, store: Store, *, check: bool = False) -> DataRecord:
    """Return the record of the rows that a spec's snapshot stands for; the rows themselves are in the store.

    When neither the spec's part nor the sources changed since a run on this store, files are only stat-ed.

    Parameters
    ----------
    spec
        The model's spec.
    root
        The repository; relative paths of sources start here.
    store
        Where the frame and the record are kept.
    check
        Read everything, whatever is remembered.

    Raises
    ------
    ModelopsError
        When a source cannot be read, the query fails, or the rows break the contract.
    """
    files = [_source(name, source, root) for name, source in spec.data.sources.items()]
    digests = memory.file_digests((path for source in files for path in source.paths), store.root / "files", check=check)
    key = _key(spec, {source.name: sorted(digests[path] for path in source.paths) for source in files})
    known = None if check else store.get_record(STAGE, key)
    if known is not None:
        record = DataRecord.model_validate_json(known)
        if store.has(record.frame):
            return record
    from modelops.data import snapshot  # noqa: PLC0415 - imports DuckDB and pyarrow

    record = snapshot.resolve(spec, files, store)
    store.put_record(STAGE, key, record.model_dump_json())
    return record


def _source(name: str, source: object, root: Path) -> sources.LocalFiles:
    return sources.local_files(name, str(source), root)


def _key(spec: Spec, fingerprints: dict[str, list[str]]) -> str:
    """Return the digest of everything that the record depends on."""
    split = spec.evaluate.split.model_dump(mode="json")
    return digest.of_value(
        {
            "version": VERSION,
            "sources": fingerprints,
            "data": spec.data.model_dump(mode="json"),
            "columns": columns.kept(spec),
            "kinds": columns.kinds(spec),
            "categories": sorted(columns.categories(spec)),
            "features": sorted(spec.features.columns),
            "task": spec.train.task,
            "split": split,
        }
    )
