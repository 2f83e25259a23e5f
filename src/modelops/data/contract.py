"""Checks rows against the contract, all rules in one pass, and says everything that is broken in one message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from modelops.core.errors import ModelopsError, NoRows
from modelops.data import canonical, window
from modelops.data.columns import Kind
from modelops.data.sql import literal, quote
from modelops.records.data import Finding
from modelops.spec.data import Column, Level
from modelops.spec.model import Spec

_KINDS: dict[Kind, str] = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "text": "a text",
    "time": "a time",
}


class ContractBroken(ModelopsError):
    """Rows break rules of the contract; `findings` holds each of them."""

    def __init__(self, model: str, findings: tuple[Finding, ...]) -> None:
        lines = "\n".join(f"  {finding.message}" for finding in findings)
        super().__init__(
            f"{model}: the data breaks {len(findings)} {'rule' if len(findings) == 1 else 'rules'}\n{lines}",
            hint="mend the source, filter the rows in data.query, or change the rule in the spec",
        )
        self.findings = findings


@dataclass(frozen=True)
class Rule:
    """One condition; `broken` is true, in SQL, for a row that breaks it."""

    column: str
    name: str
    broken: str
    text: str
    level: Level = "error"
    share: float = 0.0


def check(
    connection: duckdb.DuckDBPyConnection, table: str, spec: Spec, given: dict[str, Kind], wanted: dict[str, Kind]
) -> tuple[Finding, ...]:
    """Check the rows of a table against everything that a spec says of them.

    Parameters
    ----------
    connection, table
        Where the rows are, in canonical types.
    spec
        The model's spec.
    given, wanted
        Kind of each column as it is, and as the spec needs it.

    Returns
    -------
    tuple of Finding
        Broken rules of level `warning`.

    Raises
    ------
    ContractBroken
        When a rule of level `error` is broken; the message names all of them.
    """
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    rows = int(row[0]) if row else 0
    if rows == 0:
        raise NoRows(f"{spec.name}: the data has no rows{_span_text(spec)}", hint="check data.query, data.snapshot and data.window")
    rules = list(_rules(spec, given, wanted))
    counts = _counts(connection, table, rules)
    findings = [
        Finding(column=rule.column, rule=rule.name, message=f"{rule.column}: {_say(rule, count, rows)}", rows=count, level=rule.level)
        for rule, count in zip(rules, counts, strict=True)
        if count > rule.share * rows
    ]
    errors = tuple(finding for finding in findings if finding.level == "error")
    if errors:
        raise ContractBroken(spec.name, errors)
    return tuple(findings)


def _say(rule: Rule, count: int, rows: int) -> str:
    share = f", {count / rows:.1%} of {rows:,}" if rule.name == "missing" else f" of {rows:,}"
    return f"{rule.text} ({count:,} {'row' if count == 1 else 'rows'}{share})"


def _span_text(spec: Spec) -> str:
    span = window.bounds(spec)
    if span is None:
        return ""
    start, end = span
    return f" with {spec.data.time} before {end:%Y-%m-%d %H:%M} UTC" + (
        f" and not before {start:%Y-%m-%d %H:%M} UTC" if start != window.BEGINNING else ""
    )


def _counts(connection: duckdb.DuckDBPyConnection, table: str, rules: list[Rule]) -> list[int]:
    if not rules:
        return []
    counts = ", ".join(f"count_if({rule.broken})" for rule in rules)
    row = connection.execute(f"SELECT {counts} FROM {table}").fetchone()  # noqa: S608
    return [int(count) for count in row or ()]


def _rules(spec: Spec, given: dict[str, Kind], wanted: dict[str, Kind]) -> Iterator[Rule]:
    for name, kind in wanted.items():
        column = spec.data.columns.get(name)
        level: Level = column.level if column and name != spec.data.target else "error"
        value = canonical.conversion(name, given[name], kind)
        if given[name] != kind and kind != "text":
            yield Rule(name, "type", f"{quote(name)} IS NOT NULL AND {value} IS NULL", f"not {_KINDS[kind]}", level)
        if kind == "number":
            yield Rule(name, "infinite", f"isinf({value})", "infinite", level)
        if column:
            yield from _column_rules(name, column, value, kind)
    for name in (*spec.data.keys, *([spec.data.time] if spec.data.time else []), spec.data.target):
        if name not in spec.data.columns:
            yield Rule(name, "missing", f"{quote(name)} IS NULL", "missing")


def _column_rules(name: str, column: Column, value: str, kind: Kind) -> Iterator[Rule]:
    yield Rule(
        name, "missing", f"{quote(name)} IS NULL", f"missing, at most {column.missing:.1%} may be" if column.missing else "missing", column.level, column.missing
    )
    if kind in {"number", "integer"}:
        if column.min is not None:
            yield Rule(name, "min", f"{value} < {column.min!r}", f"below {column.min:g}", column.level)
        if column.max is not None:
            yield Rule(name, "max", f"{value} > {column.max!r}", f"above {column.max:g}", column.level)
    if column.values is not None:
        allowed = ", ".join(literal(_text(member)) for member in column.values)
        shown = ", ".join(_text(member) for member in column.values)
        yield Rule(name, "values", f"CAST({value} AS VARCHAR) NOT IN ({allowed})", f"none of {shown}", column.level)


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


