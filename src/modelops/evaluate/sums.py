"""Metrics that are smooth functions of sums over rows: means, ratios, everything from a confusion table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from modelops.evaluate.scored import Floats, Scored

Combine = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Sums:
    """A metric as a function of column sums.

    Attributes
    ----------
    terms
        Shape (rows, terms): what each row adds.
    combine
        From sums of shape (…, terms) to the metric, shape (…).
    """

    terms: Floats
    combine: Combine

    def by_row(self, weights: Floats) -> Floats:
        """Return the metric for each weighting of the rows: (resamples, rows) to (resamples,)."""
        return self.combine(weights @ self.terms)


def divide(above: Floats, below: Floats) -> Floats:
    """Return above / below, NaN where below is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below != 0, above / below, np.nan)


def mean(values: Floats) -> Sums:
    """The mean of one number per row."""
    return Sums(np.stack([values, np.ones_like(values)], axis=1), lambda sums: divide(sums[..., 0], sums[..., 1]))


def root_mean(values: Floats) -> Sums:
    """The square root of the mean of one number per row."""
    average = mean(values)
    return Sums(average.terms, lambda sums: np.sqrt(np.maximum(average.combine(sums), 0.0)))


def r2(rows: Scored) -> Sums:
    """Coefficient of determination: 1 - sum of squared errors / sum of squares around the mean."""
    truth = rows.truth - rows.truth.mean()
    terms = np.stack([np.ones_like(truth), truth, truth**2, (rows.truth - rows.predicted) ** 2], axis=1)

    def combine(sums: Floats) -> Floats:
        spread = sums[..., 2] - divide(sums[..., 1] ** 2, sums[..., 0])
        return 1.0 - divide(sums[..., 3], np.where(spread > 0, spread, 0.0))

    return Sums(terms, combine)


def confusion(rows: Scored, score: Callable[[Floats, Floats, Floats], Floats], *, every_class: bool = False) -> Sums:
    """A score of true positives, predicted positives and actual positives.

    With two classes it is the score of the last class (unless `every_class`); with more it is the plain mean over
    the classes that the rows hold ("macro").
    """
    labels = np.arange(rows.classes) if every_class or rows.classes > 2 else np.array([rows.classes - 1])
    if len(labels) > 1:
        labels = labels[np.isin(labels, rows.truth) | np.isin(labels, rows.predicted)]
    actual = (rows.truth[:, None] == labels).astype(np.float64)
    predicted = (rows.predicted[:, None] == labels).astype(np.float64)
    size = len(labels)

    def combine(sums: Floats) -> Floats:
        parts = score(sums[..., :size], sums[..., size : 2 * size], sums[..., 2 * size :])
        return parts[..., 0] if size == 1 else np.nan_to_num(parts).mean(axis=-1)

    return Sums(np.concatenate([actual * predicted, predicted, actual], axis=1), combine)


def calibration_error(probabilities: Floats, rows: Scored, bins: int = 15) -> Sums:
    """Expected calibration error over equally wide bins (Guo et al., 2017, "On calibration of modern neural networks").

    With two classes: of the probability of the last class. With more: of the largest probability, against whether
    that class is right.
    """
    if rows.classes == 2:
        stated, happened = probabilities[:, 1], (rows.truth == 1).astype(np.float64)
    else:
        best = probabilities.argmax(axis=1)
        stated, happened = probabilities.max(axis=1), (rows.truth == best).astype(np.float64)
    place = np.minimum((stated * bins).astype(np.int64), bins - 1)
    gaps = np.zeros((len(rows), bins))
    gaps[np.arange(len(rows)), place] = stated - happened
    terms = np.concatenate([gaps, np.ones((len(rows), 1))], axis=1)
    return Sums(terms, lambda sums: divide(np.abs(sums[..., :bins]).sum(axis=-1), sums[..., bins]))
