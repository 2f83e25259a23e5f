"""The rules that a spec makes for single rows, as SQL conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from modelops.data import canonical
from modelops.data.columns import Kind
from modelops.data.sql import literal, quote
from modelops.spec.data import Column, Level
from modelops.spec.model import Spec

_NOT_A: dict[Kind, str] = {
    "number": "not a number",
    "integer": "not a whole number",
    "boolean": "neither true nor false",
    "text": "not a text",
    "time": "not a time",
}


@dataclass(frozen=True)
class Rule:
    """One condition on rows.

    `broken` is the SQL that is true for a row that breaks it. `share` is how much of the rows may (0 to 1).
    `text` says of a value what is wrong with it.
    """

    column: str
    name: str
    broken: str
    text: str
    level: Level = "error"
    share: float = 0.0


def of_rows(spec: Spec, given: dict[str, Kind], wanted: dict[str, Kind]) -> Iterator[Rule]:
    """Yield every rule that a single row can break.

    Parameters
    ----------
    spec
        The model's spec.
    given, wanted
        Kind of each column as it is, and as the spec needs it.
    """
    essential = {*spec.data.keys, spec.data.target, *([spec.data.time] if spec.data.time else [])}
    for name, kind in wanted.items():
        column = spec.data.columns.get(name)
        level: Level = column.level if column and name not in essential else "error"
        value = canonical.conversion(name, given[name], kind)
        if given[name] != kind and kind != "text":
            yield Rule(name, "type", f"{quote(name)} IS NOT NULL AND {value} IS NULL", _NOT_A[kind], level)
        if kind in {"number", "time"}:
            yield Rule(name, "infinite", f"isinf({value})", "infinite", level)
        if name in essential:
            yield Rule(name, "missing", f"{quote(name)} IS NULL", "missing")
        if column:
            yield from _of_column(name, column, value, kind, name not in essential)


def _of_column(name: str, column: Column, value: str, kind: Kind, may_miss: bool) -> Iterator[Rule]:
    level = column.level
    if may_miss:
        limit = f", at most {column.missing:.1%} may be" if column.missing else ""
        yield Rule(name, "missing", f"{quote(name)} IS NULL", f"missing{limit}", level, column.missing)
    if kind in {"number", "integer"}:
        if column.min is not None:
            yield Rule(name, "min", f"{value} < {column.min!r}", f"below {column.min:g}", level)
        if column.max is not None:
            yield Rule(name, "max", f"{value} > {column.max!r}", f"above {column.max:g}", level)
    if column.values is not None:
        allowed = [_text(member) for member in column.values]
        listed = ", ".join(literal(member) for member in allowed)
        shown = ", ".join(allowed[:10]) + (", …" if len(allowed) > 10 else "")
        yield Rule(name, "values", f"{as_text(value, kind)} NOT IN ({listed})", f"none of {shown}", level)


def as_text(value: str, kind: Kind) -> str:
    """Return the SQL of a value as a person writes it: whole numbers without a fraction."""
    if kind == "number":
        whole = f"{value} = floor({value}) AND abs({value}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) ELSE CAST({value} AS VARCHAR) END"
    return f"CAST({value} AS VARCHAR)"


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
