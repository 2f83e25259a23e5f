"""A user's mistakes: one clear message each, and nothing in the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from toy_rows import Maker, keep

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.train.run import train

LOGISTIC = "sklearn.linear_model.LogisticRegression"
NUMERIC = {"columns": ["a", "b"], "impute": "median"}


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"params": {"CC": 1}}, 'LogisticRegression has no parameter "CC"'),
        ({"params": {"max_itr": 1}}, 'did you mean "max_iter"'),
        ({"params": {"C": -1}}, "LogisticRegression failed in fit: The 'C' parameter of LogisticRegression must be"),
        ({"features": {"numeric": {"columns": ["a"]}}}, "set features.numeric.impute"),
        (
            {"estimator": "sklearn.linear_model.LogisticRegresion"},
            'did you mean "sklearn.linear_model.LogisticRegression"',
        ),
        ({"estimator": "nowhere.Model"}, "no module nowhere (nowhere.Model)"),
        ({"estimator": "sklearn.nowhere.Model"}, "check the import path"),
        ({"estimator": "json.JSONDecoder"}, "is no scikit-learn estimator"),
        ({"estimator": "sklearn.linear_model.Ridge"}, "is a regressor, but train.task is classification"),
        ({"target": "amount", "estimator": LOGISTIC}, "is a classifier, but train.task is regression"),
        ({"target": "amount", "task": "classification"}, "to predict a number, set train.task: regression"),
        ({"target": "kind", "task": "regression", "estimator": "sklearn.linear_model.Ridge"}, '"kind" is no number'),
        ({"features": {"categorical": {"columns": ["id"]}}}, '"id" has 697 categories in 697 training rows'),
        ({"features": {"categorical": {"columns": ["many"], "rare": 0.9}}}, "rarer than rare: 0.9"),
        ({"features": {"numeric": {"columns": ["c"]}}}, 'column "c" cannot be read as number'),
        ({"features": {"dates": {"columns": ["words"]}}}, 'column "words" cannot be read as hour_sin'),
        ({"class_weight": {"maybe": 2}}, 'the target has no class "maybe"'),
        ({"class_weight": "balanced", "estimator": "sklearn.neighbors.KNeighborsClassifier"}, "takes no weights"),
        ({"threshold": {"recall": 0.8}}, "set evaluate.split.validation"),
        ({"threshold": {"recall": 0.8}, "target": "kind"}, "only a binary classifier"),
        ({"search": {"metric": "cost", "space": {"C": [1]}}}, "cost cannot be optimised"),
        ({"search": {"metric": "roc_auc", "space": {"C": [-1]}}}, "every trial failed: The 'C' parameter"),
        (
            {"search": {"metric": "roc_auc", "method": "grid", "space": {"C": [-1]}}},
            "every trial failed: The 'C' parameter",
        ),
        (
            {"search": {"metric": "roc_auc", "method": "grid", "space": {"C": {"low": 1, "high": 2}}}},
            "a grid needs a list",
        ),
        ({"search": {"metric": "roc_auc", "space": {"C": [1]}, "folds": {"by": "time"}}}, "needs a time column"),
        ({"features": {"custom": [{"columns": ["a"], "transformer": "Mine"}]}}, "no class Mine in the model's code.py"),
        (
            {"engine": {"kind": "dask", "address": "tcp://127.0.0.1:9"}},
            "no Dask scheduler answers at tcp://127.0.0.1:9",
        ),
    ],
    ids=str,
)
def test_a_mistake_in_the_spec(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, what: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelopsError) as caught:
        train(make(**{"features": {"numeric": NUMERIC}, **what}), data, tmp_path, store)
    assert message in str(caught.value)
    assert not (store.root / "records" / "train").exists()


def _infinite(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(b=frame.b.where(frame.n != 3, np.inf))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.assign(yes=True), "has one class only in the training rows (True)"),
        (lambda frame: frame.assign(yes=frame.yes.where(frame.n > 1).astype(object)), '"yes" is missing in'),
        (lambda frame: frame.assign(a=np.nan), 'column "a" has no value in any of'),
        (_infinite, 'column "b" holds infinite numbers'),
        (lambda frame: frame.assign(b=frame.b * 1e39), 'column "b" holds infinite numbers'),
    ],
    ids=["one class", "missing target", "empty column", "infinite", "too large"],
)
def test_rows_that_cannot_be_learned_from(
    make: Maker, rows: pd.DataFrame, store: Store, tmp_path: Path, change: Any, message: str
) -> None:
    with pytest.raises(ModelopsError) as caught:
        train(make({"numeric": NUMERIC}), keep(change(rows), store, tmp_path), tmp_path, store)
    assert message in str(caught.value)


def test_a_constant_column_is_noted(make: Maker, rows: pd.DataFrame, store: Store, tmp_path: Path) -> None:
    record = train(make(), keep(rows.assign(n=4), store, tmp_path), tmp_path, store)
    assert 'column "n" has the same value in all training rows' in record.notes


def test_what_a_library_warns_of_is_noted(make: Maker, data: DataRecord, store: Store, tmp_path: Path) -> None:
    record = train(make(params={"max_iter": 1}), data, tmp_path, store)
    assert any("failed to converge" in note for note in record.notes)
