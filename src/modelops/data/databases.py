"""SQL databases through SQLAlchemy: one read-only statement, streamed into Arrow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, TextClause, create_engine, event, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from modelops.core.errors import ModelopsError
from modelops.data.sources import Database

_BATCH = 50_000
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_PACKAGES = {"psycopg": "uv sync --extra postgresql"}
_TYPES: dict[type, pa.DataType] = {
    type(None): pa.null(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: pa.timestamp("us", "UTC"),
    date: pa.date32(),
}
# pyarrow turns aware times into UTC and takes naive ones as UTC.
_AS_THEY_ARE = {bool, int, float, str, datetime, date}
# A colon that is no parameter: in a text such as 'a:b', or another name.
_COLON = re.compile(r"(?<![:\w\\]):(?!(?:start|end)\b)(?=\w)")

Span = tuple[datetime, datetime]


def read(source: Database, span: Span | None, time: str | None) -> pa.Table:
    """Return the rows of a table or statement.

    A statement may name `:start` and `:end`, the half-open span of the snapshot in UTC, so that the database
    sends no other rows. A table of PostgreSQL is cut to the span when `time` names its
    time column.

    Parameters
    ----------
    source
        The database and what to read from it.
    span
        Start and end of the snapshot.
    time
        The table's time column, None to read all rows.

    Raises
    ------
    ModelopsError
        When the database cannot be reached, refuses, or goes away in the middle.
    """
    engine = _engine(source)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                # What names no zone is UTC, there as here.
                connection.execute(text("SET TIME ZONE 'UTC'"))
            statement = _statement(connection, source, span, time)
            result = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(statement)
            names = list(result.keys())
            _refuse_twice(source, names)
            batches = [_columns(rows) for rows in result.partitions(_BATCH)]
    except SQLAlchemyError as error:
        raise _failed(source, error) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _failed(source, error) from None
    finally:
        engine.dispose()
    return _table(names, batches)


def _engine(source: Database) -> Engine:
    scheme, _, rest = source.address.full.partition("://")
    url = f"{_DRIVERS.get(scheme, scheme)}://{rest}"
    try:
        # A database without an encoding would send bytes for texts.
        options = {"client_encoding": "utf8"} if scheme.startswith("postgres") else {}
        engine = create_engine(url, hide_parameters=True, connect_args=options)
    except ImportError as error:
        hint = _PACKAGES.get(str(error.name), f"install {error.name}")
        raise ModelopsError(
            f"data.sources.{source.name}: {scheme}:// needs the package {error.name}", hint=hint
        ) from None
    except NoSuchModuleError:
        raise ModelopsError(
            f"data.sources.{source.name}: no driver for {scheme}:// is installed",
            hint="install the SQLAlchemy dialect of the database",
        ) from None
    except (ArgumentError, ValueError) as error:
        raise _failed(source, error) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON"))
        return engine
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return engine


def _statement(connection: Connection, source: Database, span: Span | None, time: str | None) -> TextClause:
    quote = connection.dialect.identifier_preparer.quote_identifier
    if source.query is not None:
        statement = text(_COLON.sub(r"\\:", source.query.strip().rstrip(";")))
    else:
        table = ".".join(quote(part) for part in str(source.table).split("."))
        # Elsewhere times may be texts or numbers that compare in another way.
        cut = time and span and connection.dialect.name == "postgresql"
        when = f"CAST({quote(str(time))} AS timestamptz)"
        where = f" WHERE {when} >= :start AND {when} < :end" if cut else ""
        statement = text(f"SELECT * FROM {table}{where}")
    named = set(statement.compile().params)
    if named and span is None:
        raise ModelopsError(
            f"data.sources.{source.name}: the query names :{min(named)}, which has no value",
            hint=":start and :end are the span of the snapshot, which needs data.time",
        )
    values = dict(zip(("start", "end"), span, strict=True)) if span else {}
    return statement.bindparams(**{name: values[name] for name in named})


def _refuse_twice(source: Database, names: Sequence[str]) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ModelopsError(
            f"data.sources.{source.name}: the column {twice[0]!r} comes twice", hint="rename one with AS"
        )


def _columns(rows: Sequence[Sequence[Any]]) -> list[pa.Array]:
    """Return some rows as columns, each in the narrowest type that holds its values."""
    return [_array(values) for values in zip(*rows, strict=True)]


def _array(values: Sequence[Any]) -> pa.Array:
    kinds = set(map(type, values)) - {type(None)}
    if not kinds <= _AS_THEY_ARE:
        values = [_plain(value) for value in values]
        kinds = set(map(type, values)) - {type(None)}
    if kinds == {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if kinds == {date, datetime}:
        return pa.array([_moment(value) for value in values], _TYPES[datetime])
    if len(kinds) <= 1:
        try:
            return pa.array(values, _TYPES.get(next(iter(kinds), type(None)), pa.string()))
        except (OverflowError, pa.ArrowInvalid):
            pass  # a whole number with too many digits: it stays exact as a text
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _plain(value: Any) -> Any:
    """Return a value as one of the types that Arrow has."""
    if value is None or type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Decimal):
        return float(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def _moment(value: date | None) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _table(names: Sequence[str], batches: Sequence[list[pa.Array]]) -> pa.Table:
    columns = []
    for index in range(len(names)):
        pieces = [batch[index] for batch in batches]
        kind = _widest({piece.type for piece in pieces} - {pa.null()})
        columns.append(pa.chunked_array([piece.cast(kind) for piece in pieces], kind))
    return pa.table(columns, names=list(names))


def _widest(kinds: set[pa.DataType]) -> pa.DataType:
    if kinds == {pa.int64(), pa.float64()}:
        return pa.float64()
    if kinds == {_TYPES[date], _TYPES[datetime]}:
        return _TYPES[datetime]
    return kinds.pop() if len(kinds) == 1 else pa.string()


def _failed(source: Database, error: Exception) -> ModelopsError:
    cause = getattr(error, "orig", None) or error
    # Further lines may quote rows.
    reason = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
    return ModelopsError(
        f"data.sources.{source.name}: {source.address.written} cannot be read: {source.address.redact(reason)}",
        hint="check the address, the credentials in the environment and the statement; nothing was kept",
    )
