"""The train stage as a whole: what it leaves, that it repeats, and that it does nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_rows import Maker, keep

from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.serving.predictor import Predictor
from modelops.train.keys import key
from modelops.train.run import train

NUMERIC = {"columns": ["a", "b", "n"], "impute": "median"}
FOREST = "sklearn.ensemble.RandomForestClassifier"
BOOST = "sklearn.ensemble.HistGradientBoostingClassifier"


def test_a_model_is_fitted_exported_and_proved(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, rows: pd.DataFrame
) -> None:
    spec = make({"numeric": NUMERIC, "categorical": {"columns": ["c"]}})
    record = train(spec, data, tmp_path, store)
    assert record.model.format == "onnx"
    assert record.model.parity <= 1e-5
    assert set(record.files) == {"model.onnx", "signature.json"}
    assert record.model.digest == record.files["model.onnx"]
    assert record.train_rows + record.test_rows == len(rows)
    predictor = Predictor.load(store.checkout(record.files, tmp_path / "model"))
    found = predictor.predict({name: rows[name].to_numpy() for name in spec.features.columns})
    assert found.probabilities is not None
    assert found.probabilities.shape == (len(rows), 2)
    assert (found.values == rows.yes).mean() > 0.8
    assert predictor.signature.classes == (False, True)


def test_a_second_run_does_nothing(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(make(), data, tmp_path, store)
    monkeypatch.setattr("modelops.train.candidate.make", lambda *_: pytest.fail("trained again"))
    assert train(make(), data, tmp_path, store) == first


def test_a_lost_blob_is_made_again(make: Maker, data: DataRecord, store: Store, tmp_path: Path) -> None:
    first = train(make(), data, tmp_path, store)
    store.path(first.model.digest).unlink()
    again = train(make(), data, tmp_path, store)
    assert again.files == first.files
    assert store.has(first.model.digest)


def test_the_key_names_what_training_depends_on(make: Maker, data: DataRecord, tmp_path: Path) -> None:
    base = key(make(), data, tmp_path)
    assert key(make(engine={"kind": "dask"}, runs_on="gpu"), data, tmp_path) == base
    assert key(make(evaluate={"metrics": ["roc_auc"], "slices": ["c"]}), data, tmp_path) == base
    assert key(make(seed=8), data, tmp_path) != base
    assert key(make(evaluate={"split": {"by": "hash", "test": 0.3}}), data, tmp_path) != base
    assert key(make(), data.model_copy(update={"digest": "sha256:0"}), tmp_path) != base
    (tmp_path / "models" / "toy").mkdir(parents=True)
    (tmp_path / "models" / "toy" / "code.py").write_text("X = 1\n")
    assert key(make(), data, tmp_path) != base


FEATURES = {
    "imputed": {"numeric": {**NUMERIC, "impute": "mean"}},
    "zero": {"numeric": {**NUMERIC, "impute": "zero", "scale": "robust"}},
    "standard": {"numeric": {**NUMERIC, "scale": "standard"}},
    "minmax": {"numeric": {**NUMERIC, "scale": "minmax"}},
    "onehot": {"numeric": NUMERIC, "categorical": {"columns": ["c", "many"], "rare": 0.02}},
    "ordinal": {"numeric": NUMERIC, "categorical": {"columns": ["c", "n"], "encode": "ordinal"}},
    "target": {"categorical": {"columns": ["c", "many"], "encode": "target"}},
    "dates": {
        "numeric": NUMERIC,
        "dates": {"columns": ["at"], "parts": ["minute", "hour", "weekday", "day", "month", "dayofyear"]},
    },
    "tfidf": {"numeric": NUMERIC, "text": {"columns": ["words"], "size": 6}},
    "products": {"numeric": NUMERIC, "interactions": [["a", "b"], ["b", "n"]]},
    "names": {"numeric": {"columns": ["fixed acidity", "label", "variable"]}},
}


@pytest.mark.parametrize("estimator", ["sklearn.linear_model.LogisticRegression", BOOST])
@pytest.mark.parametrize("name", list(FEATURES))
def test_every_kind_of_feature_is_served_by_onnx(
    make: Maker, rows: pd.DataFrame, store: Store, tmp_path: Path, name: str, estimator: str
) -> None:
    frame = rows.assign(label=rows.n * 1.5, variable=rows.n % 3)
    params = {"max_iter": 15} if estimator == BOOST else {"max_iter": 1000}
    record = train(
        make(FEATURES[name], estimator=estimator, params=params), keep(frame, store, tmp_path), tmp_path, store
    )
    assert record.model.format == "onnx", record.notes
    assert record.model.parity <= 1e-5


@pytest.mark.parametrize(
    ("target", "estimator", "params"),
    [
        ("kind", FOREST, {"n_estimators": 5}),
        ("kind", "sklearn.ensemble.ExtraTreesClassifier", {"n_estimators": 5}),
        ("yes", "sklearn.ensemble.GradientBoostingClassifier", {"n_estimators": 5}),
        ("yes", "sklearn.neural_network.MLPClassifier", {"max_iter": 20}),
        ("yes", "sklearn.linear_model.RidgeClassifier", {}),
        ("yes", "sklearn.linear_model.Perceptron", {}),
        ("amount", "sklearn.linear_model.Ridge", {}),
        ("amount", "sklearn.ensemble.HistGradientBoostingRegressor", {"max_iter": 15}),
        ("amount", "sklearn.neighbors.KNeighborsRegressor", {}),
    ],
)
def test_many_estimators_are_served_and_repeat(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, target: str, estimator: str, params: dict[str, int]
) -> None:
    spec = make(target=target, estimator=estimator, params=params)
    first = train(spec, data, tmp_path, store)
    again = train(spec, data, tmp_path, store, refresh=True)
    assert (again.files, again.pipeline) == (first.files, first.pipeline)
    assert first.model.format == "onnx", first.notes


def test_what_onnx_cannot_say_is_served_by_skops(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, rows: pd.DataFrame
) -> None:
    spec = make({"numeric": NUMERIC, "text": {"columns": ["words"], "encode": "hashing", "size": 16}})
    record = train(spec, data, tmp_path, store)
    assert record.model.format == "skops"
    assert record.model.parity == 0
    assert record.notes == (
        "served by scikit-learn from a skops file; no ONNX export: there is no converter for HashingVectorizer",
    )
    predictor = Predictor.load(store.checkout(record.files, tmp_path / "model"))
    found = predictor.predict({name: rows[name].to_numpy() for name in spec.features.columns})
    assert (found.values == rows.yes).mean() > 0.8


def test_an_export_that_does_not_run_falls_back(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelops.train.artifact.to_onnx", lambda *_: b"no model")
    record = train(make(), data, tmp_path, store)
    assert record.model.format == "skops"
    assert "ONNX Runtime refuses the exported model" in record.notes[0]


def test_an_export_that_says_something_else_falls_back(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelops.train.parity.LIMIT", 1e-12)
    record = train(make(), data, tmp_path, store)
    assert record.model.format == "skops"
    assert "the ONNX export does not say the same: largest difference" in record.notes[0]


def test_an_unknown_category_and_a_gap_are_served(make: Maker, data: DataRecord, store: Store, tmp_path: Path) -> None:
    spec = make(
        {"numeric": NUMERIC, "categorical": {"columns": ["c"], "encode": "ordinal"}},
        estimator=BOOST,
        params={"max_iter": 5},
    )
    record = train(spec, data, tmp_path, store)
    predictor = Predictor.load(store.checkout(record.files, tmp_path / "model"))
    found = predictor.predict({"a": [None, 1.0], "b": [0.1, np.nan], "n": [1, 2], "c": ["never seen", None]})
    assert np.isfinite(found.probabilities).all()


PROGRAM = """
import sys
from pathlib import Path
from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.spec.model import Spec
from modelops.train.run import train
folder = Path(sys.argv[1])
spec = Spec.model_validate_json((folder / "spec.json").read_text())
data = DataRecord.model_validate_json((folder / "data.json").read_text())
store = Store(folder / "store")
record = train(spec, data, folder, store, refresh=True)
print(record.model_copy(update={"seconds": 0}).model_dump_json())
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", ["tfidf", "hashing"])
def test_other_processes_threads_and_hash_seeds_give_the_same_bytes(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, text: str
) -> None:
    features = {
        "numeric": {**NUMERIC, "scale": "standard"},
        "categorical": {"columns": ["c", "many"]},
        "text": {"columns": ["words"], "encode": text, "size": 8},
        "dates": {"columns": ["at"]},
    }
    spec = make(features, estimator=BOOST, params={"max_iter": 15})
    (tmp_path / "spec.json").write_text(spec.model_dump_json(by_alias=True))
    (tmp_path / "data.json").write_text(data.model_dump_json())
    answers = set()
    for threads, seed in (("1", "1"), ("2", "2")):
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        answers.add(done.stdout)
    assert len(answers) == 1


def test_asking_for_a_known_model_imports_no_library() -> None:
    heavy = ("sklearn", "pandas", "numpy", "skl2onnx", "joblib")
    program = f"import sys, modelops.train.run; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
