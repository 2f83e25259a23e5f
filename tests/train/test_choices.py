"""Class weights, calibration, threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_rows import Maker

from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.serving.predictor import Prediction, Predictor
from modelops.spec.model import Spec
from modelops.spec.training import Cost, Threshold
from modelops.train.run import train
from modelops.train.threshold import choose

BOOST = "sklearn.ensemble.HistGradientBoostingClassifier"
VALIDATION = {"split": {"by": "hash", "test": 0.25, "validation": 0.25}}


def predict(spec: Spec, data: DataRecord, store: Store, folder: Path, rows: pd.DataFrame) -> Prediction:
    record = train(spec, data, folder, store)
    predictor = Predictor.load(store.checkout(record.files, folder / record.model.digest[-9:]))
    return predictor.predict({name: rows[name].to_numpy() for name in spec.features.columns})


@pytest.mark.parametrize(
    "estimator", ["sklearn.linear_model.LogisticRegression", "sklearn.ensemble.GradientBoostingClassifier"]
)
def test_weights_move_predictions(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, rows: pd.DataFrame, estimator: str
) -> None:
    plain = predict(make(estimator=estimator), data, store, tmp_path, rows)
    weighted = predict(make(estimator=estimator, class_weight={"true": 20}), data, store, tmp_path, rows)
    assert weighted.values.sum() > plain.values.sum() + 20


@pytest.mark.parametrize(("method", "kind"), [("sigmoid", "onnx"), ("isotonic", "skops")])
def test_calibration_is_served(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, rows: pd.DataFrame, method: str, kind: str
) -> None:
    spec = make(estimator=BOOST, params={"max_iter": 20}, calibrate={"method": method})
    record = train(spec, data, tmp_path, store)
    assert record.model.format == kind
    found = predict(spec, data, store, tmp_path, rows)
    assert found.probabilities is not None
    assert abs(found.probabilities[:, 1].mean() - rows.yes.mean()) < 0.05


def test_calibration_gives_probabilities_to_a_classifier_without(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, rows: pd.DataFrame
) -> None:
    spec = make(estimator="sklearn.linear_model.RidgeClassifier")
    assert predict(spec, data, store, tmp_path, rows).probabilities is None
    spec = make(estimator="sklearn.linear_model.RidgeClassifier", calibrate={})
    assert predict(spec, data, store, tmp_path, rows).probabilities is not None


def test_the_threshold_is_chosen_on_validation_and_served(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, rows: pd.DataFrame
) -> None:
    from modelops.data.split import split

    spec = make(evaluate=VALIDATION, threshold={"recall": 0.95})
    record = train(spec, data, tmp_path, store)
    assert record.threshold is not None
    assert 0 < record.threshold < 0.5
    found = predict(spec, data, store, tmp_path, rows)
    validation = split(spec, rows).validation
    assert found.values[validation][rows.yes[validation]].mean() >= 0.95
    assert found.probabilities is not None
    np.testing.assert_array_equal(found.values, found.probabilities[:, 1] >= record.threshold)


PROBABILITY = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.8])
POSITIVE = np.array([False, True, False, True, False, True])


@pytest.mark.parametrize(("recall", "expected"), [(1.0, 0.15), (0.5, 0.35), (0.3, 0.7)])
def test_recall_takes_the_largest_threshold_that_reaches_it(recall: float, expected: float) -> None:
    assert choose(Threshold(recall=recall), POSITIVE, PROBABILITY) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("false_positive", "false_negative", "expected"), [(1, 5, 0.15), (5, 1, 0.7), (0, 1, 0.05), (1, 0, 0.7)]
)
def test_cost_takes_the_cheapest_threshold(false_positive: float, false_negative: float, expected: float) -> None:
    rule = Threshold(cost=Cost(false_positive=false_positive, false_negative=false_negative))
    found = choose(rule, POSITIVE, PROBABILITY)
    assert found == pytest.approx(expected)

    def cost(threshold: float) -> float:
        said = threshold <= PROBABILITY
        return float((said & ~POSITIVE).sum() * false_positive + (~said & POSITIVE).sum() * false_negative)

    assert cost(found) == min(cost(threshold) for threshold in np.linspace(0, 1, 101))
