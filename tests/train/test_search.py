"""Search: the same result whatever the timing, resumable, with folds that keep together what belongs together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from toy_rows import Maker

from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.spec.training import Folds
from modelops.train import trials
from modelops.train.folds import folds
from modelops.train.run import train

SPACE = {"C": {"low": 0.001, "high": 10, "log": True}}
SEARCH = {"trials": 5, "batch": 2, "metric": "roc_auc", "space": SPACE}


def test_the_best_trial_is_fitted(make: Maker, data: DataRecord, store: Store, tmp_path: Path) -> None:
    spec = make(search=SEARCH, params={"max_iter": 300})
    record = train(spec, data, tmp_path, store)
    assert record.params["max_iter"] == 300
    assert 0.001 <= record.params["C"] <= 10
    assert len(record.cross_validation) == 3
    assert "optuna" in record.environment
    settled = make(params=record.params)
    assert train(settled, data, tmp_path, store).model.digest == record.model.digest


def test_a_search_that_was_interrupted_goes_on(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(make(search=SEARCH), data, tmp_path, Store(tmp_path / "other")) if _copy(store, tmp_path) else None
    fitted: list[dict[str, Any]] = []
    build = trials.build

    def counting(spec: Any, params: dict[str, Any]) -> Any:
        fitted.append(params)
        if len(fitted) > 6:  # two trials of three folds are one batch
            raise KeyboardInterrupt
        return build(spec, params)

    monkeypatch.setattr(trials, "build", counting)
    with pytest.raises(KeyboardInterrupt):
        train(make(search=SEARCH), data, tmp_path, store)
    fitted.clear()
    monkeypatch.setattr(trials, "build", lambda spec, params: fitted.append(params) or build(spec, params))
    record = train(make(search=SEARCH), data, tmp_path, store)
    assert len(fitted) == 9
    assert whole is not None
    assert (record.params, record.cross_validation) == (whole.params, whole.cross_validation)
    more = train(make(search={**SEARCH, "trials": 6}), data, tmp_path, store)
    assert len(fitted) == 12
    assert np.mean(more.cross_validation) >= np.mean(record.cross_validation)


def _copy(store: Store, folder: Path) -> bool:
    import shutil

    shutil.copytree(store.root, folder / "other")
    return True


def test_a_trial_that_fails_does_not_win(make: Maker, data: DataRecord, store: Store, tmp_path: Path) -> None:
    search = {**SEARCH, "space": {"C": [-1, 0.5]}, "trials": 6}
    assert train(make(search=search), data, tmp_path, store).params["C"] == 0.5


@pytest.mark.parametrize("method", ["random", "halving", "grid"])
def test_scikit_learns_own_searches(make: Maker, data: DataRecord, store: Store, tmp_path: Path, method: str) -> None:
    space = {"C": [0.01, 1.0]} if method == "grid" else SPACE
    spec = make(search={**SEARCH, "method": method, "space": space, "folds": {"by": "strata"}}, class_weight="balanced")
    first = train(spec, data, tmp_path, store)
    again = train(spec, data, tmp_path, store, refresh=True)
    assert len(first.cross_validation) == 3
    assert min(first.cross_validation) > 0.8
    assert (again.params, again.cross_validation, again.model) == (first.params, first.cross_validation, first.model)


@pytest.mark.parametrize(("metric", "target"), [("log_loss", "kind"), ("f1", "kind"), ("rmse", "amount")])
def test_scores_are_in_the_metrics_own_direction(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, metric: str, target: str
) -> None:
    name, space = ("Ridge", {"alpha": [1.0]}) if target == "amount" else ("LogisticRegression", {"C": [1.0]})
    search = {"trials": 1, "metric": metric, "space": space}
    record = train(make(target=target, estimator=f"sklearn.linear_model.{name}", search=search), data, tmp_path, store)
    assert min(record.cross_validation) > 0


def test_folds_by_time_only_look_back(make: Maker, rows: pd.DataFrame) -> None:
    spec = make(data={"time": "at"})
    shuffled = rows.sample(frac=1, random_state=1)
    found = folds(spec, Folds(k=4, by="time"), shuffled, np.zeros(len(rows)) + np.arange(len(rows)) % 2)
    days = shuffled["at"].dt.floor("D").to_numpy()
    assert len(found) == 4
    for fit_on, score_on in found:
        assert days[fit_on].max() < days[score_on].min()
    assert max(days[score_on].max() for _, score_on in found) == days.max()


def test_folds_by_group_keep_groups_whole(make: Maker, rows: pd.DataFrame) -> None:
    target = np.arange(len(rows)) % 2
    for fit_on, score_on in folds(make(), Folds(k=5, by="group", group="many"), rows, target):
        assert not set(rows.many.iloc[fit_on]) & set(rows.many.iloc[score_on])


def test_folds_by_strata_keep_shares(make: Maker, rows: pd.DataFrame) -> None:
    target = (np.arange(len(rows)) % 10 == 0).astype(int)
    for _, score_on in folds(make(), Folds(k=5, by="strata"), rows, target):
        assert target[score_on].mean() == pytest.approx(0.1, abs=0.01)
