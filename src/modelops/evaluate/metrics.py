"""Every metric by name, as something that can be computed again and again on weighted rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from modelops.evaluate import ranking, sums
from modelops.evaluate.scored import Floats, Scored
from modelops.spec.training import Cost


class Metric(Protocol):
    """A metric on fixed rows, for any weights of them."""

    def by_row(self, weights: Floats) -> Floats:
        """Return the metric for each weighting of the rows: (resamples, rows) to (resamples,)."""


class Undefined(Exception):
    """A metric has no value on some rows; the message says why."""


def prepare(name: str, rows: Scored, cost: Cost | None = None) -> Metric:
    """Return a metric on some rows.

    Parameters
    ----------
    name
        One of `spec.evaluation.CLASSIFICATION_METRICS` or `REGRESSION_METRICS`.
    rows
        Truth and prediction.
    cost
        What mistakes cost, for the metric `cost`.

    Raises
    ------
    Undefined
        When the metric has no value on these rows.
    """
    if len(rows) == 0:
        raise Undefined("there are no rows")
    if name == "cost":
        return _cost(rows, cost)
    return METRICS[name](rows)


def value(name: str, rows: Scored, cost: Cost | None = None) -> float:
    """Return a metric's plain value, NaN where it is undefined."""
    try:
        return float(prepare(name, rows, cost).by_row(np.ones((1, len(rows))))[0])
    except Undefined:
        return float("nan")


def _probabilities(rows: Scored) -> Floats:
    if rows.probabilities is None:
        raise Undefined("the model gives no probabilities")
    return rows.probabilities


def _present(rows: Scored, least: int) -> None:
    if len(np.unique(rows.truth)) < least:
        raise Undefined("all rows are of one class")


def _roc_auc(rows: Scored) -> Metric:
    _present(rows, 2)
    scores = _probabilities(rows)
    if rows.classes == 2:
        return ranking.RocAuc(scores[:, 1], rows.truth == 1)
    return ranking.Mean(tuple(ranking.RocAuc(scores[:, code], rows.truth == code) for code in np.unique(rows.truth)))


def _average_precision(rows: Scored) -> Metric:
    scores = _probabilities(rows)
    if rows.classes == 2:
        if not (rows.truth == 1).any():
            raise Undefined("no row is positive")
        return ranking.AveragePrecision(scores[:, 1], rows.truth == 1)
    present = np.unique(rows.truth)
    return ranking.Mean(tuple(ranking.AveragePrecision(scores[:, code], rows.truth == code) for code in present))


def _log_loss(rows: Scored) -> Metric:
    stated = _probabilities(rows)[np.arange(len(rows)), rows.truth.astype(np.int64)]
    edge = float(np.finfo(np.float64).eps)
    return sums.mean(-np.log(np.clip(stated, edge, 1 - edge)))


def _brier(rows: Scored) -> Metric:
    """Mean squared error of probabilities: of the last class with two classes, summed over all with more."""
    stated = _probabilities(rows)
    if rows.classes == 2:
        return sums.mean((stated[:, 1] - (rows.truth == 1)) ** 2)
    return sums.mean(((stated - (rows.truth[:, None] == np.arange(rows.classes))) ** 2).sum(axis=1))


def _accuracy(rows: Scored) -> Metric:
    return sums.mean((rows.truth == rows.predicted).astype(np.float64))


def _balanced_accuracy(rows: Scored) -> Metric:
    """The plain mean of every class's recall."""
    _present(rows, 2)
    known = np.unique(rows.truth)
    inside = rows if np.isin(rows.predicted, known).all() else _outside(rows, known)
    return sums.confusion(inside, lambda true, _, actual: sums.divide(true, actual), every_class=True)


def _outside(rows: Scored, known: np.ndarray) -> Scored:
    """Count an answer that no row's truth has as a miss, not as a class of its own."""
    wrong = np.where(rows.truth == known[0], known[1], known[0])
    return Scored(
        rows.truth, np.where(np.isin(rows.predicted, known), rows.predicted, wrong), rows.probabilities, rows.classes
    )


def _precision(rows: Scored) -> Metric:
    if rows.classes == 2 and not (rows.predicted == 1).any():
        raise Undefined("no row was predicted positive")
    return sums.confusion(rows, lambda true, predicted, _: sums.divide(true, predicted))


def _recall(rows: Scored) -> Metric:
    if rows.classes == 2 and not (rows.truth == 1).any():
        raise Undefined("no row is positive")
    return sums.confusion(rows, lambda true, _, actual: sums.divide(true, actual))


def _f1(rows: Scored) -> Metric:
    if rows.classes == 2 and not ((rows.truth == 1) | (rows.predicted == 1)).any():
        raise Undefined("no row is positive or was predicted positive")
    return sums.confusion(rows, lambda true, predicted, actual: sums.divide(2 * true, predicted + actual))


def _cost(rows: Scored, cost: Cost | None) -> Metric:
    """Mean cost of a row: what its false alarm or its miss costs, else nothing."""
    if cost is None:
        raise Undefined("evaluate.cost does not say what mistakes cost")
    if rows.classes != 2:
        raise Undefined("costs are of false alarms and misses, which need two classes")
    alarm = (rows.predicted == 1) & (rows.truth != 1)
    miss = (rows.predicted != 1) & (rows.truth == 1)
    return sums.mean(alarm * cost.false_positive + miss * cost.false_negative)


def _mape(rows: Scored) -> Metric:
    """Mean of the absolute error as a share of the truth."""
    if (rows.truth == 0).any():
        raise Undefined("the target is zero on some rows")
    return sums.mean(np.abs((rows.truth - rows.predicted) / rows.truth))


def _r2(rows: Scored) -> Metric:
    if np.ptp(rows.truth) == 0:
        raise Undefined("the target has one value only")
    return sums.r2(rows)


METRICS: dict[str, Callable[[Scored], Metric]] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "log_loss": _log_loss,
    "brier": _brier,
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
    "calibration_error": lambda rows: sums.calibration_error(_probabilities(rows), rows),
    "mae": lambda rows: sums.mean(np.abs(rows.truth - rows.predicted)),
    "rmse": lambda rows: sums.root_mean(np.square(rows.truth - rows.predicted, dtype=np.float64)),
    "r2": _r2,
    "median_absolute_error": lambda rows: ranking.Median(np.abs(rows.truth - rows.predicted)),
    "mape": _mape,
    "bias": lambda rows: sums.mean(np.asarray(rows.predicted - rows.truth, dtype=np.float64)),
}
