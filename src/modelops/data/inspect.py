"""What a data file holds, column by column, for a first spec: read exactly as training will read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from modelops.core.errors import ModelopsError
from modelops.data import canonical, engine, sources
from modelops.data.columns import Kind
from modelops.data.sql import literal, quote
from modelops.spec.model import Spec

# Up to so many different values are listed.
LISTED = 12
_MARKERS = ("?", "na", "n/a", "nan", "null", "none", "nil", "-", "--", ".", "missing", "unknown", "#n/a")
_DATES = (
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M",
    "%Y/%m/%d", "%Y/%m/%d %H:%M", "%d-%m-%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
_BATCH = 50


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    name, kind
        Its name, and what its values are after `repair`.
    missing, distinct
        Rows without a value, and the number of different values.
    low, high
        Smallest and largest value of numbers.
    whole
        Whether all numbers are whole.
    values
        All different values as texts, most frequent first, when there are few; with the rows of each in `counts`.
    words
        Mean number of words of a text.
    repair
        SQL that makes numbers or times of a text column, empty when nothing needs repair.
    """

    name: str
    kind: Kind
    missing: int
    distinct: int
    low: float | None = None
    high: float | None = None
    whole: bool = False
    values: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    words: float = 0.0
    repair: str = ""


@dataclass(frozen=True)
class Times:
    """First and last moment (UTC) of a time column, and the moment after which a fifth of the rows lies."""

    first: datetime
    last: datetime
    late: datetime
    missing: int


@dataclass(frozen=True)
class File:
    """A file or several of one form."""

    rows: int
    columns: tuple[Column, ...]
    times: Times | None = None
    duplicates: int = 0

    def column(self, name: str) -> Column | None:
        """Return a column by name."""
        return next((column for column in self.columns if column.name == name), None)


def inspect(probe: Spec, root: Path) -> File:
    """Return what the only source of a spec holds.

    Parameters
    ----------
    probe
        A spec whose only source is the file; its time column and key are looked at more closely.
    root
        Where a relative path starts.

    Raises
    ------
    ModelopsError
        When the file cannot be read.
    """
    [name] = probe.data.sources
    with engine.connect(probe, sources.locate(probe, root)) as connection:
        try:
            return _inspect(connection, name, probe)
        except duckdb.Error as error:
            raise ModelopsError(f"{probe.data.sources[name]} cannot be read: {engine.first_line(error)}") from error


def _inspect(connection: duckdb.DuckDBPyConnection, table: str, probe: Spec) -> File:
    described = connection.execute(f"DESCRIBE {quote(table)}").fetchall()
    rows = _one(connection, f"SELECT count(*) FROM {quote(table)}")[0]
    columns: list[Column] = []
    for start in range(0, len(described), _BATCH):
        batch = [(str(row[0]), canonical.kind_of(str(row[1]))) for row in described[start : start + _BATCH]]
        columns += [_repaired(connection, table, column) for column in _facts(connection, table, batch)]
    columns = [_listed(connection, table, column) for column in columns]
    found = File(rows, tuple(columns))
    if probe.data.time is not None:
        found = replace(found, times=_times(connection, table, found.column(probe.data.time)))
    if probe.data.keys and all(found.column(key) for key in probe.data.keys):
        found = replace(found, duplicates=_duplicates(connection, table, probe.data.keys))
    return found


def _one(connection: duckdb.DuckDBPyConnection, statement: str) -> tuple[Any, ...]:
    return connection.execute(statement).fetchone() or ()


def _facts(connection: duckdb.DuckDBPyConnection, table: str, batch: Sequence[tuple[str, Kind]]) -> list[Column]:
    """Return the columns of a batch in one pass over the rows."""
    asked = []
    for name, kind in batch:
        value = canonical.expression(name, kind)
        number = f"CAST({value} AS DOUBLE)" if kind in ("number", "integer", "boolean") else "NULL::DOUBLE"
        finite = f"CASE WHEN isfinite({number}) THEN {number} END"
        words = f"avg(array_length(string_split(trim({value}), ' ')))" if kind == "text" else "0"
        asked += [
            f"count({value})", f"count(DISTINCT {value})", f"min({finite})", f"max({finite})",
            f"coalesce(bool_and({number} = floor({number})), false)", words,
        ]  # fmt: skip
    row = _one(connection, f"SELECT count(*), {', '.join(asked)} FROM {quote(table)}")
    rows, cells = row[0], row[1:]
    found = []
    for index, (name, kind) in enumerate(batch):
        present, distinct, low, high, whole, words = cells[6 * index : 6 * index + 6]
        found.append(Column(name, kind, rows - present, distinct, low, high, whole, words=words or 0.0))
    return found


