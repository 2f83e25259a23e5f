"""Rules about columns and rows as a whole: keys, classes, constant columns, freshness, number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb

from modelops.data import anonymise, canonical, columns, window
from modelops.data.columns import Kind
from modelops.data.sql import quote
from modelops.records.data import Finding
from modelops.spec.data import Level
from modelops.spec.model import Spec
from modelops.spec.units import format_duration

# Below so many rows every value of a category may well be there only once.
_FEW = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def findings(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    spec: Spec,
    given: dict[str, Kind],
    wanted: dict[str, Kind],
    rows: int,
) -> Iterator[Finding]:
    """Yield what is wrong with the rows as a whole. Parameters as in `contract.check`."""
    values = {name: canonical.conversion(name, given[name], kind) for name, kind in wanted.items()}
    yield from _size(spec, rows)
    yield from _freshness(connection, table, spec, values, rows)
    yield from _unique(connection, table, spec)
    yield from _target(connection, table, spec, values, rows)
    yield from _features(connection, table, spec, values, rows)


def _finding(column: str, rule: str, text: str, rows: int, level: Level = "error") -> Finding:
    return Finding(column=column, rule=rule, message=f"{column}: {text}" if column else text, rows=rows, level=level)


def _size(spec: Spec, rows: int) -> Iterator[Finding]:
    rule = spec.data.rows
    if rows < rule.min:
        yield _finding("", "rows", f"{rows:,} rows, at least {rule.min:,} are needed", rows, rule.level)
    if rule.max is not None and rows > rule.max:
        yield _finding("", "rows", f"{rows:,} rows, at most {rule.max:,} are allowed", rows, rule.level)


def _freshness(
    connection: duckdb.DuckDBPyConnection, table: str, spec: Spec, values: dict[str, str], rows: int
) -> Iterator[Finding]:
    rule, span = spec.data.rows, window.bounds(spec)
    if rule.fresh is None or span is None or spec.data.time is None:
        return
    row = connection.execute(f"SELECT epoch_us(max({values[spec.data.time]})) FROM {table}").fetchone()
    if not row or row[0] is None:
        return
    last = _EPOCH + timedelta(microseconds=int(row[0]))
    if span[1] - last > rule.fresh:
        limit = format_duration(rule.fresh)
        old = f"the latest row is {_ago(span[1] - last)} older than the snapshot's end, at most {limit} are allowed"
        yield _finding(spec.data.time, "fresh", old, rows, rule.level)


def _unique(connection: duckdb.DuckDBPyConnection, table: str, spec: Spec) -> Iterator[Finding]:
    checks: list[tuple[tuple[str, ...], Level]] = [(spec.data.keys, "error")] if spec.data.keys else []
    checks += [
        ((name,), rule.level) for name, rule in spec.data.columns.items() if rule.unique and (name,) != spec.data.keys
    ]
    dropped = anonymise.dropped(spec)
    for names, level in checks:
        if set(names) & dropped:
            continue
        listed = ", ".join(quote(name) for name in names)
        present = " AND ".join(f"{quote(name)} IS NOT NULL" for name in names)
        groups = f"SELECT {listed}, count(*) AS n FROM {table} WHERE {present} GROUP BY {listed} HAVING count(*) > 1"
        row = connection.execute(f"SELECT count(*), coalesce(sum(n), 0) FROM ({groups})").fetchone()
        if row and row[0]:
            many = "1 value appears" if row[0] == 1 else f"{int(row[0]):,} values appear"
            text = f"{many} more than once, in {int(row[1]):,} rows"
            text += _duplicates(connection, spec, names, groups, listed)
            yield _finding(", ".join(names), "unique", text, int(row[1]), level)


def _duplicates(
    connection: duckdb.DuckDBPyConnection, spec: Spec, names: tuple[str, ...], groups: str, listed: str
) -> str:
    if not all(anonymise.shown(spec, name) for name in names):
        return ""
    found = connection.execute(f"SELECT {listed}, n FROM ({groups}) ORDER BY {listed} LIMIT 3").fetchall()
    return ", for example " + ", ".join(f"{' '.join(map(str, row[:-1]))} ({row[-1]} times)" for row in found)


def _target(
    connection: duckdb.DuckDBPyConnection, table: str, spec: Spec, values: dict[str, str], rows: int
) -> Iterator[Finding]:
    target = spec.data.target
    row = connection.execute(
        f"SELECT count(DISTINCT {values[target]}), count({values[target]}) FROM {table}"
    ).fetchone()
    distinct, present = (int(row[0]), int(row[1])) if row else (0, 0)
    if not present:
        return
    if spec.train.task == "regression":
        if distinct == 1:
            yield _finding(target, "constant", "the target has one value in all rows, so nothing can be learnt", rows)
        return
    if distinct == 1:
        yield _finding(target, "classes", "the target has one class only, so nothing can be learnt", rows)
    elif distinct > max(present // 2, 2):
        text = f"the target has {distinct:,} classes in {present:,} rows; is the task a regression?"
        yield _finding(target, "classes", text, rows)


def _features(
    connection: duckdb.DuckDBPyConnection, table: str, spec: Spec, values: dict[str, str], rows: int
) -> Iterator[Finding]:
    names, coded = spec.features.columns, columns.categories(spec)
    parts = [
        f"count({quote(name)}), min({values[name]}) IS NOT DISTINCT FROM max({values[name]}), "
        + (f"count(DISTINCT {values[name]})" if name in coded else "0")
        for name in names
    ]
    row = connection.execute(f"SELECT {', '.join(parts)} FROM {table}").fetchone() or ()
    for index, name in enumerate(names):
        present, constant, distinct = row[3 * index : 3 * index + 3]
        if present == 0:
            yield _finding(name, "empty", "a feature without any value", rows)
        elif constant and present == rows:
            yield _finding(name, "constant", "a feature with one value in all rows; it cannot help", rows, "warning")
        elif distinct == present and present >= _FEW:
            text = f"as many categories as rows ({distinct:,}); leave it out, or group its values in data.query"
            yield _finding(name, "categories", text, rows)


def _ago(age: timedelta) -> str:
    return f"{age.days} d" if age.days else f"{age.total_seconds() / 3600:.1f} h"
