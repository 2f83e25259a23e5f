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
        heavy = weights[:, above]
        beaten = np.zeros((len(weights), len(below) + 1))
        np.cumsum(weights[:, below], axis=1, out=beaten[:, 1:])
        won = np.einsum("ij,ij->i", heavy, beaten[:, low])
        if not np.array_equal(low, high):
            won = 0.5 * (won + np.einsum("ij,ij->i", heavy, beaten[:, high]))
        return divide(won, heavy.sum(axis=1) * beaten[:, -1])

    def by_block(self, counts: Floats, blocks: Ints) -> tuple[Floats, Floats]:
        """Return the area and its derivative by each block's weight.

        The area is a bilinear form of the blocks' weights: pairs won between every two blocks are counted once
        (Obuchowski, 1997, "Nonparametric analysis of clustered ROC curve data").
        """
        size = counts.shape[1]
        wins = self._wins(blocks, size)
        positives = np.bincount(blocks[self.positive], minlength=size).astype(np.float64)
        negatives = np.bincount(blocks[~self.positive], minlength=size).astype(np.float64)
        as_positive, as_negative = counts @ wins.T, counts @ wins
        above, below = counts @ positives, counts @ negatives
        area = divide((counts * as_positive).sum(axis=1), above * below)
        slopes = divide(as_positive + as_negative, (above * below)[:, None])
        slopes -= area[:, None] * (divide(positives, above[:, None]) + divide(negatives, below[:, None]))
        return area, slopes

    def _wins(self, blocks: Ints, size: int) -> Floats:
        """Count pairs won by positives of a block (first axis) over negatives of a block (second axis)."""
        wins = np.zeros((size, size))
        above = self.scores[self.positive]
        owner = blocks[self.positive]
        for block in range(size):
            ordered = np.sort(self.scores[~self.positive & (blocks == block)])
            beaten = np.searchsorted(ordered, above, side="left") + np.searchsorted(ordered, above, side="right")
            wins[:, block] = np.bincount(owner, 0.5 * beaten, size)
        return wins


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
    def _sorted(self) -> tuple[Ints, Floats, Ints, Ints]:
        """Rows from the highest score down, whether positive, and the first and last place of each row's ties."""
        order = np.argsort(-self.scores, kind="stable")
        ordered = -self.scores[order]
        first = np.searchsorted(ordered, ordered, side="left")
        last = np.searchsorted(ordered, ordered, side="right") - 1
        return order, self.positive[order].astype(np.float64), first, last

    def by_row(self, weights: Floats) -> Floats:
        """Return the average precision for each weighting of the rows: (resamples, rows) to (resamples,)."""
        return self._precision(weights)[0]

    def by_block(self, counts: Floats, blocks: Ints) -> tuple[Floats, Floats]:
        """Return the average precision and its derivative by each block's weight."""
        order, hit, first, _ = self._sorted
        owner = blocks[order]
        values = np.empty(len(counts))
        slopes = np.empty_like(counts)
        for row, count in enumerate(counts):
            value, precision, seen, found = self._precision(count[blocks][None, :])
            share = np.nan_to_num(divide(count[owner] * hit, seen[0]))
            gained = np.cumsum(share[::-1])[::-1][first]
            lost = np.cumsum((share * np.nan_to_num(precision[0]))[::-1])[::-1][first]
            row_slope = hit * (np.nan_to_num(precision[0]) + gained - value[0]) - lost
            values[row] = value[0]
            slopes[row] = np.bincount(owner, row_slope, counts.shape[1]) / (found[0] or np.nan)
        return values, slopes

    def _precision(self, weights: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        order, hit, _, last = self._sorted
        heavy = weights[:, order]
        seen = np.cumsum(heavy, axis=1)[:, last]
        heavy = heavy * hit
        precision = divide(np.cumsum(heavy, axis=1)[:, last], seen)
        found = heavy.sum(axis=1)
        return divide((heavy * np.nan_to_num(precision)).sum(axis=1), found), precision, seen, found


@dataclass(frozen=True)
class Mean:
    """The plain mean of several metrics, one per class ("macro")."""

    parts: tuple[RocAuc | AveragePrecision, ...]

    def by_row(self, weights: Floats) -> Floats:
        """Return the mean for each weighting of the rows."""
        values: Floats = np.mean([part.by_row(weights) for part in self.parts], axis=0)
        return values

    def by_block(self, counts: Floats, blocks: Ints) -> tuple[Floats, Floats]:
        """Return the mean and its derivative by each block's weight."""
        pieces = [part.by_block(counts, blocks) for part in self.parts]
        return np.mean([value for value, _ in pieces], axis=0), np.mean([slope for _, slope in pieces], axis=0)


@dataclass(frozen=True)
class Median:
    """The median of one number per row. It is not smooth in the weights, so blocks get no derivative."""

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

    def by_block(self, counts: Floats, blocks: Ints) -> tuple[Floats, None]:
        """Return the median for each weighting of the blocks."""
        return np.concatenate([self.by_row(part[:, blocks]) for part in np.array_split(counts, 20)]), None
