"""Reads the rows of a snapshot: query, window, canonical form and order, contract, digest."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.data import anonymise, canonical, columns, contract, engine, leakage, window
from modelops.data.columns import Kind
from modelops.data.sources import Source
from modelops.data.sql import literal, quote
from modelops.records.data import DataRecord
from modelops.spec.model import Spec

TABLE = "snapshot"
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|(?<=value )\S+")


def resolve(
    spec: Spec, sources: Sequence[Source], store: Store, *, threads: int | None = None, watch: bool = False
) -> DataRecord:
    """Run the query of a spec and keep the rows of its snapshot.

    Parameters
    ----------
    spec
        The model's spec.
    sources
        What its sources stand for.
    store
        Where the frame goes.
    threads
        How many threads DuckDB may use, all cores by default; the result does not depend on it.
    watch
        The rows are looked at, not learnt from: broken rules are findings.

    Raises
    ------
    ModelopsError
        When the query fails, or the rows break the contract.
    """
    with engine.connect(spec, sources, threads=threads) as connection:
        try:
            given = _collect(connection, spec)
            return _finish(connection, spec, given, store, watch=watch)
        except duckdb.Error as error:
            raise ModelopsError(f"{spec.name}: data.query failed: {_told(spec, error)}") from None


def _told(spec: Spec, error: duckdb.Error) -> str:
    """Return what DuckDB says, without the values that it quotes when some may not show."""
    line = engine.first_line(error)
    if all(anonymise.shown(spec, name) for name in spec.data.columns):
        return line
    return _QUOTED.sub("…", line)


def _collect(connection: duckdb.DuckDBPyConnection, spec: Spec) -> dict[str, Kind]:
    """Put the rows of the window into a table, in canonical types and order; return the kind of each column."""
    query = _query(spec)
    described = connection.execute(f"DESCRIBE {query}").fetchall()
    given = {str(row[0]): canonical.kind_of(str(row[1])) for row in described}
    _check_names(spec, [str(row[0]) for row in described])
    stored: dict[str, Kind] = {}
    values = []
    for name in sorted(given.keys() - anonymise.dropped(spec)):
        plain = canonical.expression(name, given[name])
        value, stored[name] = anonymise.expression(spec, name, given[name], plain)
        values.append(f"{value} AS {quote(name)}")
    order = ", ".join(f"{quote(name)} NULLS FIRST" for name in spec.data.keys or sorted(stored))
    rows = f"SELECT {', '.join(values)} FROM (\n{query}\n) WHERE {_inside(spec, given)}"
    connection.execute(f"CREATE TABLE {TABLE} AS SELECT * FROM ({rows}) ORDER BY {order}")
    return stored


def _query(spec: Spec) -> str:
    if spec.data.query is not None:
        return spec.data.query.strip().rstrip(";")
    if len(spec.data.sources) > 1:
        raise ModelopsError(
            f"{spec.name}: {len(spec.data.sources)} data.sources, and no data.query says how they belong together",
            hint="write a query, or keep one source",
        )
    return f"SELECT * FROM {quote(next(iter(spec.data.sources)))}"


def _check_names(spec: Spec, names: list[str]) -> None:
    """Refuse a query that gives a name twice or lacks a column that the spec needs."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ModelopsError(
            f"{spec.name}: data.query gives the column {twice[0]!r} twice",
            hint="leave one out with EXCLUDE, or rename it with AS",
        )
    absent = [name for name in columns.kept(spec) if name not in names]
    if absent:
        close = difflib.get_close_matches(absent[0], names, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"it gives {', '.join(sorted(names))}"
        raise ModelopsError(f"{spec.name}: the data has no column {', '.join(map(repr, absent))}", hint=hint)


def _inside(spec: Spec, given: dict[str, Kind]) -> str:
    """Return the condition that a row lies in the window; rows without a time stay, for the contract to refuse."""
    span = window.bounds(spec)
    if span is None or spec.data.time is None:
        return "true"
    kind = given[spec.data.time]
    time = (
        canonical.expression(spec.data.time, kind)
        if kind == "time"
        else canonical.conversion(spec.data.time, kind, "time")
    )
    start, end = (f"{literal(_iso(moment))}::TIMESTAMPTZ" for moment in span)
    return f"({time} IS NULL OR ({time} >= {start} AND {time} < {end}))"


def _finish(
    connection: duckdb.DuckDBPyConnection, spec: Spec, given: dict[str, Kind], store: Store, *, watch: bool
) -> DataRecord:
    wanted = {name: columns.kinds(spec).get(name, given[name]) for name in columns.kept(spec)}
    findings = contract.check(connection, TABLE, spec, given, wanted, watch=watch)
    rows = connection.execute(f"SELECT * FROM {TABLE}").to_arrow_table()
    digests = canonical.column_digests(rows)
    values = ", ".join(
        f"{canonical.conversion(name, given[name], kind)} AS {quote(name)}" for name, kind in wanted.items()
    )
    frame = connection.execute(f"SELECT {values} FROM {TABLE}").to_arrow_table()
    first, last = _span(connection, spec, given)
    return DataRecord(
        snapshot=spec.data.snapshot,
        rows=rows.num_rows,
        first=first,
        last=last,
        digest=canonical.content_digest(rows.num_rows, digests),
        frame=store.put_bytes(_parquet(frame)),
        findings=(*findings, *leakage.findings(spec, frame)),
        columns=digests,
    )


def _span(connection: duckdb.DuckDBPyConnection, spec: Spec, given: dict[str, Kind]) -> tuple[str | None, str | None]:
    if spec.data.time is None:
        return None, None
    time = canonical.conversion(spec.data.time, given[spec.data.time], "time")
    row = connection.execute(f"SELECT epoch_us(min({time})), epoch_us(max({time})) FROM {TABLE}").fetchone()
    return (_moment(row[0]), _moment(row[1])) if row else (None, None)


def _moment(microseconds: int) -> str:
    return _iso(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds))


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
