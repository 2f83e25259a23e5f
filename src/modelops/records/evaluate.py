"""What the evaluate stage found out: metrics with intervals, slices, the comparison, the verdict."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from modelops.records.base import Record

GateStatus = Literal["passed", "failed", "waived", "undecided", "not applicable"]


class Estimate(Record):
    """A value with its 95% bootstrap interval; None where it is undefined (`why` says so)."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


class SliceMetrics(Record):
    """The metrics on the test rows where `column` equals `value`.

    Values with too few rows to judge are folded into one entry, "(other)". The values of a sensitive column are
    not shown: they are numbered by size.
    """

    column: str
    value: str
    rows: int
    metrics: dict[str, Estimate]


class MetricDelta(Record):
    """Candidate minus champion on the same rows, with both values and the interval of the difference."""

    champion: float | None
    candidate: float | None
    delta: float | None
    low: float | None = None
    high: float | None = None


class SliceDelta(Record):
    """A metric's difference on one slice.

    `p` is the two-sided p-value of no difference, corrected by Holm's method for all slices that were compared; None
    where there is no interval.
    """

    column: str
    value: str
    rows: int
    metric: str
    delta: MetricDelta
    p: float | None = None


class Comparison(Record):
    """Champion against candidate on rows that neither was trained on.

    `resolved` is the digest of what the champion's lock resolved to: unlike a digest of the whole lock, it is the same
    wherever that version is made again. `flips` is the share of rows whose predicted label changes
    (classification) or None; `mended` and `broken` are the shares of rows that only the candidate or only the champion
    gets right. `undecided` says why no comparison was possible, else it is empty.
    """

    resolved: str
    version: int
    snapshot: str
    rows: int
    metrics: dict[str, MetricDelta]
    slices: tuple[SliceDelta, ...] = ()
    flips: float | None = None
    mended: float | None = None
    broken: float | None = None
    undecided: str = ""


class GateResult(Record):
    """One gate with its evidence. `gate` is the gate as a short text, `reason` a sentence.

    `near` marks a near miss: the gate holds, but its interval (or a slice's value) reaches across the limit.
    """

    gate: str
    metric: str
    slice: str | None = None
    status: GateStatus
    value: float | None
    low: float | None = None
    high: float | None = None
    limit: float | None
    reason: str
    near: bool = False


def holds(gate: GateResult) -> bool:
    """Return whether a gate lets the candidate through: it passed, is waived, or does not apply."""
    return gate.status in ("passed", "waived", "not applicable")


class GroupOutcome(Record):
    """How one group of a fairness column fares.

    `favoured` is the share of its rows that get the favourable answer, `found` the share of the rows that deserve it
    and get it (true positive rate); None where no row deserves it.
    """

    group: str
    rows: int
    favoured: Estimate
    found: Estimate


class FairnessAudit(Record):
    """The audit of one column.

    `demographic_parity` is the largest difference of `favoured` between two groups, `disparate_impact` the smallest
    ratio of two of them, `equal_opportunity` the largest difference of `found`; None with fewer than two groups to
    judge. `folded` counts the rows of groups that are too small.
    """

    column: str
    positive: str
    groups: tuple[GroupOutcome, ...]
    folded: int = 0
    demographic_parity: Estimate
    disparate_impact: Estimate
    equal_opportunity: Estimate


class Flip(Record):
    """One row whose predicted class changes: its key (empty when sensitive) and the classes as text."""

    key: str
    truth: str
    champion: str
    candidate: str


class EvaluateRecord(Record):
    """The evidence on one candidate.

    `gates` are those whose values repeat exactly; `measured_gates` those on measurements of this machine
    (latency), which the lock keeps under `observed`. `importance` is permutation importance per column,
    in units of the first metric, largest first. `test` names a Parquet blob with the test rows' predictions.
    `blocks` counts the days or groups among the test rows, None where rows are independent.
    `model_metrics` are properties of the model as a whole: size, parity, train-test gap, spread of folds.
    `flipped` is a sample of the rows whose answer changes.
    """

    metrics: dict[str, Estimate]
    train_metrics: dict[str, float | None]
    slices: tuple[SliceMetrics, ...]
    champion: Comparison | None
    gates: tuple[GateResult, ...]
    measured_gates: tuple[GateResult, ...] = ()
    importance: dict[str, float]
    latency_p50_ms: float
    latency_p99_ms: float
    test: str
    seconds: float
    test_rows: int = 0
    blocks: int | None = None
    model_metrics: dict[str, Estimate] = Field(default={})
    fairness: tuple[FairnessAudit, ...] = ()
    flipped: tuple[Flip, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every gate holds, is waived or does not apply."""
        return all(holds(gate) for gate in (*self.gates, *self.measured_gates))
