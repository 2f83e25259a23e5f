"""Metrics say what scikit-learn says, plain and weighted."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from modelops.core.errors import ModelopsError
from modelops.evaluate import metrics
from modelops.evaluate.scored import Scored, codes, score
from modelops.serving.predictor import Prediction
from modelops.spec.evaluation import CLASSIFICATION_METRICS, REGRESSION_METRICS
from modelops.spec.training import Cost

# ruff: noqa: ARG005 - every reference takes truth, answer, probabilities and weights
COST = Cost(false_positive=1, false_negative=5)
BINARY = {
    "roc_auc": lambda y, z, p, w: sk.roc_auc_score(y, p[:, 1], sample_weight=w),
    "average_precision": lambda y, z, p, w: sk.average_precision_score(y, p[:, 1], sample_weight=w),
    "log_loss": lambda y, z, p, w: sk.log_loss(y, p, sample_weight=w),
    "brier": lambda y, z, p, w: sk.brier_score_loss(y, p[:, 1], sample_weight=w),
    "accuracy": lambda y, z, p, w: sk.accuracy_score(y, z, sample_weight=w),
    "balanced_accuracy": lambda y, z, p, w: sk.balanced_accuracy_score(y, z, sample_weight=w),
    "precision": lambda y, z, p, w: sk.precision_score(y, z, sample_weight=w),
    "recall": lambda y, z, p, w: sk.recall_score(y, z, sample_weight=w),
    "f1": lambda y, z, p, w: sk.f1_score(y, z, sample_weight=w),
    "cost": lambda y, z, p, w: np.average(1.0 * ((z == 1) & (y == 0)) + 5.0 * ((z == 0) & (y == 1)), weights=w),
}
MACRO = BINARY | {
    "precision": lambda y, z, p, w: sk.precision_score(y, z, sample_weight=w, average="macro", zero_division=0),
    "recall": lambda y, z, p, w: sk.recall_score(y, z, sample_weight=w, average="macro"),
    "f1": lambda y, z, p, w: sk.f1_score(y, z, sample_weight=w, average="macro"),
    "roc_auc": lambda y, z, p, w: sk.roc_auc_score(y, p, sample_weight=w, multi_class="ovr"),
    "average_precision": lambda y, z, p, w: sk.average_precision_score(np.eye(3)[y], p, sample_weight=w),
    "brier": lambda y, z, p, w: np.average(((p - np.eye(3)[y]) ** 2).sum(axis=1), weights=w),
}
REGRESSION = {
    "mae": sk.mean_absolute_error,
    "rmse": sk.root_mean_squared_error,
    "r2": sk.r2_score,
    "mape": sk.mean_absolute_percentage_error,
    "median_absolute_error": sk.median_absolute_error,
    "bias": lambda y, z, sample_weight: np.average(z - y, weights=sample_weight),
}


def classified(classes: int, rows: int = 400, digits: int = 1) -> Scored:
    """Return random answers with ties."""
    generator = np.random.default_rng(classes)
    truth = generator.integers(0, classes, rows)
    raw = generator.dirichlet(np.ones(classes), rows) + 0.4 * np.eye(classes)[truth]
    stated = np.round(raw / raw.sum(axis=1, keepdims=True), digits) + 1e-3
    stated /= stated.sum(axis=1, keepdims=True)
    return Scored(truth, stated.argmax(axis=1), stated, classes)


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        (name, classes)
        for name in CLASSIFICATION_METRICS
        for classes in (2, 3)
        if name != "calibration_error" and (name, classes) != ("cost", 3)
    ],
)
def test_classification_agrees_with_scikit_learn(name: str, classes: int) -> None:
    rows = classified(classes)
    reference = (BINARY if classes == 2 else MACRO)[name]
    weights = np.random.default_rng(1).integers(0, 4, (3, len(rows))).astype(float)
    found = metrics.prepare(name, rows, COST).by_row(weights)
    expected = [reference(rows.truth, rows.predicted, rows.probabilities, weight) for weight in weights]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", REGRESSION_METRICS)
def test_regression_agrees_with_scikit_learn(name: str) -> None:
    generator = np.random.default_rng(2)
    truth = generator.normal(10, 2, 401)
    rows = Scored(truth, truth + generator.normal(0.3, 1, 401), None, 0)
    weights = np.stack([np.ones(401), generator.integers(1, 3, 401).astype(float)])
    found = metrics.prepare(name, rows).by_row(weights)
    for value, weight in zip(found, weights, strict=True):
        if name == "median_absolute_error":
            expected = np.median(np.repeat(np.abs(rows.truth - rows.predicted), weight.astype(int)))
        else:
            expected = REGRESSION[name](rows.truth, rows.predicted, sample_weight=weight)
        assert value == pytest.approx(expected, abs=1e-12)


def test_calibration_error_by_hand() -> None:
    truth = np.array([0, 0, 1, 1])
    stated = np.array([0.1, 0.1, 0.1, 0.9])
    rows = Scored(truth, truth, np.stack([1 - stated, stated], axis=1), 2)
    assert metrics.value("calibration_error", rows) == pytest.approx(0.75 * abs(0.1 - 1 / 3) + 0.25 * 0.1)


@pytest.mark.parametrize(
    ("name", "rows", "why"),
    [
        ("roc_auc", Scored(np.ones(5, int), np.ones(5, int), np.full((5, 2), 0.5), 2), "one class"),
        ("average_precision", Scored(np.zeros(5, int), np.ones(5, int), np.full((5, 2), 0.5), 2), "no row is positive"),
        ("precision", Scored(np.ones(5, int), np.zeros(5, int), None, 2), "no row was predicted positive"),
        ("recall", Scored(np.zeros(5, int), np.zeros(5, int), None, 2), "no row is positive"),
        ("f1", Scored(np.zeros(5, int), np.zeros(5, int), None, 2), "no row is positive or"),
        ("log_loss", Scored(np.zeros(5, int), np.zeros(5, int), None, 2), "no probabilities"),
        ("cost", classified(3), "need two classes"),
        ("mape", Scored(np.array([0.0, 1.0]), np.array([1.0, 1.0]), None, 0), "zero on some rows"),
        ("r2", Scored(np.ones(4), np.zeros(4), None, 0), "one value only"),
        ("mae", Scored(np.ones(0), np.ones(0), None, 0), "no rows"),
    ],
)
def test_an_undefined_metric_says_why(name: str, rows: Scored, why: str) -> None:
    with pytest.raises(metrics.Undefined, match=why):
        metrics.prepare(name, rows, COST)
    assert np.isnan(metrics.value(name, rows, COST))


def test_balanced_accuracy_ignores_classes_that_no_row_has() -> None:
    rows = Scored(np.array([0, 0, 1, 1]), np.array([0, 2, 1, 2]), None, 3)
    assert metrics.value("balanced_accuracy", rows) == pytest.approx(0.5)


def test_truth_that_the_model_never_saw_is_an_error_in_words() -> None:
    prediction = Prediction(np.array(["a"]), np.array([[1.0, 0.0]]))
    with pytest.raises(ModelopsError, match="cultivar that the training rows lack: c"):
        score("cultivar", ["c"], prediction, ("a", "b"))
    with pytest.raises(ModelopsError, match="1 of the rows to evaluate on have no delay"):
        score("delay", [np.nan], Prediction(np.array([1.0]), None), ())


@pytest.mark.parametrize("classes", [("x", "y"), (False, True), (1, 2), (0.0, 1.0)])
def test_classes_of_every_kind_get_codes(classes: tuple) -> None:
    assert codes("target", np.array([classes[1], classes[0]]), classes).tolist() == [1, 0]
