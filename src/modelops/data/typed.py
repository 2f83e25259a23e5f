"""CSV and JSON lines: types come from all values of a column, so that they do not depend on how rows are spread."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import duckdb

from modelops.core.errors import ModelopsError
from modelops.data.sql import literal, quote, texts

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_FILE = re.compile(r"^  file = (.+)$", re.MULTILINE)
_DETAILS = (
    re.compile(r"^Expected Number of Columns: \d+ Found: \d+", re.MULTILINE),
    re.compile(r"^Value with unterminated quote found", re.MULTILINE),
    re.compile(r"^Invalid unicode .*? not utf-8 encoded", re.MULTILINE),
    re.compile(r"^Maximum line size of .*? exceeded", re.MULTILINE),
)
_SEPARATORS = (",", ";", "\t", "|")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')

# Tried in this order; the first that fits every value of a column wins, else it stays text.
# A code with leading zeros (a postcode) is text, and so is a whole number with too many digits.
_TIME = ("TIMESTAMPTZ", "length({0}) >= 8 AND TRY_CAST({0} AS TIMESTAMPTZ) IS NOT NULL")
_ALL = (
    ("BIGINT", "regexp_full_match({0}, '\\s*[-+]?(0|[1-9][0-9]*)\\s*') AND TRY_CAST({0} AS BIGINT) IS NOT NULL"),
    ("DOUBLE", "NOT regexp_full_match({0}, '\\s*[-+]?(0[0-9].*|[0-9]+)\\s*') AND TRY_CAST({0} AS DOUBLE) IS NOT NULL"),
    ("BOOLEAN", "lower({0}) IN ('true', 'false')"),
    _TIME,
)


class _Header(NamedTuple):
    """How the rows of a CSV file are to be read."""

    separator: str
    columns: tuple[str, ...]


# DuckDB's time to plan a query grows with the square of the number of its filtered aggregates.
_TOGETHER = 16


def add_csv(connection: duckdb.DuckDBPyConnection, name: str, paths: tuple[str, ...], *, ordered: bool) -> None:
    """Read CSV files into a table.

    The first line of each file names its columns; an empty cell is a missing value.

    Parameters
    ----------
    connection
        The database.
    name
        Name of the table.
    paths
        The files.
    ordered
        Whether rows are to be sorted by all columns.
    """
    alike = defaultdict(list)
    for path in paths:
        alike[_header(connection, name, path)].append(path)
    read = " UNION ALL BY NAME ".join(_read_csv(header, files) for header, files in alike.items())
    _add(connection, name, read, _ALL, ordered)


def _read_csv(header: _Header, paths: list[str]) -> str:
    # Nothing is left to detection: it skips lines that it takes for no rows.
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in header.columns)
    return (
        f"SELECT * FROM read_csv({texts(paths)}, header = true, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {literal(header.separator)}, quote = '\"', escape = '\"')"
    )


def _header(connection: duckdb.DuckDBPyConnection, name: str, path: str) -> _Header:
    """Return the columns that the first line of a file names, and the separator: the one it holds most of."""
    row = connection.execute(
        f"SELECT line FROM read_csv({literal(path)}, header = false, auto_detect = false, "
        "columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '') LIMIT 1"
    ).fetchone()
    line = str(row[0] or "").removeprefix("\ufeff") if row else ""
    if not line:
        raise ModelopsError(f"data.sources.{name}: {Path(path).name} is empty", hint="its first line names the columns")
    if not line.replace("\t", "").isprintable():
        raise ModelopsError(f"data.sources.{name}: {Path(path).name} is no text", hint="CSV is text in UTF-8")
    unquoted = _QUOTED.sub("", line)
    separator = max(_SEPARATORS, key=unquoted.count)
    if '"' in unquoted:
        raise ModelopsError(
            f"data.sources.{name}: a quote in the first line of {Path(path).name} is not closed",
            hint="names of columns stand in one line",
        )
    columns = tuple(
        cell.strip() or f"column{index}" for index, cell in enumerate(next(csv.reader([line], delimiter=separator)))
    )
    seen = [column.lower() for column in columns]
    twice = [column for column in columns if seen.count(column.lower()) > 1]
    if twice:
        raise ModelopsError(
            f"data.sources.{name}: {Path(path).name} has the column {twice[0]!r} twice", hint="rename one of them"
        )
    return _Header(separator, columns)


def add_json(connection: duckdb.DuckDBPyConnection, name: str, paths: tuple[str, ...], *, ordered: bool) -> None:
    """Read files with one JSON object a line into a table; only times are made of texts. Parameters as for CSV."""
    read = (
        f"SELECT * FROM read_json({texts(paths)}, format = 'auto', union_by_name = true, sample_size = -1, "
        f"maximum_sample_files = {len(paths)})"
    )
    _add(connection, name, read, (_TIME,), ordered)


def _add(
    connection: duckdb.DuckDBPyConnection, name: str, read: str, types: tuple[tuple[str, str], ...], ordered: bool
) -> None:
    raw = quote(f"{name} as read")
    connection.execute(f"CREATE TEMP TABLE {raw} AS {read}")
    described = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {raw}").fetchall()}
    found = _fitting(connection, raw, [column for column, known in described.items() if known == "VARCHAR"], types)
    casts = ", ".join(
        f"CAST({quote(column)} AS {found.get(column, known)}) AS {quote(column)}" for column, known in described.items()
    )
    sort = " ORDER BY ALL" if ordered else ""
    connection.execute(f"CREATE TABLE {quote(name)} AS SELECT {casts} FROM {raw}{sort}")
    connection.execute(f"DROP TABLE {raw}")


def _fitting(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], types: tuple[tuple[str, str], ...]
) -> dict[str, str]:
    """Return the narrowest type that holds all values of each text column; those that stay text are left out."""
    if not columns:
        return {}
    if len(columns) > _TOGETHER:
        head, tail = columns[:_TOGETHER], columns[_TOGETHER:]
        return {**_fitting(connection, table, head, types), **_fitting(connection, table, tail, types)}
    tests = [
        f"coalesce(bool_and({test.format(quote(column))}) FILTER ({quote(column)} IS NOT NULL), false)"
        for column in columns
        for _, test in types
    ]
    row = connection.execute(f"SELECT {', '.join(tests)} FROM {table}").fetchone() or ()
    width = len(types)
    fitting: dict[str, str] = {}
    for index, column in enumerate(columns):
        fits = zip(types, row[index * width : (index + 1) * width], strict=True)
        narrow = next((name for (name, _), fit in fits if fit), None)
        if narrow:
            fitting[column] = narrow
    return fitting


def reason(error: duckdb.Error) -> str:
    """Return what DuckDB says of a broken file in one line: the kind of mistake, its line and file, no values."""
    text = str(error)
    line, file = _LINE.search(text), _FILE.search(text)
    what = next((detail[0] for detail in map(re.Pattern.search, _DETAILS, [text] * len(_DETAILS)) if detail), None)
    if line is None or what is None:
        return text.strip().splitlines()[0]
    where = f" of {Path(file[1]).name}" if file else ""
    return f"line {line[1]}{where}: {what}"
