"""The reference profile of a model's training rows: what drift is measured against. It holds no row."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field

from modelops.records.base import Record


class Numbers(Record):
    """A numeric column in bins between quantiles, or a text column by its number of words.

    `counts` has one entry per bin: `(-inf, edges[0]]`, `(edges[0], edges[1]]`, …, `(edges[-1], inf)`.
    `quantiles` are the 5%, 50% and 95% quantiles, None where every value is missing.
    `missing` counts missing and infinite values.
    """

    kind: Literal["number", "text"]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int
    quantiles: tuple[float, float, float] | None


class Categories(Record):
    """A categorical column. `counts` is in descending order; `other` counts the rows of all smaller groups.

    `hashed` says that values of a sensitive column are stored as digests.
    """

    kind: Literal["category"]
    counts: dict[str, int]
    other: int
    missing: int
    hashed: bool = False


class Times(Record):
    """A column of times. Time moves on by itself, so only missing values are watched."""

    kind: Literal["time"]
    counts: tuple[int, ...]
    missing: int


ColumnProfile = Annotated[Numbers | Categories | Times, Field(discriminator="kind")]


class Profile(Record):
    """What the training rows of one snapshot looked like.

    `prediction` is the distribution of the model's output on them: the probability of the last class (two classes),
    the predicted class (several) or the predicted number. `importance` is per column, in units of the first metric.
    """

    model: str
    snapshot: str
    rows: int
    columns: dict[str, ColumnProfile]
    prediction: ColumnProfile
    target: ColumnProfile
    importance: dict[str, float]

    def dumps(self) -> str:
        """Return the profile as JSON, one column a line, always the same text for the same profile."""
        plain = self.model_dump(mode="json")
        columns = ",\n".join(f"    {_line(name)}: {_line(column)}" for name, column in plain.pop("columns").items())
        rest = [f"  {_line(name)}: {_line(value)}" for name, value in plain.items()]
        made = f"written by `modelops run {self.model}`; do not edit"
        return "{\n" + ",\n".join([f'  "_": {_line(made)}', *rest, f'  "columns": {{\n{columns}\n  }}']) + "\n}\n"

    @classmethod
    def loads(cls, text: str) -> Profile:
        """Return the profile that `dumps` wrote.

        Raises
        ------
        ValueError
            When the text is no profile.
        """
        plain = json.loads(text)
        plain.pop("_", None)
        return cls.model_validate(plain)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
