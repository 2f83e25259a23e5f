"""What the evaluate stage found out: metrics with intervals, slices, the comparison, the verdict."""

from __future__ import annotations

from typing import Literal

from modelops.records.base import Record

GateStatus = Literal["passed", "failed", "waived", "undecided", "not applicable"]


class Estimate(Record):
    """A value with its 95% bootstrap interval; None where it is undefined (`why` says so)."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


class SliceMetrics(Record):
    """The metrics on the test rows where `column` equals `value`."""

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
    """A metric's difference on one slice."""

    column: str
    value: str
    rows: int
    metric: str
    delta: MetricDelta


class Comparison(Record):
    """Champion against candidate on rows that neither was trained on.

    `lock` is the digest of the champion's lock. `flips` is the share of rows whose predicted label changes
    (classification) or None. `undecided` says why no comparison was possible, else it is empty.
    """

    lock: str
    version: int
    snapshot: str
    rows: int
    metrics: dict[str, MetricDelta]
    slices: tuple[SliceDelta, ...] = ()
    flips: float | None = None
    undecided: str = ""


class GateResult(Record):
    """One gate with its evidence. `gate` is the gate as a short text, `reason` a sentence."""

    gate: str
    metric: str
    slice: str | None = None
    status: GateStatus
    value: float | None
    low: float | None = None
    high: float | None = None
    limit: float | None
    reason: str


def holds(gate: GateResult) -> bool:
    """Return whether a gate lets the candidate through: it passed, is waived, or does not apply."""
    return gate.status in ("passed", "waived", "not applicable")


class EvaluateRecord(Record):
    """The evidence on one candidate.

    `gates` are those whose values repeat exactly; `measured_gates` those on measurements of this machine
    (latency), which the lock keeps under `observed`. `importance` is permutation importance per column,
    in units of the first metric, largest first. `test` names a Parquet blob with the test rows' predictions.
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

    @property
    def passed(self) -> bool:
        """Whether every gate holds, is waived or does not apply."""
        return all(holds(gate) for gate in (*self.gates, *self.measured_gates))
