"""Metrics of the order of scores: area under the ROC curve, average precision, median absolute error.

Rows are sorted once; every resample is then a handful of cumulative sums over weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modelops.evaluate.scored import Bools, Floats, Ints
from modelops.evaluate.sums import divide


@dataclass(frozen=True)
class RocAuc:
    """Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half.

    Attributes
    ----------
    scores
        Shape (rows,).
    positive
        Shape (rows,).
    """

    scores: Floats
    positive: Bools

    @cached_property
    def _sorted(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Positions of positives and of sorted negatives, and how many negatives lie below and up to each positive."""
        above = np.flatnonzero(self.positive)
        below = np.flatnonzero(~self.positive)
        below = below[np.argsort(self.scores[below], kind="stable")]
        ordered = self.scores[below]
        above = above[np.argsort(self.scores[above], kind="stable")]
        low = np.searchsorted(ordered, self.scores[above], side="left")
        high = np.searchsorted(ordered, self.scores[above], side="right")
        return above, below, low, high

    def by_row(self, weights: Floats) -> Floats:
        """Return the area for each weighting of the rows: (resamples, rows) to (resamples,)."""
        above, below, low, high = self._sorted
        heavy = weights.take(above, axis=1)
        beaten = np.zeros((len(weights), len(below) + 1))
        np.cumsum(weights.take(below, axis=1), axis=1, out=beaten[:, 1:])
        won = np.einsum("ij,ij->i", heavy, beaten.take(low, axis=1))
        if not np.array_equal(low, high):
            won = 0.5 * (won + np.einsum("ij,ij->i", heavy, beaten.take(high, axis=1)))
        return divide(won, heavy.sum(axis=1) * beaten[:, -1])


@dataclass(frozen=True)
class AveragePrecision:
    """Mean precision at each positive row, from the highest score down; equal scores are one step.

    Attributes
    ----------
    scores
        Shape (rows,).
    positive
        Shape (rows,).
    """

    scores: Floats
    positive: Bools

    @cached_property
    def _sorted(self) -> tuple[Ints, Floats, Ints]:
        """Rows from the highest score down, whether positive, and the last place of each row's ties."""
        order = np.argsort(-self.scores, kind="stable")
        ordered = -self.scores[order]
        last = np.searchsorted(ordered, ordered, side="right") - 1
        return order, self.positive[order].astype(np.float64), last

    def by_row(self, weights: Floats) -> Floats:
        """Return the average precision for each weighting of the rows: (resamples, rows) to (resamples,)."""
        order, hit, last = self._sorted
        heavy = weights.take(order, axis=1)
        seen = np.cumsum(heavy, axis=1).take(last, axis=1)
        heavy *= hit
        precision = divide(np.cumsum(heavy, axis=1).take(last, axis=1), seen)
        return divide((heavy * np.nan_to_num(precision)).sum(axis=1), heavy.sum(axis=1))


@dataclass(frozen=True)
class Mean:
    """The plain mean of several metrics, one per class ("macro")."""

    parts: tuple[RocAuc | AveragePrecision, ...]

    def by_row(self, weights: Floats) -> Floats:
        """Return the mean for each weighting of the rows."""
        values: Floats = np.mean([part.by_row(weights) for part in self.parts], axis=0)
        return values


@dataclass(frozen=True)
class Median:
    """The median of one number per row."""

    values: Floats

    def by_row(self, weights: Floats) -> Floats:
        """Return the median for each weighting of the rows: (resamples, rows) to (resamples,)."""
        order = np.argsort(self.values, kind="stable")
        ordered = self.values[order]
        gathered = np.cumsum(weights[:, order], axis=1)
        half = gathered[:, -1:] / 2
        low = (gathered < half).sum(axis=1)
        high = np.minimum((gathered <= half).sum(axis=1), len(ordered) - 1)
        middle: Floats = 0.5 * (ordered[low] + ordered[high])
        return middle
