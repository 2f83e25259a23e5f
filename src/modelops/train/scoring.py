"""The metric that a search optimises, as a scikit-learn scorer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import joblib
from sklearn.metrics import get_scorer

from modelops.core.errors import ModelopsError
from modelops.spec.evaluation import LOWER_IS_BETTER
from modelops.spec.model import Spec
from modelops.train.keys import metric_name

BINARY = {
    "roc_auc": "roc_auc",
    "average_precision": "average_precision",
    "log_loss": "neg_log_loss",
    "brier": "neg_brier_score",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "f1",
}
SEVERAL_CLASSES = BINARY | {
    "roc_auc": "roc_auc_ovr",
    "precision": "precision_macro",
    "recall": "recall_macro",
    "f1": "f1_macro",
}
NUMBER = {
    "mae": "neg_mean_absolute_error",
    "rmse": "neg_root_mean_squared_error",
    "r2": "r2",
    "median_absolute_error": "neg_median_absolute_error",
    "mape": "neg_mean_absolute_percentage_error",
}


@dataclass(frozen=True)
class Scorer:
    """A scikit-learn scorer that predicts on one thread: forests add up their trees in the order they are ready."""

    name: str

    def __call__(self, estimator: Any, rows: Any, target: Any) -> float:
        """Return the score of a fitted estimator, larger is better."""
        with joblib.parallel_config(backend="sequential"):
            return float(get_scorer(self.name)(estimator, rows, target))


def scorer(spec: Spec, classes: int) -> Scorer:
    """Return the scorer of the search's metric; larger is always better.

    Raises
    ------
    ModelopsError
        When the metric cannot be optimised.
    """
    name = metric_name(spec)
    table = NUMBER if spec.train.task == "regression" else BINARY if classes == 2 else SEVERAL_CLASSES
    if name not in table:
        raise ModelopsError(
            f"train.search.metric: {name} cannot be optimised", hint=f"one of these can: {', '.join(sorted(table))}"
        )
    return Scorer(table[name])


def natural(spec: Spec, score: float) -> float:
    """Return a score in the metric's own direction."""
    return -score if metric_name(spec) in LOWER_IS_BETTER else score
