"""Checks the rows of a snapshot against everything a spec says of them, and tells all that is broken at once."""

from __future__ import annotations

import duckdb

from modelops.core.errors import ModelopsError, NoRows
from modelops.data import anonymise, rules, shape, window
from modelops.data.columns import Kind
from modelops.data.rules import Rule
from modelops.data.sql import quote
from modelops.records.data import Finding
from modelops.spec.model import Spec

_EXAMPLES = 3
_WIDEST = 40
# DuckDB's time to plan a query grows with the square of the number of its filtered aggregates.
_TOGETHER = 64


class ContractBroken(ModelopsError):
    """Rows break rules; `findings` holds each of them."""

    def __init__(self, model: str, findings: tuple[Finding, ...]) -> None:
        lines = "\n".join(f"  {finding.message}" for finding in findings)
        many = "1 rule" if len(findings) == 1 else f"{len(findings)} rules"
        super().__init__(
            f"{model}: the data breaks {many}\n{lines}",
            hint="mend the source, filter the rows in data.query, or change the rule in the spec",
        )
        self.findings = findings


def check(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    spec: Spec,
    given: dict[str, Kind],
    wanted: dict[str, Kind],
    *,
    watch: bool = False,
) -> tuple[Finding, ...]:
    """Check the rows of a table against the contract and against what training needs.

    Parameters
    ----------
    connection, table
        Where the rows are, in canonical types, already anonymised.
    spec
        The model's spec.
    given, wanted
        Kind of each column as it is, and as the spec needs it.
    watch
        The rows are looked at, not learnt from: every broken rule is a warning, and those about the target, which
        may not be known yet, are left out.

    Returns
    -------
    tuple of Finding
        Broken rules of level `warning`.

    Raises
    ------
    NoRows
        When there is no row.
    ContractBroken
        When a rule of level `error` is broken; the message names all of them.
    """
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    rows = int(row[0]) if row else 0
    if rows == 0:
        raise NoRows(
            f"{spec.name}: the data has no rows{_span(spec)}", hint="check data.query, data.snapshot and data.window"
        )
    findings = [
        *_row_findings(connection, table, spec, given, wanted, rows),
        *shape.findings(connection, table, spec, given, wanted, rows),
    ]
    if watch:
        others = [finding for finding in findings if finding.column != spec.data.target]
        return tuple(finding.model_copy(update={"level": "warning"}) for finding in others)
    errors = tuple(finding for finding in findings if finding.level == "error")
    if errors:
        raise ContractBroken(spec.name, errors)
    return tuple(findings)


def _row_findings(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    spec: Spec,
    given: dict[str, Kind],
    wanted: dict[str, Kind],
    rows: int,
) -> list[Finding]:
    asked = list(rules.of_rows(spec, given, wanted))
    found: list[int] = []
    for batch in (asked[start : start + _TOGETHER] for start in range(0, len(asked), _TOGETHER)):
        counts = ", ".join(f"count(*) FILTER ({rule.broken})" for rule in batch)
        found.extend(connection.execute(f"SELECT {counts} FROM {table}").fetchone() or ())
    return [
        _finding(connection, table, spec, rule, count, rows)
        for rule, count in zip(asked, found, strict=True)
        if count > rule.share * rows
    ]


def _finding(
    connection: duckdb.DuckDBPyConnection, table: str, spec: Spec, rule: Rule, count: int, rows: int
) -> Finding:
    examples = _examples(connection, table, spec, rule)
    message = f"{rule.column}: {rule.text} in {count:,} of {rows:,} rows ({count / rows:.2%})"
    if examples:
        message += f", for example {', '.join(examples)}"
    return Finding(column=rule.column, rule=rule.name, message=message, rows=count, level=rule.level, examples=examples)


def _examples(connection: duckdb.DuckDBPyConnection, table: str, spec: Spec, rule: Rule) -> tuple[str, ...]:
    """Return the first offending values with the keys of their rows, as far as those may be shown."""
    value = anonymise.shown(spec, rule.column) and rule.name != "missing"
    keys = [name for name in spec.data.keys if anonymise.shown(spec, name)]
    if not value and (not keys or not anonymise.shown(spec, rule.column)):
        return ()
    names = [*([rule.column] if value else []), *keys]
    picked = ", ".join(f"CAST({quote(name)} AS VARCHAR)" for name in names)
    order = ", ".join(quote(name) for name in (*spec.data.keys, rule.column))
    found = connection.execute(
        f"SELECT DISTINCT ON ({order}) {picked} FROM {table} WHERE {rule.broken} ORDER BY {order} LIMIT {_EXAMPLES}"
    ).fetchall()
    return tuple(_example(row, keys, value) for row in found)


def _example(row: tuple[str | None, ...], keys: list[str], value: bool) -> str:
    cells = [_short(cell) for cell in row]
    named = " ".join(f"{key} {cell}" for key, cell in zip(keys, cells[1:] if value else cells, strict=True))
    if not value:
        return named
    return f"{cells[0]} ({named})" if named else cells[0]


def _short(cell: str | None) -> str:
    text = "missing" if cell is None else "".join(sign if sign.isprintable() else " " for sign in cell)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _span(spec: Spec) -> str:
    span = window.bounds(spec)
    if span is None:
        return ""
    start, end = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in span)
    after = f" and not before {start}" if span[0] != window.BEGINNING else ""
    return f" with {spec.data.time} before {end}{after}"
