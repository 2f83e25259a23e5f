"""Bootstrap distributions of metrics and of their differences, and the intervals and p-values they give.

Independent rows are drawn row by row, and the interval is the percentile interval with levels widened for small
samples (Hesterberg, 2015, "What teachers should know about the bootstrap", section 5.3: expanded percentile).

Rows that come in a few blocks (days, groups) are drawn block by block. The percentile interval is then too narrow,
because few blocks say little about their own spread: with 14 days it covers about 90%, not 95%. Each resample is
therefore divided by its own standard error, the linearised cluster one, and the interval is the studentised or
bootstrap-t interval (Efron and Tibshirani, 1993, "An introduction to the bootstrap", chapter 12; Cameron, Gelbach and
Miller, 2008, "Bootstrap-based improvements for inference with clustered errors"), on a scale without edges: the logit
of shares and areas, the logarithm of errors. Above `MANY_BLOCKS` the expanded percentile interval does as well.
`tests/evaluate/test_coverage.py` measures both against known truths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from modelops.evaluate.links import IDENTITY, Link
from modelops.evaluate.metrics import Metric
from modelops.evaluate.scored import Floats, Ints

RESAMPLES = 1000
LEVEL = 0.95
FEWEST_BLOCKS = 5
MANY_BLOCKS = 100
# Resamples in which a metric has no value (no positive row drawn) are left out; more than this share is too many.
UNDEFINED_SHARE = 0.05
_CELLS = 4_000_000


@dataclass(frozen=True)
class Draws:
    """A metric on the rows as they are, and on every resample.

    Attributes
    ----------
    value
        On the rows as they are.
    replicates
        Shape (resamples,).
    slope, slopes
        Derivatives by each block's weight: on the rows as they are, shape (blocks,), and on every resample, shape
        (resamples, blocks). None where rows are independent, blocks are many or the metric has no derivative.
    counts
        Shape (resamples, blocks): how often each block was drawn; None together with `slopes`.
    units
        How many rows or blocks were drawn from.
    """

    value: float
    replicates: Floats
    slope: Floats | None
    slopes: Floats | None
    counts: Floats | None
    units: int

    def minus(self, other: Draws) -> Draws:
        """Return the distribution of a difference; both must come from the same resamples."""
        smooth = self.slopes is not None and other.slopes is not None
        return Draws(
            self.value - other.value,
            self.replicates - other.replicates,
            self.slope - other.slope if smooth and self.slope is not None and other.slope is not None else None,
            self.slopes - other.slopes if smooth and self.slopes is not None and other.slopes is not None else None,
            self.counts if smooth else None,
            self.units,
        )


@dataclass(frozen=True)
class Spread:
    """What a bootstrap says about one number.

    Attributes
    ----------
    value
        The number itself.
    replicates
        Shape (resamples,), sorted: of the number, or of its studentised distance from the value where `error` is set.
    error
        Standard error of the value on the link's scale, None for a percentile interval.
    units
        How many rows or blocks were drawn from.
    link
        The scale on which it was studentised.
    """

    value: float
    replicates: Floats
    error: float | None
    units: int
    link: Link = IDENTITY

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the two-sided confidence interval."""
        tail = (1 - level) / 2
        if self.error is None:
            tail = _expanded(tail, self.units)
            low, high = np.quantile(self.replicates, [tail, 1 - tail])
            return float(low), float(high)
        above, below = np.quantile(self.replicates, [1 - tail, tail])
        middle = self.link.forward(self.value)
        return self.link.back(middle - float(above) * self.error), self.link.back(middle - float(below) * self.error)

    def p_at_least(self, limit: float) -> float:
        """Return the one-sided p-value of the hypothesis that the true value is `limit` or larger."""
        if self.error is None:
            return (int((self.replicates >= limit).sum()) + 1) / (len(self.replicates) + 1)
        if self.error == 0:
            return 1.0 if self.value >= limit else 0.0
        distance = (self.link.forward(self.value) - self.link.forward(limit)) / self.error
        return (int((self.replicates <= distance).sum()) + 1) / (len(self.replicates) + 1)

    def p_at_most(self, limit: float) -> float:
        """Return the one-sided p-value of the hypothesis that the true value is `limit` or smaller."""
        if self.error is None:
            return (int((self.replicates <= limit).sum()) + 1) / (len(self.replicates) + 1)
        if self.error == 0:
            return 1.0 if self.value <= limit else 0.0
        distance = (self.link.forward(self.value) - self.link.forward(limit)) / self.error
        return (int((self.replicates >= distance).sum()) + 1) / (len(self.replicates) + 1)


