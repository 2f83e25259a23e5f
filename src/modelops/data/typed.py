"""CSV and JSON lines: types come from all values of a column, so that they do not depend on how rows are spread."""

from __future__ import annotations

import duckdb

from modelops.data.sql import quote, texts

# Tried in this order; the first that fits every value of a column wins, else it stays text.
# A code with leading zeros (a postcode) is text, not a number.
_TIME = ("TIMESTAMPTZ", "length({0}) >= 8 AND TRY_CAST({0} AS TIMESTAMPTZ) IS NOT NULL")
_ALL = (
    ("BIGINT", "regexp_full_match({0}, '\\s*[-+]?(0|[1-9][0-9]*)\\s*') AND TRY_CAST({0} AS BIGINT) IS NOT NULL"),
    ("DOUBLE", "NOT regexp_matches({0}, '^\\s*[-+]?0[0-9]') AND TRY_CAST({0} AS DOUBLE) IS NOT NULL"),
    ("BOOLEAN", "lower({0}) IN ('true', 'false')"),
    _TIME,
)


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
    read = f"read_csv({texts(paths)}, header = true, all_varchar = true, union_by_name = true, sample_size = -1)"
    _add(connection, name, read, _ALL, ordered)


def add_json(connection: duckdb.DuckDBPyConnection, name: str, paths: tuple[str, ...], *, ordered: bool) -> None:
    """Read files with one JSON object a line into a table; only times are made of texts. Parameters as for CSV."""
    read = (
        f"read_json({texts(paths)}, format = 'newline_delimited', union_by_name = true, sample_size = -1, "
        f"maximum_sample_files = {len(paths)})"
    )
    _add(connection, name, read, (_TIME,), ordered)


def _add(
    connection: duckdb.DuckDBPyConnection, name: str, read: str, types: tuple[tuple[str, str], ...], ordered: bool
) -> None:
    raw = quote(f"{name} as read")
    connection.execute(f"CREATE TEMP TABLE {raw} AS SELECT * FROM {read}")
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
