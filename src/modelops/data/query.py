"""What is known of a query before it runs: that it is one SELECT, and whether the order of rows matters to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import duckdb

from modelops.core.errors import ModelopsError
from modelops.data.sql import literal

# The value of these aggregates does not depend on the order of rows.
_ORDER_FREE = frozenset(
    {"count", "count_star", "count_if", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor"}
)

# Harmless: it stops the query with a message of its author.
_STEADY = frozenset({"error"})
_KEYWORDS = frozenset({"current_timestamp", "current_date", "current_time", "localtimestamp", "localtime"})


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
        why = "only one SELECT is allowed" if "SELECT" in tree["error_message"] else str(tree["error_message"])
        raise ModelopsError(f"data.query: {why}")
    if len(tree["statements"]) != 1:
        raise ModelopsError("data.query: only one SELECT is allowed")
    return tree


def depends_on_order(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Return whether a query's result may depend on the order of rows or on the number of threads.

    Raises
    ------
    ModelopsError
        When it is not exactly one SELECT.
    """
    rows = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'"
    ).fetchall()
    risky = {str(name) for (name,) in rows} - _ORDER_FREE
    return any(_is_risky(node, risky) for node in _nodes(parse(connection, query)))


def check_repeatable(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse a query whose result is another one at each run.

    Raises
    ------
    ModelopsError
        When it asks for the time, for random numbers or about the database itself, or is not exactly one SELECT.
    """
    rows = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
    ).fetchall()
    fickle = {str(name) for (name,) in rows} - _STEADY | _KEYWORDS
    for node in _nodes(parse(connection, query)):
        name = str(node.get("function_name") or "").lower()
        column = [str(part).lower() for part in node.get("column_names") or []]
        if name in fickle or (len(column) == 1 and column[0] in _KEYWORDS) or node.get("sample"):
            what = name or (column[0] if column else "a sample")
            raise ModelopsError(
                f"data.query: {what} gives other rows at each run",
                hint="a snapshot gives the same rows every time; compare with the time column or a fixed date",
            )


def _is_risky(node: dict[str, Any], risky: set[str]) -> bool:
    kind = str(node.get("type", ""))
    return (
        node.get("class") == "WINDOW"
        or str(node.get("function_name", "")).lower() in risky
        or kind in {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"}
        or (kind == "DISTINCT_MODIFIER" and bool(node.get("distinct_on_targets")))
        or node.get("sample") is not None
        or kind == "PIVOT"
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
