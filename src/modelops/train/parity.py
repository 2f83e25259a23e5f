"""Proof that the file that is served says what the fitted pipeline says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modelops.serving.predictor import Prediction

LIMIT = 1e-5


@dataclass(frozen=True)
class Parity:
    """How far two predictions of the same rows are apart.

    `difference` is the largest absolute difference of a probability (classification), or the largest absolute
    difference of a number divided by the largest number (regression). `flips` is the share of rows with another
    label, 0 for regression. `ties` counts rows that sit on the decision boundary, closer than `LIMIT`, and round
    to the other side of it; they are no flips, because neither label is the right one.
    """

    difference: float
    flips: float
    ties: int = 0

    @property
    def holds(self) -> bool:
        """Whether the difference is at most `LIMIT` and no label flips."""
        return self.difference <= LIMIT and self.flips == 0

    def __str__(self) -> str:
        return f"largest difference {self.difference:.1e}, {self.flips:.2%} of the labels flip"


def compare(fitted: Prediction, served: Prediction, threshold: float | None) -> Parity:
    """Compare what the fitted pipeline and the served file say about the same rows.

    Parameters
    ----------
    fitted, served : Prediction
        The two predictions, of the same rows in the same order.
    threshold : float, optional
        The decision threshold of a binary model.
    """
    if fitted.values.dtype.kind == "f" and fitted.probabilities is None:
        scale = _largest(fitted.values)
        return Parity(_largest(fitted.values - served.values) / (scale or 1.0), 0.0)
    other = fitted.values != served.values
    if fitted.probabilities is None or served.probabilities is None:
        return Parity(float(other.mean()), float(other.mean()))
    tied = other & (_margin(fitted.probabilities, threshold) <= LIMIT)
    difference = _largest(fitted.probabilities - served.probabilities)
    return Parity(difference, float((other & ~tied).mean()), int(tied.sum()))


def _margin(probabilities: np.ndarray, threshold: float | None) -> np.ndarray:
    """Return how much a row's probabilities must change before its label does; shape (rows,)."""
    if threshold is not None:
        return np.abs(probabilities[:, -1] - threshold)
    ordered = np.sort(probabilities, axis=1)
    margin: np.ndarray = (ordered[:, -1] - ordered[:, -2]) / 2
    return margin


def _largest(values: np.ndarray) -> float:
    return float(np.nan_to_num(np.abs(values), nan=np.inf).max(initial=0.0))
