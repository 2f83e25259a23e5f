"""Truth and prediction of some rows, in the shape that metrics read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelops.core.errors import ModelopsError
from modelops.serving.predictor import Prediction

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """Rows with their truth and a model's answer.

    Attributes
    ----------
    truth
        Shape (rows,): class codes (positions in the model's classes), or the number itself in a regression.
    predicted
        Shape (rows,): the same for the model's answer.
    probabilities
        Shape (rows, classes); None in a regression, and for a classifier that gives none.
    classes
        How many classes the model knows; 0 in a regression.
    """

    truth: Floats | Ints
    predicted: Floats | Ints
    probabilities: Floats | None
    classes: int

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: Bools | Ints) -> Scored:
        """Return some of the rows, by mask or by position."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        return Scored(self.truth[rows], self.predicted[rows], probabilities, self.classes)


def score(target: str, truth: Iterable[Any], prediction: Prediction, classes: Sequence[Any]) -> Scored:
    """Put truth and prediction side by side.

    Parameters
    ----------
    target
        Name of the target column, for messages.
    truth
        Shape (rows,), raw values of the target.
    prediction
        The model's answer on the same rows.
    classes
        The model's classes in the order of its probabilities, empty in a regression.

    Raises
    ------
    ModelopsError
        When a row's truth is missing, is no number, or is a class that the model never saw.
    """
    if not classes:
        return Scored(_numbers(target, truth), np.asarray(prediction.values, dtype=np.float64), None, 0)
    stated = prediction.probabilities
    return Scored(
        codes(target, truth, classes),
        codes(target, prediction.values, classes),
        None if stated is None else np.asarray(stated, dtype=np.float64),
        len(classes),
    )


def codes(target: str, values: Iterable[Any], classes: Sequence[Any]) -> Ints:
    """Return the position of each value in the model's classes, shape (rows,).

    Raises
    ------
    ModelopsError
        When a value is none of them.
    """
    positions = {value: position for position, value in enumerate(classes)}
    plain = np.asarray(values).tolist()
    unknown = sorted({str(value) for value in plain if value not in positions})
    if unknown:
        raise ModelopsError(
            f"the rows to evaluate on hold values of {target} that the training rows lack: {', '.join(unknown[:5])}",
            hint="a larger data.window, or a split by hash, gives every class rows to learn from",
        )
    return np.array([positions[value] for value in plain], dtype=np.int64)


def _numbers(target: str, truth: Iterable[Any]) -> Floats:
    values = np.asarray(truth).astype(np.float64)
    if not np.isfinite(values).all():
        raise ModelopsError(
            f"{int((~np.isfinite(values)).sum())} of the rows to evaluate on have no {target}",
            hint="leave such rows out in data.query",
        )
    return values
