"""A real Dask cluster of two worker processes gives the same result as this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from toy_rows import Maker

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.train import engine
from modelops.train.run import train

pytestmark = pytest.mark.slow

FOREST = "sklearn.ensemble.RandomForestClassifier"
DEPTH = {"max_depth": {"low": 2, "high": 9, "integer": True}}
SEARCHES = {
    "optuna": {
        "trials": 4,
        "batch": 4,
        "metric": "roc_auc",
        "space": DEPTH,
    },
    "random": {
        "method": "random",
        "trials": 3,
        "metric": "roc_auc",
        "space": DEPTH,
    },
}


CODE = """
from sklearn.base import BaseEstimator, TransformerMixin


class Product(TransformerMixin, BaseEstimator):
    def fit(self, rows, target=None):
        self.names_ = list(rows.columns)
        return self

    def transform(self, rows):
        return rows.assign(product=rows[self.names_].prod(axis=1))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as started:
        yield started


@pytest.mark.parametrize("method", list(SEARCHES))
def test_search_and_trees_give_the_same_model_on_two_workers(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, cluster: Any, method: str
) -> None:
    shared = {"estimator": FOREST, "params": {"n_estimators": 8}, "search": SEARCHES[method]}
    features = {"numeric": {"columns": ["a", "b"], "impute": "median"}, "categorical": {"columns": ["c"]}}
    here = train(make(features, **shared), data, tmp_path, store)
    for path in (store.root / "records" / "search").rglob("*"):
        if path.is_file():
            path.unlink()
    spec = make(features, **shared, engine={"kind": "dask", "address": cluster.scheduler_address})
    there = train(spec, data, tmp_path, store, refresh=True)
    assert there.model_copy(update={"seconds": 0}) == here.model_copy(update={"seconds": 0})


def test_the_work_is_done_by_both_workers(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, cluster: Any
) -> None:
    import joblib
    from distributed import get_client

    spec = make(engine={"kind": "dask", "address": cluster.scheduler_address})
    with engine.engine(spec):
        found = joblib.Parallel()(joblib.delayed(os.getpid)() for _ in range(40))
        assert len(get_client().scheduler_info()["workers"]) == 2
    assert os.getpid() not in found
    assert len(set(found)) == 2


def test_workers_get_the_models_own_code(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, cluster: Any
) -> None:
    (tmp_path / "models" / "toy").mkdir(parents=True)
    (tmp_path / "models" / "toy" / "code.py").write_text(CODE)
    features = {"custom": [{"columns": ["b", "n"], "transformer": "Product"}]}
    search = {"method": "grid", "metric": "roc_auc", "space": {"C": [0.1, 1.0]}}
    here = train(make(features, search=search), data, tmp_path, store)
    spec = make(features, search=search, engine={"kind": "dask", "address": cluster.scheduler_address})
    there = train(spec, data, tmp_path, store, refresh=True)
    assert there.model_copy(update={"seconds": 0}) == here.model_copy(update={"seconds": 0})


def test_workers_with_other_versions_are_refused(make: Maker, cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = make(engine={"kind": "dask", "address": cluster.scheduler_address})
    here = engine.environment(spec.train.estimator)
    monkeypatch.setattr(engine, "_here", lambda _: {**here, "scikit-learn": "1.0"})
    with pytest.raises(ModelopsError, match=r"has scikit-learn .*, here it is 1\.0"), engine.engine(spec):
        pass
