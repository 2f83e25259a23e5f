"""A small synthetic data set, put into a store as the data stage would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from toy_rows import Maker, keep

from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.spec.model import Spec

ROWS = 900


@pytest.fixture(scope="session")
def rows() -> pd.DataFrame:
    """900 rows over 60 days: numbers with gaps, categories, text, time; a yes/no, a three-way and a number target."""
    rng = np.random.default_rng(0)
    words = ["late", "early", "gate", "crew", "été", "naïve", "übung", "weather", "hold"]
    frame = pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "a": rng.normal(size=ROWS),
            "b": rng.normal(size=ROWS),
            "n": rng.integers(0, 9, ROWS),
            "c": rng.choice(["x", "y", "z", None], ROWS, p=[0.5, 0.3, 0.15, 0.05]).astype(object),
            "many": rng.choice([f"k{place:02d}" for place in range(40)], ROWS).astype(object),
            "words": [" ".join(rng.choice(words, rng.integers(0, 6))) for _ in range(ROWS)],
            "at": pd.date_range("2013-01-01", periods=ROWS, freq="96min", tz="UTC").as_unit("us"),
            "fixed acidity": rng.normal(size=ROWS) * 3,
        }
    )
    frame.loc[::17, "a"] = np.nan
    signal = frame.b * 2 + (frame.c == "x") + frame.words.str.contains("late") + rng.normal(size=ROWS) * 0.3
    frame["yes"] = signal > 1
    frame["kind"] = np.where(signal > 2, "hi", np.where(signal > 0, "mid", "lo"))
    frame["amount"] = frame.b * 10 + frame.n + rng.normal(size=ROWS)
    return frame


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def data(rows: pd.DataFrame, store: Store, tmp_path: Path) -> DataRecord:
    """The rows in the store."""
    return keep(rows, store, tmp_path)


@pytest.fixture
def make() -> Maker:
    """Return a function that makes a spec from what differs: features, target, and keys of `train` or `evaluate`."""

    def spec(
        features: dict[str, Any] | None = None,
        target: str = "yes",
        estimator: str = "sklearn.linear_model.LogisticRegression",
        evaluate: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        **train: Any,
    ) -> Spec:
        numeric = {"columns": ["a", "b", "n"], "impute": "median"}
        return Spec.model_validate(
            {
                "apiVersion": "modelops/v1",
                "kind": "Model",
                "name": "toy",
                "owner": "@acme",
                "data": {"sources": {"s": "x.parquet"}, "target": target, "key": "id", **(data or {})},
                "features": features or {"numeric": numeric},
                "train": {
                    "task": "regression" if target == "amount" else "classification",
                    "estimator": estimator,
                    **train,
                },
                "evaluate": evaluate or {},
            }
        )

    return spec
