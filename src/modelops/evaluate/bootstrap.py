"""How sure a metric is: resamples of rows or blocks, and the intervals and p-values they give.

Independent rows, and rows in many blocks, are drawn again and again with replacement (the bootstrap); the interval is
the percentile interval with levels widened for small samples (Hesterberg, 2015, "What teachers should know about the
bootstrap", section 5.3: expanded percentile).

Rows in at most `MANY_BLOCKS` blocks (days, groups) are too few units for that: over 14 days the percentile interval
of the block bootstrap covers about 90%, not 95%. There each block is left out once, and the interval is Student's t
with the delete-one-block standard error and one degree of freedom less than blocks (Bell and McCaffrey, 2002, "Bias
reduction in standard errors for linear regression with multi-stage samples"; MacKinnon, Nielsen and Webb, 2023, "Fast
and reliable jackknife and bootstrap methods for cluster-robust inference", CV3J), on a scale without edges (`links`).
In simulations of 14 and 20 days it covered better than the percentile, expanded percentile, BCa and studentised block
bootstrap; `tests/evaluate/test_coverage.py` measures it against known truths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelops.evaluate.intervals import Edge, Percentile, Spread, Student
from modelops.evaluate.links import IDENTITY, LOGIT, Link
from modelops.evaluate.metrics import Metric
from modelops.evaluate.scored import Floats, Ints

RESAMPLES = 1000
FEWEST_BLOCKS = 5
MANY_BLOCKS = 100
# Resamples in which a metric has no value (no positive row drawn) are left out; more than this share is too many.
UNDEFINED_SHARE = 0.05
# Weights held at once: about a megabyte, which stays in the processor cache.
_CELLS = 120_000


@dataclass(frozen=True)
class Draws:
    """A metric on the rows as they are, and on every resample.

    Attributes
    ----------
    value
        On the rows as they are.
    replicates
        Shape (resamples,): bootstrap resamples, or the rows without each block in turn.
    units
        How many rows or blocks there are.
    left_out
        Whether the replicates leave out one block each.
    """

    value: float
    replicates: Floats
    units: int
    left_out: bool

    def minus(self, other: Draws) -> Draws:
        """Return the distribution of a difference; both must come from the same resamples."""
        return Draws(self.value - other.value, self.replicates - other.replicates, self.units, self.left_out)


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
        How many; with few blocks, as many as there are blocks.
    """
    units, codes = rows, None
    if blocks is not None:
        names, codes = np.unique(blocks, return_inverse=True)
        units = len(names)
    few = codes is not None and units <= MANY_BLOCKS
    generator = np.random.default_rng(seed)
    count = units if few else resamples
    values = np.empty((len(metrics), count))
    chunk = max(1, _CELLS // max(rows, 1))
    for start in range(0, count, chunk):
        stop = min(start + chunk, count)
        weights = _without(start, stop, units) if few else _drawn(generator, stop - start, units)
        if codes is not None:
            weights = weights[:, codes]
        for place, metric in enumerate(metrics):
            values[place, start:stop] = metric.by_row(weights)
    plain = [float(metric.by_row(np.ones((1, rows)))[0]) for metric in metrics]
    return [Draws(value, values[place], units, few) for place, value in enumerate(plain)]


def _drawn(generator: np.random.Generator, resamples: int, units: int) -> Floats:
    """How often each unit is drawn in each resample, shape (resamples, units)."""
    counts = np.empty((resamples, units))
    for row in range(resamples):
        counts[row] = np.bincount(generator.integers(0, units, units, dtype=np.int32), minlength=units)
    return counts


def _without(start: int, stop: int, units: int) -> Floats:
    """Leave out the units from start to stop, one in each row, shape (stop - start, units)."""
    counts = np.ones((stop - start, units))
    counts[np.arange(stop - start), np.arange(start, stop)] = 0.0
    return counts


def spread(draws: Draws, link: Link = IDENTITY) -> Spread | str:
    """Turn draws into a distribution to read intervals from, or say why there is none.

    Parameters
    ----------
    draws
        From `draw`, or a difference of two.
    link
        The scale on which Student's interval is made.
    """
    if not np.isfinite(draws.value):
        return "it has no value on these rows"
    if draws.units < FEWEST_BLOCKS:
        return f"an interval needs at least {FEWEST_BLOCKS} blocks of rows (days or groups), there are {draws.units}"
    usable = np.isfinite(draws.replicates)
    if usable.mean() < (1.0 if draws.left_out else 1 - UNDEFINED_SHARE):
        return "it rests on too few rows: a class or an outcome is too rare"
    replicates = draws.replicates[usable]
    if link is LOGIT and draws.value in (0.0, 1.0):
        return Edge(draws.value, draws.units)
    if draws.left_out:
        return _student(draws.value, replicates, draws.units, link)
    return Percentile(draws.value, np.sort(replicates), draws.units)


def _student(value: float, replicates: Floats, units: int, link: Link) -> Student:
    if not (link.inside(value) and link.within(replicates).all()):
        link = IDENTITY
    moved = link.scale(replicates)
    error = float(np.sqrt((units - 1) / units * ((moved - moved.mean()) ** 2).sum()))
    return Student(value, error if error > 1e-12 else 0.0, units, link)
