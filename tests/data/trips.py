"""Specs and rows for the tests of the data stage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from modelops.spec.model import Spec


def make_spec(sources: dict[str, Any], **parts: Any) -> Spec:
    """Return a small valid spec over some sources; parts override sections key by key."""
    data = {"sources": sources, "target": "late", "key": "id", **parts.pop("data", {})}
    plain = {
        "apiVersion": "modelops/v1",
        "kind": "Model",
        "name": "trips",
        "owner": "@acme/trips",
        "data": {name: value for name, value in data.items() if value is not None},
        "features": {"numeric": {"columns": ["distance"]}},
        "train": {"task": "classification", "estimator": "sklearn.linear_model.LogisticRegression"},
    }
    return Spec.model_validate({**plain, **parts})


def make_rows(count: int = 40) -> pd.DataFrame:
    """Return trips, one an hour from 2024-03-01 on, with floats, texts, times and gaps."""
    times = pd.date_range("2024-03-01", periods=count, freq="h", tz="UTC")
    return pd.DataFrame(
        {
            "id": range(1, count + 1),
            "at": times,
            "distance": [None if index % 11 == 3 else index * 1.1 for index in range(count)],
            "town": [
                None if index % 13 == 5 else ["Ulm", "Köln", "a,b", "New\nYork"][index % 4] for index in range(count)
            ],
            "late": [index % 3 == 0 for index in range(count)],
        }
    )


def write(rows: pd.DataFrame, path: Path) -> Path:
    """Write rows in the format that the path ends in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        rows.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        rows.to_csv(path, index=False)
    else:
        plain = rows.astype(object).where(rows.notna(), None).to_dict("records")
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in plain), encoding="utf-8")
    return path
