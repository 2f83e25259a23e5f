"""A feature that gives the answer away is noticed; a merely good one is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trips import make_rows, make_spec, write

from modelops.core.store import Store
from modelops.data.load import load

RANDOM = np.random.default_rng(7)
ROWS = make_rows(3000).assign(noise=RANDOM.normal(size=3000), late=RANDOM.random(3000) < 0.3)
REGRESSION = {"task": "regression", "estimator": "sklearn.linear_model.Ridge"}
CLASSES = {"task": "classification", "estimator": "sklearn.linear_model.LogisticRegression"}


def flagged(folder: Path, late: Any, feature: Any, train: dict[str, str], group: str = "numeric") -> list[str]:
    write(ROWS.assign(late=late, hint=feature), folder / "trips.parquet")
    features = {"numeric": {"columns": ["noise"]}, "categorical": {"columns": ["town"]}}
    features[group] = {"columns": [*features[group]["columns"], "hint"]}
    made = make_spec({"trips": "trips.parquet"}, features=features, train=train)
    found = load(made, folder, Store(folder / "store")).findings
    return [finding.column for finding in found if finding.rule == "leakage"]


MINUTES = np.where(ROWS["late"], 20.0, -20.0) + RANDOM.normal(size=3000)
COLOURS = np.array(["red", "green", "blue"])


@pytest.mark.parametrize(
    ("late", "feature", "train", "group", "leaks"),
    [
        (ROWS["late"], MINUTES, CLASSES, "numeric", True),
        (ROWS["late"], np.abs(MINUTES - 20), CLASSES, "numeric", True),
        (ROWS["late"], np.where(ROWS["late"], np.nan, 1.0), CLASSES, "numeric", True),
        (ROWS["late"], np.where(ROWS["late"], "landed late", "landed"), CLASSES, "categorical", True),
        (COLOURS[ROWS["id"] % 3], ROWS["id"] % 3 * 10 + RANDOM.normal(size=3000) / 9, CLASSES, "numeric", True),
        (MINUTES, MINUTES * 60, REGRESSION, "numeric", True),
        (ROWS["late"], ROWS["late"] + RANDOM.normal(size=3000), CLASSES, "numeric", False),
        (ROWS["late"], RANDOM.normal(size=3000), CLASSES, "numeric", False),
        (ROWS["late"], [f"tail {index // 2}" for index in range(3000)], CLASSES, "categorical", False),
        (MINUTES, MINUTES + RANDOM.normal(size=3000) * 9, REGRESSION, "numeric", False),
    ],
)
def test_only_too_good_features_are_flagged(
    tmp_path: Path, late: Any, feature: Any, train: dict[str, str], group: str, leaks: bool
) -> None:
    assert flagged(tmp_path, late, feature, train, group) == (["hint"] if leaks else [])


def test_the_finding_is_a_warning_that_asks_the_question(tmp_path: Path) -> None:
    write(ROWS.assign(distance=MINUTES), tmp_path / "trips.parquet")
    (finding,) = load(make_spec({"trips": "trips.parquet"}), tmp_path, Store(tmp_path / "store")).findings
    assert finding.level == "warning"
    assert "is it known when the prediction is made?" in finding.message
    assert not finding.examples
