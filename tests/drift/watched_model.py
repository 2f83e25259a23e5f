"""A small model to watch: the spec, rows of it, and predictions on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from modelops.serving.predictor import Prediction
from modelops.spec.model import Spec

IMPORTANCE = {"temp": 0.03, "hour": 0.06, "origin": 0.01, "passenger": -0.002}


def spec(monitor: Mapping[str, Any] | None = None, **data: Any) -> Spec:
    return Spec.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Model",
            "name": "late",
            "owner": "@acme/ops",
            "data": {
                "sources": {"flights": "flights.parquet"},
                "key": "id",
                "time": "at",
                "snapshot": "2013-03-31",
                "window": "90d",
                "target": "late",
                "columns": {"passenger": {"type": "category", "sensitive": True}},
            }
            | data,
            "features": {
                "numeric": {"columns": ["temp", "hour"]},
                "categorical": {"columns": ["origin", "passenger"]},
            },
            "train": {"task": "classification", "estimator": "sklearn.linear_model.LogisticRegression"},
            "evaluate": {"split": {"by": "time", "test": "14d"}, "metrics": ["roc_auc"]},
            "monitor": monitor if monitor is not None else {"window": "30d", "drift": {"share": 0.3}},
        }
    )


def rows(count: int, seed: int = 0, warmer: float = 0.0, start: str = "2013-01-01") -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(count),
            "at": pd.Timestamp(start, tz="UTC") + pd.to_timedelta(np.arange(count) % 30, unit="D"),
            "temp": random.normal(40 + warmer, 10, count),
            "hour": random.integers(5, 23, count),
            "origin": random.choice(["EWR", "JFK", "LGA"], count),
            "passenger": random.choice(["alicia", "bob", "carol"], count, p=[0.6, 0.3, 0.1]),
            "late": random.random(count) < 0.2,
        }
    )


def predictions(frame: pd.DataFrame, slope: float = 0.0) -> Prediction:
    late = np.clip(0.1 + 0.01 * frame["hour"].to_numpy() + slope * (frame["temp"].to_numpy() - 40), 0.01, 0.99)
    return Prediction(late > 0.5, np.stack([1 - late, late], axis=1))
