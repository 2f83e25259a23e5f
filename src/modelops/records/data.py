"""What the data stage resolved a snapshot to."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from modelops.records.base import Record


class Finding(Record):
    """A rule that rows broke. `column` is empty for rules about the rows as a whole.

    `examples` holds a few offending values with their keys, none of columns that must not show.
    """

    column: str
    rule: str
    message: str
    rows: int
    level: Literal["error", "warning"]
    examples: tuple[str, ...] = ()


class DataRecord(Record):
    """The exact rows of one snapshot.

    `digest` depends on content only: not on file layout, row order or thread count.
    `frame` names a Parquet blob in the store with the same rows in canonical order (key, else all columns).
    `columns` maps each column of the query to the digest of its values, in canonical order.
    `first` and `last` are the earliest and latest value of the time column (ISO 8601, UTC), None without one.
    """

    snapshot: str
    rows: int
    first: str | None
    last: str | None
    digest: str
    frame: str
    findings: tuple[Finding, ...] = ()
    columns: dict[str, str] = Field(default={})
