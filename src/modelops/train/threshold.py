"""The decision threshold of a binary classifier, chosen on the validation rows."""

from __future__ import annotations

import numpy as np

from modelops.core.errors import ModelopsError
from modelops.spec.training import Cost, Threshold


def choose(rule: Threshold, positive: np.ndarray, probability: np.ndarray) -> float:
    """Return the probability from which on a row counts as positive.

    Parameters
    ----------
    rule : Threshold
        A recall to reach, or what mistakes cost.
    positive : numpy.ndarray of bool, shape (rows,)
        Whether each validation row is of the last class.
    probability : numpy.ndarray of float, shape (rows,)
        The model's probability of the last class.

    Returns
    -------
    float
        For a recall: the largest threshold that reaches it. For a cost: the threshold with the lowest total cost,
        the smallest one of several. Both are halfway between two neighbouring probabilities, so that rounding in
        another runtime flips no label.

    Raises
    ------
    ModelopsError
        When no validation row is positive.
    """
    if not positive.any():
        raise ModelopsError(
            "train.threshold: no validation row is positive", hint="make evaluate.split.validation longer"
        )
    if rule.recall is not None:
        return _for_recall(rule.recall, positive, probability)
    assert rule.cost is not None  # noqa: S101 - the schema asks for exactly one of the two
    return _for_cost(rule.cost, positive, probability)


def _cuts(probability: np.ndarray) -> np.ndarray:
    """Return the thresholds that divide the rows differently, ascending: below all, between each two, above all."""
    values = np.unique(probability)
    between = (values[:-1] + values[1:]) / 2
    return np.concatenate([[values[0] / 2], between, [(values[-1] + 1) / 2]])


def _for_recall(recall: float, positive: np.ndarray, probability: np.ndarray) -> float:
    cuts = _cuts(probability)
    found = np.sort(probability[positive])
    reached = 1 - np.searchsorted(found, cuts, side="left") / len(found)
    return float(cuts[np.flatnonzero(reached >= recall - 1e-12)[-1]])


def _for_cost(cost: Cost, positive: np.ndarray, probability: np.ndarray) -> float:
    cuts = _cuts(probability)
    missed = np.searchsorted(np.sort(probability[positive]), cuts, side="left")
    alarms = (~positive).sum() - np.searchsorted(np.sort(probability[~positive]), cuts, side="left")
    return float(cuts[np.argmin(missed * cost.false_negative + alarms * cost.false_positive)])
