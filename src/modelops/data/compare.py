"""Two sets of rows of one model, compared by key."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modelops.core.store import Store
from modelops.data.frame import read
from modelops.records.data import DataRecord
from modelops.spec.model import Spec


def rows(spec: Spec, before: DataRecord, after: DataRecord, store: Store) -> str:
    """Return how many rows came, went and changed, and in which columns, as the end of a sentence."""
    keys = list(spec.data.keys)
    old, new = read(store, before).set_index(keys), read(store, after).set_index(keys)
    both = old.index.intersection(new.index)
    names = [name for name in new.columns if name in old.columns]
    changed = _changed(old.loc[both, names], new.loc[both, names])
    counts = [
        (len(new.index.difference(old.index)), "new"),
        (len(old.index.difference(new.index)), "gone"),
        (int(changed.any(axis=1).sum()), "changed"),
    ]
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    where = [name for name, column in zip(names, changed.T, strict=True) if column.any()]
    return f" (by key: {told}{' in ' + ', '.join(where) if where else ''})" if told else ""


def _changed(old: pd.DataFrame, new: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return which cells differ, shape (rows, columns); missing equals missing."""
    same = (old == new) | (old.isna() & new.isna())
    return ~same.to_numpy(dtype=bool)
