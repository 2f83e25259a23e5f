"""DuckDB, locked down: one connection that reads the declared sources and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from modelops.core.errors import ModelopsError
from modelops.data import csv
from modelops.data.sources import LocalFiles
from modelops.data.sql import literal, quote, texts

# The value of these aggregates does not depend on the order of rows; everything else is run in canonical order.
_ORDER_FREE = frozenset(
    {"count", "count_star", "count_if", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor"}
)


def connect(sources: Sequence[LocalFiles], query: str | None, *, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database with one view or table for each source, and lock it.

    Only the sources' own files can be read; no other file, no network, no extension, no change of settings.
    When the query holds something whose value depends on the order of rows (a sum of floats, a window,
    a limit), it runs on one thread over sources sorted by all their columns.

    Raises
    ------
    ModelopsError
        When the query is not exactly one SELECT, or a source cannot be read.
    """
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    ordered = query is not None and depends_on_order(connection, parse(connection, query))
    if ordered or threads:
        connection.execute(f"SET threads = {1 if ordered else threads}")
    paths = [str(path) for source in sources for path in source.paths]
    connection.execute(f"SET allowed_paths = {texts(paths)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    for source in sources:
        _add_files(connection, source, ordered)
    return connection


def parse(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    """Return the syntax tree of a query.

    Raises
    ------
    ModelopsError
        When it is not exactly one SELECT.
    """
    row = connection.execute(f"SELECT json_serialize_sql({literal(query)})").fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if tree.get("error"):
        why = "only a SELECT is allowed" if "SELECT" in tree["error_message"] else tree["error_message"]
        raise ModelopsError(f"data.query: {why}")
    if len(tree["statements"]) != 1:
        raise ModelopsError("data.query: one SELECT is allowed, this is several statements")
    return tree


def depends_on_order(connection: duckdb.DuckDBPyConnection, tree: object) -> bool:
    """Return whether a query's result may depend on the order of rows or on the number of threads."""
    rows = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('aggregate', 'window')"
    ).fetchall()
    risky = {name for (name,) in rows} - _ORDER_FREE
    return any(_is_risky(node, risky) for node in _nodes(tree))


def _is_risky(node: dict[str, Any], risky: set[str]) -> bool:
    kind = str(node.get("type", ""))
    return (
        node.get("class") == "WINDOW"
        or str(node.get("function_name", "")).lower() in risky
        or kind in {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"}
        or (kind == "DISTINCT_MODIFIER" and bool(node.get("distinct_on_targets")))
        or node.get("sample") is not None
        or node.get("ref_type") == "ASOF"
    )


def _nodes(tree: object) -> Iterable[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _add_files(connection: duckdb.DuckDBPyConnection, source: LocalFiles, ordered: bool) -> None:
    """Make a source's rows visible under its name."""
    paths = texts(str(path) for path in source.paths)
    name = quote(source.name)
    try:
        if source.format == "csv":
            csv.add(connection, name, paths, ordered)
            return
        read = {
            "parquet": f"read_parquet({paths}, union_by_name = true)",
            "json": f"read_json({paths}, format = 'newline_delimited', union_by_name = true, sample_size = -1, "
            f"maximum_sample_files = {len(source.paths) + 1})",
        }[source.format]
        sort = " ORDER BY ALL" if ordered else ""
        connection.execute(f"CREATE {'TABLE' if ordered else 'VIEW'} {name} AS SELECT * FROM {read}{sort}")  # noqa: S608
    except duckdb.Error as error:
        raise ModelopsError(f"data.sources.{source.name} cannot be read: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """Return the first line of what DuckDB says, without the name of its error class twice."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
