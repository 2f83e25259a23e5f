"""Small models of rows that never were, trained for real, for tests of evaluation and reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from modelops.core.store import Store
from modelops.data.load import load
from modelops.evaluate.champion import Champion
from modelops.evaluate.run import evaluate
from modelops.records.data import DataRecord
from modelops.records.evaluate import EvaluateRecord
from modelops.records.lock import Lock, LockedData, Observed, Resolved, Verdict
from modelops.records.train import TrainRecord
from modelops.spec.load import parse_spec
from modelops.spec.model import Spec
from modelops.train.run import train

TODAY = date(2020, 6, 1)
SPEC = """
apiVersion: modelops/v1
kind: Model
name: tiny
owner: "@acme"
data:
  sources: {rows: rows.csv}
  query: SELECT * FROM rows
  key: id
  time: at
  snapshot: 2020-03-31
  window: 90d
  target: late
  columns:
    clinic: {type: category, sensitive: true}
features:
  numeric: {columns: [x, w, z]}
train:
  task: classification
  estimator: sklearn.linear_model.LogisticRegression
evaluate:
  split: {by: time, test: 28d}
  metrics: [roc_auc, accuracy, log_loss]
  slices: [region, clinic]
"""


@dataclass(frozen=True)
class Made:
    """A trained model with all its records."""

    spec: Spec
    data: DataRecord
    train: TrainRecord


class Bench:
    """Makes models on the same rows, and judges them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(root / "store")
        rows().to_csv(root / "rows.csv", index=False)

    def spec(self, **changes: Any) -> Spec:
        """Return the spec with values replaced, dotted keys as `data__target`."""
        plain = yaml.safe_load(SPEC)
        for key, value in changes.items():
            *path, last = key.split("__")
            where = plain
            for part in path:
                where = where[part]
            where[last] = value
            if value is None:
                del where[last]
        plain["data"]["snapshot"] = str(plain["data"]["snapshot"])
        return parse_spec(yaml.safe_dump(plain, sort_keys=False), "specs/tiny.yaml")

    def make(self, **changes: Any) -> Made:
        """Train the spec with values replaced."""
        spec = self.spec(**changes)
        data = load(spec, self.root, self.store)
        return Made(spec, data, train(spec, data, self.root, self.store))

    def judge(self, made: Made, champion: Champion | None = None, today: date = TODAY) -> EvaluateRecord:
        """Evaluate a model."""
        return evaluate(made.spec, made.data, made.train, champion, self.store, today=today)

    def champion(self, made: Made, seen_by: Made, folder: str = "champion") -> Champion:
        """Return a made model as the champion of another one."""
        view = {"snapshot": seen_by.spec.data.snapshot, "window": seen_by.spec.data.window}
        spec = made.spec.model_copy(update={"data": made.spec.data.model_copy(update=view)})
        model = self.store.checkout(made.train.files, self.root / folder)
        rows_seen = load(spec, self.root, self.store)
        return Champion(lock(made, self.judge(made)), "sha256:" + "1" * 64, made.spec, model, rows_seen)


def rows() -> pd.DataFrame:
    """Ninety days of fifty rows. In the south only w matters, elsewhere only x; z is noise, minutes are for regression.

    Clinics are sensitive: three large ones and some small ones.
    """
    generator = np.random.default_rng(0)
    size = 4500
    day = np.repeat(np.arange(90), 50)
    region = generator.choice(["north", "east", "south"], size)
    x, w, z = generator.normal(size=(3, size))
    signal = np.where(region == "south", w, x) * 1.8 + generator.normal(0, 0.3, 90)[day] - 0.5
    clinic = generator.choice(
        ["Mercy", "Grace", "Hope", *(f"Small{n}" for n in range(9))], size, p=[0.3] * 3 + [0.1 / 9] * 9
    )
    return pd.DataFrame(
        {
            "id": [f"f{number:05d}" for number in range(size)],
            "at": pd.Timestamp("2020-01-02") + pd.to_timedelta(day * 24 + generator.integers(0, 24, size), unit="h"),
            "region": region,
            "clinic": clinic,
            "x": x,
            "w": w,
            "z": z,
            "late": generator.random(size) < 1 / (1 + np.exp(-signal)),
            "minutes": np.round(20 + 10 * signal + generator.normal(0, 5, size), 1),
        }
    )


def lock(made: Made, found: EvaluateRecord) -> Lock:
    """Return a lock as far as evaluation and reports read it."""
    data = made.data
    resolved = Resolved(
        spec=made.spec.section_digests(),
        data=LockedData(snapshot=data.snapshot, rows=data.rows, first=data.first, last=data.last, digest=data.digest),
        code="",
        environment=made.train.environment,
        platform=made.train.platform,
        params=made.train.params,
        model=made.train.model,
        metrics=found.metrics,
        champion=found.champion,
        importance=found.importance,
        verdict=Verdict(passed=True, gates=found.gates),
        profile="",
        bento="",
    )
    observed = Observed(
        image=None,
        image_command="",
        latency_p50_ms=found.latency_p50_ms,
        latency_p99_ms=found.latency_p99_ms,
        gates=found.measured_gates,
        seconds={},
    )
    return Lock(version=1, parent=None, resolved=resolved, observed=observed)
