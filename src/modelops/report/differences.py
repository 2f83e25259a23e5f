"""Differences between champion and candidate, as cells of a table and as words."""

from __future__ import annotations

from modelops.records.evaluate import MetricDelta, SliceDelta
from modelops.report.markdown import interval, number, signed
from modelops.spec.evaluation import LOWER_IS_BETTER

SURE = 0.05


def metric_cells(name: str, delta: MetricDelta) -> list[str]:
    """Return champion, candidate, difference, interval and conclusion of one metric."""
    return [
        number(delta.champion),
        number(delta.candidate),
        signed(delta.delta),
        interval(delta.low, delta.high, sign=True),
        conclusion(name, delta.low, delta.high),
    ]


def conclusion(metric: str, low: float | None, high: float | None) -> str:
    """Return what the interval of a difference (candidate minus champion) says."""
    if metric == "bias":  # neither direction is better
        return ""
    if low is None or high is None:
        return "cannot tell"
    if metric in LOWER_IS_BETTER:
        low, high = -high, -low
    if low == high == 0:
        return "the same"
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def slice_conclusion(part: SliceDelta) -> str:
    """Return what is known of one slice among many: its p-value is corrected for how many there are."""
    if part.metric == "bias":
        return ""
    if part.p is None or part.delta.delta is None:
        return "cannot tell"
    if part.p >= SURE or part.delta.delta == 0:
        return "no clear difference"
    return "better" if (part.delta.delta > 0) != (part.metric in LOWER_IS_BETTER) else "worse"
