"""The stored rows as a pandas frame."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from modelops.core.store import Store
from modelops.records.data import DataRecord


def read(store: Store, record: DataRecord) -> pd.DataFrame:
    """Return the rows of a record in canonical order.

    Returns
    -------
    pandas.DataFrame
        Shape (rows, columns). Text and categories are `str` objects with None where missing; numbers are float64
        with NaN where missing; integers int64, float64 when some are missing; booleans bool, float64 when some
        are missing; times datetime64[us, UTC].
    """
    table = pq.read_table(store.path(record.frame))
    for index, field in enumerate(table.schema):
        if pa.types.is_boolean(field.type) and table.column(index).null_count:
            whole = table.column(index).cast(pa.int8())
            table = table.set_column(index, field.name, whole.cast(pa.float64()))
    frame: pd.DataFrame = table.to_pandas()
    return frame
