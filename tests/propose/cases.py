"""A proposal's evidence, whole and easy to change in one place."""

from __future__ import annotations

from typing import Any

from modelops.core.settings import Settings
from modelops.propose.case import Case
from modelops.records.drift import ColumnDrift, DriftRecord, Moved, Trigger
from modelops.records.evaluate import Comparison, Estimate, GateResult, MetricDelta, SliceDelta
from modelops.records.lock import Lock, LockedData, Observed, Resolved, Verdict
from modelops.records.train import ModelFile
from modelops.spec.model import Spec

DIGEST = "sha256:" + "a" * 64
CHAMPION = "sha256:" + "c" * 64


def settings(**changes: Any) -> Settings:
    return Settings.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Platform",
            "owner": "acme",
            "repository": "model-ops",
            "registry": "ghcr.io/acme/models",
            "environments": {"staging": {"unpinned_images": "accept"}, "production": {}},
        }
        | changes
    )


def spec(
    snapshot: str = "2013-07-31", monitor: dict[str, Any] | None = None, gates: list[dict[str, Any]] | None = None
) -> Spec:
    return Spec.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Model",
            "name": "late",
            "owner": "@acme/ops",
            "data": {
                "sources": {"flights": "flights.parquet"},
                "time": "at",
                "snapshot": snapshot,
                "window": "90d",
                "target": "late",
                "columns": {"passenger": {"type": "category", "sensitive": True}},
            },
            "features": {"numeric": {"columns": ["temp", "hour"]}, "categorical": {"columns": ["origin", "passenger"]}},
            "train": {"task": "classification", "estimator": "sklearn.linear_model.LogisticRegression"},
            "evaluate": {"split": {"by": "time", "test": "14d"}, "metrics": ["roc_auc", "brier"], "gates": gates or []},
            "monitor": {"window": "30d", "drift": {"share": 0.3}} if monitor is None else monitor,
        }
    )


def column(name: str, *, weight: float, drifted: bool = True, **changes: Any) -> ColumnDrift:
    return ColumnDrift(
        **{
            "column": name,
            "kind": "number",
            "weight": weight,
            "drifted": drifted,
            "psi": 1.5 if drifted else 0.01,
            "low": 1.2 if drifted else 0.0,
            "high": 1.8 if drifted else 0.02,
            "missing_before": 0.0,
            "missing_after": 0.0,
        }
        | changes
    )


def record(**changes: Any) -> DriftRecord:
    columns = (
        column("hour", weight=0.5, drifted=False),
        column("temp", weight=0.4, ks=0.9, quantiles_before=(21.0, 37.9, 50.0), quantiles_after=(70.0, 81.0, 93.9)),
        column("origin", weight=0.1, kind="category", moved=(Moved(value="E|WR", before=0.3, after=0.5),), unseen=0.02),
        column("passenger", weight=0.0, kind="category"),
    )
    trigger = Trigger(kind="data drift", value=0.5, limit=0.3, reason="50% of the columns by importance drifted")
    return DriftRecord(
        **{
            "model": "late",
            "as_of": "2013-07-31",
            "snapshot": "2013-03-31",
            "version": 1,
            "lock": CHAMPION,
            "rows": 27396,
            "reference_rows": 64973,
            "first": "2013-07-02T00:00:00+00:00",
            "last": "2013-07-31T23:00:00+00:00",
            "score": 0.5,
            "score_low": 0.4,
            "score_high": 0.5,
            "severity": 0.75,
            "columns": columns,
            "prediction": column("prediction", weight=1.0, drifted=False),
            "triggers": (trigger,),
        }
        | changes
    )


def delta(champion: float, candidate: float, half: float) -> MetricDelta:
    change = round(candidate - champion, 6)
    return MetricDelta(champion=champion, candidate=candidate, delta=change, low=change - half, high=change + half)


def comparison(**changes: Any) -> Comparison:
    return Comparison(
        **{
            "resolved": CHAMPION,
            "version": 1,
            "snapshot": "2013-03-31",
            "rows": 12955,
            "metrics": {"roc_auc": delta(0.694, 0.754, 0.02), "brier": delta(0.193, 0.177, 0.01)},
            "slices": (
                SliceDelta(column="origin", value="EWR", rows=5000, metric="roc_auc", delta=delta(0.7, 0.76, 0.02)),
                SliceDelta(column="origin", value="L|GA", rows=4000, metric="roc_auc", delta=delta(0.7, 0.65, 0.02)),
                SliceDelta(column="passenger", value="alicia", rows=90, metric="roc_auc", delta=delta(0.7, 0.69, 0.05)),
            ),
            "flips": 0.175,
            "mended": 0.097,
            "broken": 0.078,
        }
        | changes
    )


def gate(text: str, status: str = "passed", **changes: Any) -> GateResult:
    return GateResult(
        **{
            "gate": text,
            "metric": "roc_auc",
            "status": status,
            "value": 0.754,
            "limit": 0.65,
            "reason": "0.754 is within the limit.",
        }
        | changes
    )


def lock(version: int = 2, snapshot: str = "2013-07-31", **changes: Any) -> Lock:
    """Return a lock; `gates` and `champion` may be given."""
    gates = changes.get("gates", (gate("roc_auc at least 0.65"),))
    passed = all(one.status != "failed" for one in gates)
    return Lock(
        version=version,
        parent=CHAMPION if version > 1 else None,
        resolved=Resolved(
            spec={},
            data=LockedData(snapshot=snapshot, rows=80_000, first=None, last=None, digest=DIGEST),
            code=DIGEST,
            environment={"python": "3.11"},
            platform="linux/x86_64",
            params={},
            model=ModelFile(format="onnx", digest=DIGEST, bytes=1000, parity=1e-7),
            metrics={"roc_auc": Estimate(value=0.713)},
            champion=changes.get("champion", comparison() if version > 1 else None),
            importance={},
            verdict=Verdict(passed=passed, gates=gates),
            profile=DIGEST,
            bento=DIGEST,
        ),
        observed=Observed(image=None, image_command="", latency_p50_ms=1, latency_p99_ms=2, seconds={}),
    )


def case(**changes: Any) -> Case:
    return Case(
        **{
            "spec": spec(),
            "settings": settings(),
            "drift": record(),
            "reason": "50% of the columns by importance drifted",
            "candidate": lock(),
            "champion": lock(1, "2013-03-31"),
            "environment": "staging",
        }
        | changes
    )
