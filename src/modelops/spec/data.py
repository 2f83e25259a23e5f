"""`data:` of a spec: sources, query, snapshot, and the contract of its columns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from modelops.core.settings import Strict
from modelops.spec.units import Duration

Level = Literal["error", "warning"]
Share = Annotated[float, Field(ge=0, le=1)]


def _snapshot_text(value: Any) -> Any:
    """Turn the dates that YAML makes of `2013-03-31` back into that text."""
    return value.isoformat() if isinstance(value, (date, datetime)) else value


class Column(Strict):
    """What one column must look like, at training, drift and serving."""

    type: Literal["number", "integer", "boolean", "category", "text", "time"] = Field(
        description="What the values are.", examples=["number"]
    )
    min: float | None = Field(
        default=None, description="Smallest allowed value, in the column's own unit.", examples=[0]
    )
    max: float | None = Field(
        default=None, description="Largest allowed value, in the column's own unit.", examples=[130]
    )
    values: tuple[str | int | bool, ...] | None = Field(
        default=None, description="The only allowed values.", examples=[["EWR", "JFK", "LGA"]]
    )
    missing: Share = Field(default=0.0, description="Largest allowed share of missing values, 0 to 1.", examples=[0.05])
    unique: bool = Field(default=False, description="Whether every value may appear only once.", examples=[True])
    sensitive: bool = Field(
        default=False,
        description="Whether row values must never show in logs, reports and pull requests.",
        examples=[True],
    )
    anonymise: Literal["drop", "hash"] | int | float | None = Field(
        default=None,
        description=(
            "Before anything is stored: `drop` the column, replace values by a keyed `hash`, or round numbers down to"
            " multiples of this width."
        ),
        examples=["hash", 10],
    )
    level: Level = Field(
        default="error", description="Whether a broken rule stops the run or is only reported.", examples=["warning"]
    )


class DatabaseSource(Strict):
    """A table or a statement of an SQL database, read through SQLAlchemy."""

    url: str = Field(
        description="SQLAlchemy URL; credentials only as `${NAME}` from the environment.",
        examples=["postgresql://${PGUSER}:${PGPASSWORD}@db.example.com/warehouse"],
    )
    table: str | None = Field(default=None, description="Table or view, with its schema.", examples=["public.flights"])
    query: str | None = Field(
        default=None, description="A SELECT that the database runs.", examples=["SELECT * FROM flights"]
    )


class RowRules(Strict):
    """Rules about the rows as a whole."""

    min: int = Field(default=1, ge=1, description="Smallest number of rows a snapshot may have.", examples=[1000])
    max: int | None = Field(
        default=None, ge=1, description="Largest number of rows a snapshot may have.", examples=[5000000]
    )
    fresh: Duration | None = Field(
        default=None, description="The latest row is at most this much older than the snapshot's end.", examples=["2d"]
    )
    level: Level = Field(
        default="error", description="Whether a broken rule stops the run or is only reported.", examples=["warning"]
    )


class Data(Strict):
    """Which rows the model learns from."""

    sources: dict[Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")], str | DatabaseSource] = Field(
        description=(
            "Name to path, glob or address: Parquet, CSV or JSON lines, on disk, `s3://`, `gs://`, `az://` or"
            " `https://`; or an SQL database. Paths start at the repository."
        ),
        examples=[{"flights": "data/flights/flights-*.parquet"}],
        min_length=1,
    )
    query: str | None = Field(
        default=None,
        description="SQL (DuckDB) over the sources; without it, all columns of the only source.",
        examples=["SELECT * FROM flights WHERE arr_delay IS NOT NULL"],
    )
    key: str | tuple[str, ...] | None = Field(
        default=None, description="Column, or columns, that name a row; unique.", examples=["flight_id"]
    )
    time: str | None = Field(
        default=None, description="Column that says when a row happened (UTC).", examples=["scheduled_at"]
    )
    snapshot: Annotated[str, BeforeValidator(_snapshot_text)] = Field(
        default="1",
        description=(
            "With a time column: the last day (UTC, inclusive) or moment of the data. Without: a free version label. "
            "A retrain pull request moves this line."
        ),
        examples=["2013-03-31"],
        min_length=1,
        max_length=64,
    )
    window: Duration | None = Field(
        default=None, description="How far back from the snapshot rows are taken.", examples=["90d"]
    )
    labels_after: Duration | None = Field(
        default=None,
        description="How long after a row's time its target is final; younger rows are left out.",
        examples=["1d"],
    )
    target: str = Field(description="Column to predict.", examples=["delayed"])
    columns: dict[str, Column] = Field(
        default={},
        description="The contract: what columns must look like.",
        examples=[{"temp": {"type": "number", "min": -40}}],
    )
    rows: RowRules = Field(default=RowRules(), description="Rules about the rows as a whole.", examples=[{"min": 1000}])

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns, none when the spec names none."""
        if self.key is None:
            return ()
        return (self.key,) if isinstance(self.key, str) else self.key
