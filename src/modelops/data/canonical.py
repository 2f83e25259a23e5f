"""The canonical form of rows: one type for each kind of value, one order, one digest of the content."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa

from modelops.core import digest
from modelops.data.columns import Kind
from modelops.data.sql import quote

_INTEGERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
    "UHUGEINT",
}
_TYPES: dict[Kind, str] = {
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "text": "VARCHAR",
    "time": "TIMESTAMPTZ",
}
_EXACT = 2.0**53


def kind_of(sql_type: str) -> Kind:
    """Return the kind of value that a DuckDB type holds; what is no number, boolean or time is text."""
    if sql_type in _INTEGERS:
        return "integer"
    if sql_type in {"FLOAT", "DOUBLE"} or sql_type.startswith("DECIMAL"):
        return "number"
    if sql_type == "BOOLEAN":
        return "boolean"
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return "time"
    return "text"


def expression(column: str, kind: Kind) -> str:
    """Return the SQL that turns a column into the one type of its kind: no NaN (it is missing), no minus zero."""
    value = f"CAST({quote(column)} AS {_TYPES[kind]})"
    if kind == "number":
        return f"CASE WHEN isnan({value}) THEN NULL WHEN {value} = 0 THEN 0.0::DOUBLE ELSE {value} END"
    return value


def conversion(column: str, given: Kind, wanted: Kind) -> str:
    """Return the SQL that turns a canonical column into another kind; a value that does not fit becomes NULL."""
    name = quote(column)
    if given == wanted:
        return name
    if (given, wanted) == ("number", "integer"):
        return f"CASE WHEN {name} = floor({name}) AND abs({name}) < {_EXACT} THEN TRY_CAST({name} AS BIGINT) END"
    if (given, wanted) in {
        ("number", "time"),
        ("integer", "time"),
        ("boolean", "time"),
        ("time", "number"),
        ("time", "integer"),
        ("time", "boolean"),
    }:
        return f"CAST(NULL AS {_TYPES[wanted]})"
    if wanted == "boolean" and given in {"integer", "number"}:
        return f"CASE WHEN {name} IN (0, 1) THEN {name} = 1 END"
    if wanted == "number" and given == "text":
        cast = f"TRY_CAST({name} AS DOUBLE)"
        return f"CASE WHEN NOT isnan({cast}) THEN {cast} END"
    return f"TRY_CAST({name} AS {_TYPES[wanted]})"


def column_digests(table: pa.Table) -> dict[str, str]:
    """Return the digest of each column's values, in the table's row order.

    The encoding is that of values, not of types: a column of whole floats and the same column of integers
    have one digest, and so have all columns without any value.
    """
    return {name: _column_digest(table.column(name)) for name in table.column_names}


def content_digest(rows: int, columns: dict[str, str]) -> str:
    """Return the digest of a table from those of its columns; the order of columns does not matter."""
    return digest.of_value({"rows": rows, "columns": columns})


def _column_digest(column: pa.ChunkedArray) -> str:
    values = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if values.null_count == len(values):
        return digest.of_value({"missing": len(values)})
    hasher = hashlib.sha256()
    kind, payload = _payload(values.drop_null())
    hasher.update(f"{kind}:{len(values)}:".encode())
    hasher.update(np.packbits(buffer(values.is_valid().cast(pa.uint8()), "u1")).tobytes())
    for piece in payload:
        hasher.update(piece)
    return digest.PREFIX + hasher.hexdigest()


def _payload(values: pa.Array) -> tuple[str, list[bytes]]:
    """Return the kind of values, none of them missing, and their bytes, little endian."""
    if pa.types.is_boolean(values.type):
        return "boolean", [buffer(values.cast(pa.uint8()), "u1").tobytes()]
    if pa.types.is_floating(values.type):
        numbers = buffer(values, "<f8")
        if (np.abs(numbers) < _EXACT).all() and (numbers == np.floor(numbers)).all():
            return "integer", [numbers.astype("<i8").tobytes()]
        return "number", [numbers.tobytes()]
    if pa.types.is_integer(values.type):
        return "integer", [buffer(values, "<i8").tobytes()]
    if pa.types.is_timestamp(values.type):
        return "time", [buffer(values, "<i8").tobytes()]
    texts = values.cast(pa.large_string())
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype="<i8")[texts.offset : texts.offset + len(texts) + 1]
    joined = memoryview(data)[int(ends[0]) : int(ends[-1])].tobytes() if data is not None else b""
    return "text", [np.diff(ends).astype("<i8").tobytes(), joined]


def buffer(values: pa.Array, dtype: str) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """Return fixed-width values as NumPy numbers, anything where one is missing; `to_numpy` would import pandas."""
    return np.frombuffer(values.buffers()[1], dtype=dtype)[values.offset : values.offset + len(values)]
