"""What the drift stage found: how far new rows are from those a version learned from, and whether that counts."""

from __future__ import annotations

from typing import Literal

from modelops.records.base import Record

TriggerKind = Literal["data drift", "prediction drift", "age"]


class Trigger(Record):
    """A reason to retrain: `value` reached `limit`. `reason` is a sentence."""

    kind: TriggerKind
    value: float
    limit: float
    reason: str


class Moved(Record):
    """A category's share of the rows, before and now, 0 to 1."""

    value: str
    before: float
    after: float


class ColumnDrift(Record):
    """One column, then and now.

    `psi` is the population stability index less what chance alone would give, with its 95% bootstrap interval over
    days (rows without a time column); `ks` is the largest difference of the two cumulative distributions at the bins'
    edges, None for categories. `weight` is the column's share of the importance, 0 to 1. `quantiles_*` are 5%, 50%
    and 95%. `moved` and the `quantiles_*` are empty for sensitive columns.
    """

    column: str
    kind: Literal["number", "text", "category", "time"]
    weight: float
    drifted: bool
    psi: float
    low: float | None = None
    high: float | None = None
    ks: float | None = None
    missing_before: float
    missing_after: float
    quantiles_before: tuple[float, float, float] | None = None
    quantiles_after: tuple[float, float, float] | None = None
    moved: tuple[Moved, ...] = ()
    unseen: float = 0.0


class DriftRecord(Record):
    """New rows against the profile of one version.

    `score` is the share of drifted columns by weight, 0 to 1, with its interval; None when nothing was measured
    (`note` says why). `severity` is the weighted mean of the columns' PSI. `columns` is in order of weight.
    `version` and `lock` name the version that was looked at. `findings` are rules of the contract that
    the new rows break. `report` is a path below the repository.
    """

    model: str
    as_of: str
    snapshot: str
    version: int | None = None
    lock: str | None = None
    rows: int
    reference_rows: int
    first: str | None = None
    last: str | None = None
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    severity: float = 0.0
    columns: tuple[ColumnDrift, ...] = ()
    prediction: ColumnDrift | None = None
    target: ColumnDrift | None = None
    triggers: tuple[Trigger, ...] = ()
    findings: tuple[str, ...] = ()
    note: str = ""
    report: str | None = None

    @property
    def found(self) -> bool:
        """Whether anything asks for a retrain."""
        return bool(self.triggers)
