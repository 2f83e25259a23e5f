"""Differences between champion and candidate, as cells of a table and as words."""

from __future__ import annotations

from collections.abc import Iterable

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


def lost(part: SliceDelta) -> float:
    """Return how much of the metric a slice loses against the champion, 0 where it loses nothing."""
    delta = part.delta.delta or 0.0
    return max(0.0, delta if part.metric in LOWER_IS_BETTER else -delta)


def heaviest_losses(parts: Iterable[SliceDelta]) -> list[SliceDelta]:
    """Return the slice that loses most over all its rows and the one that loses most per row; none where none loses."""
    losing = [part for part in parts if lost(part) > 0]
    if not losing:
        return []
    over_rows, per_row = max(losing, key=lambda part: lost(part) * part.rows), max(losing, key=lost)
    return [over_rows] if over_rows is per_row else [over_rows, per_row]


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
    """Return what is known of one slice among many: its p-value is corrected for how many there are.

    `perhaps` marks a slice whose own interval excludes zero, but not after that correction.
    """
    if part.metric == "bias":
        return ""
    if part.p is None or part.delta.delta is None:
        return "cannot tell"
    if part.p >= SURE or part.delta.delta == 0:
        alone = conclusion(part.metric, part.delta.low, part.delta.high)
        return f"perhaps {alone}" if alone in ("better", "worse") else "cannot tell"
    return "better" if (part.delta.delta > 0) != (part.metric in LOWER_IS_BETTER) else "worse"
