"""Small pieces of SQL text, quoted."""

from __future__ import annotations

from collections.abc import Iterable


def quote(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Return texts as an SQL list."""
    return "[" + ", ".join(literal(value) for value in values) + "]"
