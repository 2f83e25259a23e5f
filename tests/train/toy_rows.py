"""Putting a frame into a store as the data stage would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from modelops.core import digest
from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.spec.model import Spec

Maker = Callable[..., Spec]


def keep(frame: pd.DataFrame, store: Store, folder: Path) -> DataRecord:
    """Put a frame into the store and return its record."""
    path = folder / "frame.parquet"
    frame.to_parquet(path)
    blob = store.put_file(path)
    return DataRecord(
        snapshot="1", rows=len(frame), first=None, last=None, digest=digest.of_bytes(blob.encode()), frame=blob
    )