def _repaired(connection: duckdb.DuckDBPyConnection, table: str, column: Column) -> Column:
    """Return a text column as numbers or times where its texts are nothing but those, in another notation."""
    if column.kind != "text" or column.distinct == 0:
        return column
    for kind, repair in _repairs(connection, table, column):
        number = f"CAST({repair} AS DOUBLE)" if kind == "number" else "NULL::DOUBLE"
        missing, distinct, low, high, whole = _one(
            connection,
            f"SELECT count(*) - count({repair}), count(DISTINCT {repair}), min({number}), max({number}), "
            f"coalesce(bool_and({number} = floor({number})), false) FROM {quote(table)}",
        )
        return Column(column.name, kind, missing, distinct, low, high, whole, repair=repair)
    return column


def _repairs(connection: duckdb.DuckDBPyConnection, table: str, column: Column) -> list[tuple[Kind, str]]:
    name = quote(column.name)
    markers = ", ".join(literal(marker) for marker in _MARKERS)
    comma = f"TRY_CAST(replace({name}, ',', '.') AS DOUBLE)"
    number = f"TRY_CAST({name} AS DOUBLE)"
    marked = f"lower(trim({name})) IN ({markers})"
    leading = f"regexp_matches({name}, '^\\s*[-+]?0[0-9]')"
    tests = [
        f"bool_and(regexp_full_match({name}, '\\s*[-+]?(0|[1-9][0-9]*)(,[0-9]+)?\\s*') OR {marked})",
        f"bool_and(({number} IS NOT NULL AND NOT {leading}) OR {marked})",
        f"count({comma})",
        *(f"bool_and(try_strptime({name}, {literal(form)}) IS NOT NULL OR {marked})" for form in _DATES),
        *(f"count(try_strptime({name}, {literal(form)}))" for form in _DATES),
    ]
    row = _one(connection, f"SELECT {', '.join(tests)} FROM {quote(table)} WHERE {name} IS NOT NULL")
    commas, marks, any_number, dates, counts = row[0], row[1], row[2], row[3 : 3 + len(_DATES)], row[3 + len(_DATES) :]
    if any_number and marks:
        return [("number", number)]
    if any_number and commas:
        return [("number", comma)]
    fitting = next((form for form, fits, count in zip(_DATES, dates, counts, strict=True) if fits and count), None)
    return [("time", f"try_strptime({name}, {literal(fitting)})")] if fitting else []


def _listed(connection: duckdb.DuckDBPyConnection, table: str, column: Column) -> Column:
    if not 0 < column.distinct <= LISTED or column.kind == "time":
        return column
    value = column.repair or canonical.expression(column.name, column.kind)
    found = connection.execute(
        f"SELECT CAST({value} AS VARCHAR) AS text, count(*) AS rows FROM {quote(table)} WHERE {value} IS NOT NULL "
        "GROUP BY text ORDER BY rows DESC, text"
    ).fetchall()
    return replace(column, values=tuple(str(row[0]) for row in found), counts=tuple(int(row[1]) for row in found))


def _times(connection: duckdb.DuckDBPyConnection, table: str, column: Column | None) -> Times | None:
    if column is None or column.kind != "time" or column.distinct == 0:
        return None
    value = f"CAST({column.repair or canonical.expression(column.name, 'time')} AS TIMESTAMP)"
    first, last, late, missing = _one(
        connection,
        f"SELECT min({value}), max({value}), quantile_disc({value}, 0.8), count(*) - count({value}) FROM"
        f" {quote(table)}",
    )
    return Times(first, last, late, missing)


def _duplicates(connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str]) -> int:
    """Return the number of rows whose key is missing in part, or that of another row."""
    names = ", ".join(quote(key) for key in keys)
    whole = " AND ".join(f"{quote(key)} IS NOT NULL" for key in keys)
    statement = f"SELECT count(*) - count(DISTINCT ({names})) FILTER ({whole}) FROM {quote(table)}"
    return int(_one(connection, statement)[0])
