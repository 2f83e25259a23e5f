"""`features:` of a spec: which columns the model sees, and how they are prepared."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modelops.core.settings import Strict

Columns = Annotated[tuple[str, ...], Field(min_length=1)]


class Numeric(Strict):
    """Numbers, cast to float32."""

    columns: Columns = Field(description="Column names.", examples=[["distance", "temp"]])
    impute: Literal["median", "mean", "zero", "none"] = Field(
        default="none",
        description="What stands in for a missing value; `none` leaves it to the estimator.",
        examples=["median"],
    )
    scale: Literal["none", "standard", "minmax", "robust"] = Field(
        default="none", description="Scaling; leave it out in front of trees.", examples=["standard"]
    )


class Categorical(Strict):
    """Categories."""

    columns: Columns = Field(description="Column names.", examples=[["origin", "carrier"]])
    encode: Literal["ordinal", "onehot", "target"] = Field(
        default="onehot",
        description="How categories become numbers; unknown ones get their own code.",
        examples=["ordinal"],
    )
    rare: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0,
        description="Categories with a smaller share of the training rows are put together, 0 to 1.",
        examples=[0.001],
    )


class Dates(Strict):
    """Times, as sine and cosine of their cyclic parts."""

    columns: Columns = Field(description="Column names.", examples=[["scheduled_at"]])
    parts: Annotated[
        tuple[Literal["minute", "hour", "weekday", "day", "month", "dayofyear"], ...], Field(min_length=1)
    ] = Field(
        default=("hour", "weekday", "month"), description="The parts to take (UTC).", examples=[["hour", "weekday"]]
    )


class Text(Strict):
    """Free text, as a bag of words."""

    columns: Columns = Field(description="Column names.", examples=[["complaint"]])
    encode: Literal["tfidf", "hashing"] = Field(
        default="tfidf", description="How words become numbers.", examples=["tfidf"]
    )
    size: int = Field(
        default=1000,
        ge=2,
        le=1_048_576,
        description="Largest number of words (tfidf) or buckets (hashing) per column.",
        examples=[1000],
    )


class Custom(Strict):
    """A transformer of the model's own, from `models/<model>/code.py`."""

    columns: Columns = Field(description="Column names it receives.", examples=[["temp", "dewp"]])
    transformer: str = Field(
        description="Name of the class in code.py.", examples=["DewPointSpread"], pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"
    )
    params: dict[str, str | int | float | bool | None] = Field(
        default={}, description="Arguments of its constructor.", examples=[{"clip": 40}]
    )


class Features(Strict):
    """Columns by how they are prepared. A column may appear in several groups."""

    numeric: Numeric | None = Field(
        default=None, description="Numbers.", examples=[{"columns": ["distance"], "impute": "median"}]
    )
    categorical: Categorical | None = Field(default=None, description="Categories.", examples=[{"columns": ["origin"]}])
    dates: Dates | None = Field(default=None, description="Times.", examples=[{"columns": ["scheduled_at"]}])
    text: Text | None = Field(default=None, description="Free text.", examples=[{"columns": ["complaint"]}])
    custom: tuple[Custom, ...] = Field(
        default=(), description="Own transformers.", examples=[[{"columns": ["temp"], "transformer": "Clip"}]]
    )
    interactions: tuple[tuple[str, str], ...] = Field(
        default=(),
        description="Pairs of numeric columns whose product becomes a feature.",
        examples=[[["temp", "humid"]]],
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """Every input column once, in the order of the groups."""
        groups = [group for group in (self.numeric, self.categorical, self.dates, self.text, *self.custom) if group]
        names = [name for group in groups for name in group.columns]
        names += [name for pair in self.interactions for name in pair]
        return tuple(dict.fromkeys(names))
