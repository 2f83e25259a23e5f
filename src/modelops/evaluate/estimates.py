"""Metrics with their intervals, as they go into records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelops.evaluate import bootstrap, links, metrics
from modelops.evaluate.bootstrap import Draws
from modelops.evaluate.intervals import Spread
from modelops.evaluate.scored import Bools, Ints, Scored
from modelops.records.evaluate import Estimate, MetricDelta
from modelops.spec.evaluation import LOWER_IS_BETTER
from modelops.spec.training import Cost


@dataclass(frozen=True)
class Method:
    """How metrics are measured on some rows.

    Attributes
    ----------
    names
        The metrics, the one that counts first.
    cost
        What mistakes cost, for the metric `cost`.
    seed
        Seed of the resamples.
    resamples
        How many.
    """

    names: tuple[str, ...]
    cost: Cost | None = None
    seed: int = 7
    resamples: int = bootstrap.RESAMPLES


@dataclass(frozen=True)
class Measured:
    """A metric on some rows: value (None where undefined), distribution under resampling, why one is missing."""

    value: float | None
    spread: Spread | None
    why: str = ""

    def estimate(self) -> Estimate:
        """Return the record of it, rounded."""
        if self.spread is None:
            return Estimate(value=figure(self.value), why=self.why)
        low, high = self.spread.interval()
        return Estimate(value=figure(self.value), low=figure(low), high=figure(high))


def figure(value: float | None) -> float | None:
    """Round to six significant digits, so that the same evidence reads the same on every processor."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def better(name: str) -> int:
    """Return 1 when a larger value of the metric is better, -1 when a smaller one is."""
    return -1 if name in LOWER_IS_BETTER else 1


def measure(method: Method, rows: Scored, blocks: Ints | None) -> dict[str, Measured]:
    """Measure all metrics of a method on some rows, each with its distribution under resampling."""
    draws = _draws(method, [rows], blocks)
    return {
        name: _measured(found[0] if isinstance(found, list) else found, links.link(name, rows.classes))
        for name, found in draws.items()
    }


@dataclass(frozen=True)
class Difference:
    """A metric of champion and candidate on the same rows; `gain` is the difference, positive where it is better."""

    champion: float | None
    candidate: float | None
    gain: Measured

    def delta(self, sign: int) -> MetricDelta:
        """Return the record of it: candidate minus champion, in the metric's own direction."""
        low, high = (None, None) if self.gain.spread is None else self.gain.spread.interval()
        low, high = (low, high) if sign > 0 or low is None or high is None else (-high, -low)
        value = None if self.gain.value is None else sign * self.gain.value
        return MetricDelta(
            champion=figure(self.champion),
            candidate=figure(self.candidate),
            delta=figure(value),
            low=figure(low),
            high=figure(high),
        )


def compare(method: Method, champion: Scored, candidate: Scored, blocks: Ints | None) -> dict[str, Difference]:
    """Measure what the candidate gains over the champion on the same rows, under the same resamples."""
    result = {}
    for name, found in _draws(method, [champion, candidate], blocks).items():
        if not isinstance(found, list):
            result[name] = Difference(None, None, _measured(found))
            continue
        old, new = found
        gain = new.minus(old) if better(name) > 0 else old.minus(new)
        result[name] = Difference(_finite(old.value), _finite(new.value), _measured(gain))
    return result


def _draws(method: Method, models: Sequence[Scored], blocks: Ints | None) -> dict[str, list[Draws] | str]:
    prepared: dict[str, list[metrics.Metric]] = {}
    result: dict[str, list[Draws] | str] = {}
    for name in method.names:
        try:
            prepared[name] = [metrics.prepare(name, rows, method.cost) for rows in models]
        except metrics.Undefined as reason:
            result[name] = str(reason)
    flat = [metric for pair in prepared.values() for metric in pair]
    draws = bootstrap.draw(flat, len(models[0]), blocks, method.seed, method.resamples) if flat else []
    size = len(models)
    result |= {name: draws[size * place : size * (place + 1)] for place, name in enumerate(prepared)}
    return {name: result[name] for name in method.names}


def _measured(found: Draws | str, link: links.Link = links.IDENTITY) -> Measured:
    if isinstance(found, str):
        return Measured(None, None, found)
    spread = bootstrap.spread(found, link)
    if isinstance(spread, str):
        return Measured(_finite(found.value), None, spread)
    return Measured(found.value, spread)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def within(rows: Bools, blocks: Ints | None) -> Ints | None:
    """Return the blocks of some of the rows."""
    return None if blocks is None else np.asarray(blocks[rows])
