"""Scales without edges on which intervals of metrics are made, so that they stay inside what a metric can be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from modelops.evaluate.scored import Bools, Floats


@dataclass(frozen=True)
class Link:
    """A growing function of a metric and its inverse, between two edges."""

    low: float
    high: float
    scale: Callable[[Floats], Floats]
    back: Callable[[float], float]

    def inside(self, value: float) -> bool:
        """Return whether a value lies strictly between the edges."""
        return self.low < value < self.high

    def within(self, values: Floats) -> Bools:
        """Return which values lie strictly between the edges."""
        return (values > self.low) & (values < self.high)

    def forward(self, value: float) -> float:
        """Return a value on the scale; edges and what is beyond them become infinite."""
        if value <= self.low:
            return -math.inf
        return math.inf if value >= self.high else float(self.scale(np.array([value]))[0])


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(min(-value, 700.0)))


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))


IDENTITY = Link(-math.inf, math.inf, lambda x: x, lambda x: x)
LOGIT = Link(0.0, 1.0, lambda x: np.log(x / (1 - x)), _expit)
LOG = Link(0.0, math.inf, np.log, _exp)
LOG_REST = Link(-math.inf, 1.0, lambda x: -np.log(1 - x), lambda x: 1 - _exp(-x))

_SHARES = frozenset(
    {"roc_auc", "average_precision", "accuracy", "balanced_accuracy", "precision", "recall", "f1", "calibration_error"}
)
_ERRORS = frozenset({"log_loss", "brier", "cost", "mae", "rmse", "median_absolute_error", "mape"})


def link(metric: str, classes: int) -> Link:
    """Return the scale of a metric: logit of shares, logarithm of errors, of the unexplained rest for `r2`."""
    if metric in _SHARES or (metric == "brier" and classes == 2):
        return LOGIT
    if metric in _ERRORS:
        return LOG
    return LOG_REST if metric == "r2" else IDENTITY
