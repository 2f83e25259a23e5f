"""SQL databases through SQLAlchemy: one read-only statement, streamed into Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, TextClause, create_engine, event, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from modelops.core.errors import ModelopsError
from modelops.data.sources import Database

_BATCH = 50_000
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_PACKAGES = {"psycopg": "uv sync --extra postgresql"}
# From narrow to wide: a column gets the widest type that one of its values needs.
_WIDTHS: tuple[tuple[type, pa.DataType], ...] = (
    (bool, pa.bool_()),
    (int, pa.int64()),
    (float, pa.float64()),
    (datetime, pa.timestamp("us", "UTC")),
    (date, pa.date32()),
)

Span = tuple[datetime, datetime]


def read(source: Database, span: Span | None, time: str | None) -> pa.Table:
    """Return the rows of a table or statement.

    A statement may name `:start` and `:end`, the half-open span of the snapshot in UTC, so that the database
    sends no other rows. A table is cut to the span when `time` names its time column.

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
            statement = _statement(connection, source, span, time)
            result = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(statement)
            names = list(result.keys())
            batches = [_columns(names, rows) for rows in result.partitions(_BATCH)]
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
        statement = text(source.query.strip().rstrip(";"))
    else:
        table = ".".join(quote(part) for part in str(source.table).split("."))
        where = f" WHERE {quote(time)} >= :start AND {quote(time)} < :end" if time and span else ""
        statement = text(f"SELECT * FROM {table}{where}")
    named = set(statement.compile().params)
    unknown = named - {"start", "end"} if span else named
    if unknown:
        raise ModelopsError(
            f"data.sources.{source.name}: the query names :{min(unknown)}, which has no value",
            hint="only :start and :end have one, and only with data.time",
        )
    values = dict(zip(("start", "end"), span, strict=True)) if span else {}
    return statement.bindparams(**{name: values[name] for name in named})


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[_plain(row[index]) for row in rows] for index in range(len(names))]


def _plain(value: Any) -> Any:
    """Return a value as one of None, bool, int, float, str, date or aware datetime."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return value
    if isinstance(value, Decimal):
        return float(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def _table(names: Sequence[str], batches: Sequence[list[list[Any]]]) -> pa.Table:
    arrays = []
    for index in range(len(names)):
        pieces = [batch[index] for batch in batches]
        kind = _type(chain.from_iterable(pieces))
        arrays.append(pa.chunked_array([pa.array(_fitted(piece, kind), kind) for piece in pieces], kind))
    return pa.table(arrays, names=list(names))


def _type(values: Iterator[Any]) -> pa.DataType:
    seen = {type(value) for value in values if value is not None}
    if seen <= {int, float}:
        return pa.float64() if float in seen or not seen else pa.int64()
    if seen <= {date, datetime}:
        return pa.timestamp("us", "UTC") if datetime in seen else pa.date32()
    if len(seen) == 1:
        return dict(_WIDTHS).get(next(iter(seen)), pa.string())
    return pa.string()


def _fitted(values: Iterable[Any], kind: pa.DataType) -> list[Any]:
    if pa.types.is_string(kind):
        return [None if value is None else value if isinstance(value, str) else str(value) for value in values]
    if pa.types.is_timestamp(kind):
        return [
            datetime(value.year, value.month, value.day, tzinfo=UTC) if type(value) is date else value
            for value in values
        ]
    if pa.types.is_floating(kind):
        return [None if value is None else float(value) for value in values]
    return list(values)


def _failed(source: Database, error: Exception) -> ModelopsError:
    cause = getattr(error, "orig", None) or error
    # Further lines may quote rows.
    reason = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
    return ModelopsError(
        f"data.sources.{source.name}: {source.address.written} cannot be read: {source.address.redact(reason)}",
        hint="check the address, the credentials in the environment and the statement; nothing was kept",
    )