def draw(
    metrics: Sequence[Metric], rows: int, blocks: Ints | None, seed: int, resamples: int = RESAMPLES
) -> list[Draws]:
    """Compute metrics on the same rows under the same resamples.

    Parameters
    ----------
    metrics
        Prepared on the same rows, in the same order.
    rows
        How many rows there are.
    blocks
        Shape (rows,): the block of each row, any integers; None where rows are independent.
    seed
        The same seed gives the same resamples.
    resamples
        How many.
    """
    generator = np.random.default_rng(seed)
    if blocks is None:
        return _by_row(metrics, rows, None, generator, resamples)
    names, codes = np.unique(blocks, return_inverse=True)
    if len(names) > MANY_BLOCKS:
        return _by_row(metrics, len(names), codes.astype(np.int64), generator, resamples)
    return [_by_block(metric, len(names), codes.astype(np.int64), seed, resamples) for metric in metrics]


def spread(draws: Draws, link: Link = IDENTITY) -> Spread | str:
    """Turn draws into a distribution to read intervals from, or say why there is none.

    Parameters
    ----------
    draws
        From `draw`, or a difference of two.
    link
        The scale on which a studentised interval is made.
    """
    if not np.isfinite(draws.value):
        return "it has no value on these rows"
    if draws.units < FEWEST_BLOCKS:
        return f"an interval needs at least {FEWEST_BLOCKS} blocks of rows (days or groups), there are {draws.units}"
    usable = np.isfinite(draws.replicates)
    if usable.mean() < 1 - UNDEFINED_SHARE:
        return "it has no value on too many resamples: one class, or one outcome, is too rare"
    if draws.slope is None or draws.slopes is None or draws.counts is None or not link.inside(draws.value):
        return Spread(draws.value, np.sort(draws.replicates[usable]), None, draws.units)
    error = float(_errors(draws.slope[None, :], np.ones((1, draws.units)))[0])
    if error <= 1e-12 * max(1.0, abs(draws.value)):
        return Spread(draws.value, np.zeros(1), 0.0, draws.units)
    return _studentised(draws, draws.slopes, draws.counts, error, link)


def _studentised(draws: Draws, slopes: Floats, counts: Floats, error: float, link: Link) -> Spread:
    """Divide each resample's distance from the value by its own standard error, on the link's scale."""
    errors = _errors(slopes, counts)
    kept = np.isfinite(draws.replicates) & link.within(draws.replicates) & (errors > 1e-6 * error)
    replicates = draws.replicates[kept]
    distances = link.scale(replicates) - link.forward(draws.value)
    pivots = distances / (errors[kept] * link.slope(replicates))
    here = float(link.slope(np.array([draws.value]))[0])
    return Spread(draws.value, np.sort(pivots), error * here, draws.units, link)


def _errors(slopes: Floats, counts: Floats) -> Floats:
    """Cluster standard errors: the root of the summed squares of what each block moves the metric."""
    size = counts.shape[1]
    result: Floats = np.sqrt(size / (size - 1) * (counts * slopes**2).sum(axis=1))
    return result


def _expanded(tail: float, units: int) -> float:
    """Return the tail that makes a percentile interval as wide as Student's t asks for (Hesterberg, 2015)."""
    from scipy.stats import t

    quantile = float(t.ppf(tail, units - 1)) * (units / (units - 1)) ** 0.5
    return NormalDist().cdf(quantile)


def _by_row(
    metrics: Sequence[Metric], units: int, codes: Ints | None, generator: np.random.Generator, resamples: int
) -> list[Draws]:
    rows = units if codes is None else len(codes)
    values = np.empty((len(metrics), resamples))
    chunk = max(1, _CELLS // max(rows, 1))
    for start in range(0, resamples, chunk):
        stop = min(start + chunk, resamples)
        counts = _counts(generator, stop - start, units)
        weights = counts if codes is None else counts[:, codes]
        for place, metric in enumerate(metrics):
            values[place, start:stop] = metric.by_row(weights)
    plain = np.ones((1, rows))
    return [
        Draws(float(metric.by_row(plain)[0]), values[place], None, None, None, units)
        for place, metric in enumerate(metrics)
    ]


def _by_block(metric: Metric, units: int, codes: Ints, seed: int, resamples: int) -> Draws:
    counts = _counts(np.random.default_rng(seed), resamples, units)
    plain, slope = metric.by_block(np.ones((1, units)), codes)
    values, slopes = metric.by_block(counts, codes)
    base = None if slope is None else slope[0]
    return Draws(float(plain[0]), values, base, slopes, None if slopes is None else counts, units)


def _counts(generator: np.random.Generator, resamples: int, units: int) -> Floats:
    """How often each unit is drawn in each resample, shape (resamples, units)."""
    counts = np.empty((resamples, units))
    for row in range(resamples):
        counts[row] = np.bincount(generator.integers(0, units, units, dtype=np.int32), minlength=units)
    return counts
