"""The drift decision from a profile against Evidently's preset, on the same rows in the same run.

Run from the repository's root: `python benchmarks/drift.py [rows …]`; 1,000 10,000 and 100,000 rows of 20 columns
(14 numbers, 6 categories) by default, about a minute. Half of the columns drift, so that the answers can be compared.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from modelops.drift.detect import detect
from modelops.drift.profile import build
from modelops.serving.predictor import Prediction
from modelops.spec.model import Spec

os.environ["DO_NOT_TRACK"] = "1"
NUMBERS = [f"number_{place}" for place in range(14)]
CATEGORIES = [f"category_{place}" for place in range(6)]
DRIFTED = {*NUMBERS[:7], *CATEGORIES[:3]}
REPEATS = 3


def spec() -> Spec:
    """Return the spec of a model with 20 columns."""
    return Spec.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Model",
            "name": "bench",
            "owner": "@my-org/bench",
            "data": {"sources": {"rows": "rows.parquet"}, "time": "at", "snapshot": "2013-03-31", "target": "y"},
            "features": {"numeric": {"columns": NUMBERS}, "categorical": {"columns": CATEGORIES}},
            "train": {"task": "classification", "estimator": "sklearn.linear_model.LogisticRegression"},
            "evaluate": {"split": {"by": "time", "test": "14d"}},
            "monitor": {"drift": {"share": 0.3}},
        }
    )


def rows(count: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Return rows; with a shift, half of the columns are drawn from another distribution."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({name: random.normal(shift if name in DRIFTED else 0.0, 1, count) for name in NUMBERS})
    levels = np.arange(12)
    for name in CATEGORIES:
        weights = np.exp(-levels * (0.3 + (shift / 3 if name in DRIFTED else 0.0)))
        frame[name] = random.choice([f"level_{level}" for level in levels], count, p=weights / weights.sum())
    frame["at"] = pd.Timestamp("2013-07-01", tz="UTC") + pd.to_timedelta(np.arange(count) % 30, unit="D")
    frame["y"] = random.random(count) < 0.3
    return frame


def predictions(frame: pd.DataFrame) -> Prediction:
    """Return a prediction per row."""
    positive = 1 / (1 + np.exp(-frame[NUMBERS[-1]].to_numpy()))
    return Prediction(positive > 0.5, np.stack([1 - positive, positive], axis=1))


def with_profile(reference: pd.DataFrame, current: pd.DataFrame) -> Callable[[], set[str]]:
    """Return our decision; the profile is made once, with the model, and read from git afterwards."""
    profile = build(spec(), reference, predictions(reference), {})

    def decide() -> set[str]:
        record = detect(spec(), profile, current, predictions(current), date(2013, 7, 31))
        return {one.column for one in record.columns if one.drifted}

    return decide


def with_evidently(reference: pd.DataFrame, current: pd.DataFrame) -> Callable[[], set[str]]:
    """Return Evidently's decision with its preset as it comes."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(numerical_columns=NUMBERS, categorical_columns=CATEGORIES)
    columns = [*NUMBERS, *CATEGORIES]

    def decide() -> set[str]:
        new, old = (Dataset.from_pandas(frame[columns], data_definition=definition) for frame in (current, reference))
        answer: dict[str, Any] = Report([DataDriftPreset()], include_tests=True).run(new, old).dict()
        failed = [test for test in answer["tests"] if test["status"] == "FAIL"]
        return {name for name in columns if any(f"{name} " in f"{test['name']} " for test in failed)}

    return decide


def seconds(decide: Callable[[], set[str]]) -> tuple[float, set[str]]:
    """Return the best processor time of a few runs, and the answer."""
    best, answer = float("inf"), set[str]()
    for _ in range(REPEATS):
        started = time.process_time()
        answer = decide()
        best = min(best, time.process_time() - started)
    return best, answer


def main() -> None:
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    counts = [int(text) for text in sys.argv[1:]] or [1_000, 10_000, 100_000]
    print("processor seconds, best of 3; right = columns judged as they were drawn, of 20\n")
    print(f"{'rows':>8}  {'profile':>8} {'right':>5}  {'evidently':>9} {'right':>5}  {'ratio':>6}")
    for count in counts:
        reference, current = rows(count, 1), rows(count, 2, shift=0.7)
        ours, our_answer = seconds(with_profile(reference, current))
        theirs, their_answer = seconds(with_evidently(reference, current))
        right = [20 - len(answer ^ DRIFTED) for answer in (our_answer, their_answer)]
        print(f"{count:>8,}  {ours:>8.3f} {right[0]:>5}  {theirs:>9.2f} {right[1]:>5}  {theirs / ours:>5.0f}x")
    false = 0
    for seed in range(20):
        false += len(with_profile(rows(1_000, 100 + seed), rows(1_000, 200 + seed))())
    print(f"\nfalse alarms of the profile without drift: {false} of {20 * 20} columns, 1,000 rows against 1,000")


if __name__ == "__main__":
    main()
