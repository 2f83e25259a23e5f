"""CSV: types come from all values of a column, so that they do not depend on how rows are spread over files."""

from __future__ import annotations

import duckdb

from modelops.data.sql import quote

# Tried in this order; the first that fits every value of a column wins, else it stays text.
# A code with leading zeros (a postcode) is text, not a number.
_TYPES = (
    ("BIGINT", "regexp_full_match({0}, '\\s*[-+]?(0|[1-9][0-9]*)\\s*') AND TRY_CAST({0} AS BIGINT) IS NOT NULL"),
    ("DOUBLE", "NOT regexp_matches({0}, '^\\s*[-+]?0[0-9]') AND TRY_CAST({0} AS DOUBLE) IS NOT NULL"),
    ("BOOLEAN", "lower({0}) IN ('true', 'false')"),
    ("TIMESTAMPTZ", "length({0}) >= 8 AND TRY_CAST({0} AS TIMESTAMPTZ) IS NOT NULL"),
)


def add(connection: duckdb.DuckDBPyConnection, name: str, paths: str, ordered: bool) -> None:
    """Read CSV files into a table.

    Parameters
    ----------
    connection
        The database.
    name
        Name of the table.
    paths
        SQL list of files; the first line of each names its columns; an empty cell is a missing value.
    ordered
        Whether rows are to be sorted by all columns.
    """
    raw = quote(f"{name} as text")
    connection.execute(
        f"CREATE TEMP TABLE {raw} AS SELECT * FROM "
        f"read_csv({paths}, header = true, all_varchar = true, union_by_name = true, sample_size = -1)"
    )
    columns = [row[0] for row in connection.execute(f"DESCRIBE {raw}").fetchall()]
    types = _types(connection, raw, columns)
    casts = ", ".join(f"CAST({quote(column)} AS {types[column]}) AS {quote(column)}" for column in columns)
    sort = " ORDER BY ALL" if ordered else ""
    connection.execute(f"CREATE TABLE {quote(name)} AS SELECT {casts} FROM {raw}{sort}")
    connection.execute(f"DROP TABLE {raw}")


def _types(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, str]:
    """Return the narrowest type that holds all values of each column."""
    tests = [f"coalesce(bool_and({test.format(quote(column))}), false)" for column in columns for _, test in _TYPES]
    row = connection.execute(f"SELECT {', '.join(tests)} FROM {table}").fetchone()
    found = row or ()
    width = len(_TYPES)
    return {
        column: next(
            (narrow for (narrow, _), fits in zip(_TYPES, found[i * width : (i + 1) * width], strict=True) if fits),
            "VARCHAR",
        )
        for i, column in enumerate(columns)
    }
