"""A spec, platform settings, a lock and a pin to vary in tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from modelops.core.settings import Settings
from modelops.core.workspace import Workspace
from modelops.records.evaluate import Estimate, GateResult, GateStatus
from modelops.records.lock import Lock, LockedData, Observed, Resolved, Verdict
from modelops.records.release import Release
from modelops.records.train import ModelFile
from modelops.spec.model import Spec

Locker = Callable[..., str]

SPEC = """\
apiVersion: modelops/v1
kind: Model
name: {name}
owner: "@acme/cellar"
data:
  sources: {{wine: data/wine.csv}}
  snapshot: "{snapshot}"
  target: cultivar
features:
  numeric: {{columns: [alcohol]}}
train:
  task: classification
  estimator: sklearn.linear_model.LogisticRegression
serve:
  replicas: {{min: {low}, max: {high}}}
"""

SETTINGS = """\
apiVersion: modelops/v1
kind: Platform
owner: acme
repository: model-ops
registry: ghcr.io/acme/models
environments:
  staging:
    namespace: models-staging
    unpinned_images: accept
  production:
    namespace: models-production
"""


def sha(letter: str) -> str:
    """Return a digest that is easy to tell from others."""
    return "sha256:" + letter * 64


def spec_text(name: str = "wine", snapshot: str = "1", low: int = 1, high: int = 1) -> str:
    return SPEC.format(name=name, snapshot=snapshot, low=low, high=high)


def spec(**values: Any) -> Spec:
    return Spec.model_validate(yaml.safe_load(spec_text(**values)))


def settings(**environments: dict[str, Any]) -> Settings:
    """Return platform settings, with these environments instead of staging and production if any are given."""
    plain = yaml.safe_load(SETTINGS)
    return Settings.model_validate(plain | ({"environments": environments} if environments else {}))


def gate(status: GateStatus = "passed", value: float = 0.71) -> GateResult:
    return GateResult(
        gate="accuracy >= 0.9", metric="accuracy", status=status, value=value, limit=0.9, reason=f"accuracy is {value}"
    )


def lock(
    model: Spec,
    version: int = 1,
    *,
    code: str,
    image: str | None = sha("d"),
    status: GateStatus = "passed",
    **more: Any,
) -> Lock:
    resolved = {
        "spec": model.section_digests(),
        "data": LockedData(snapshot=model.data.snapshot, rows=178, first=None, last=None, digest=sha("a")),
        "code": code,
        "environment": {"python": "3.11", "numpy": "2.4.6"},
        "platform": "linux/x86_64",
        "params": {"C": 1.0},
        "model": ModelFile(format="onnx", digest=sha("b"), bytes=700, parity=2.7e-07),
        "metrics": {"accuracy": Estimate(value=0.1 + 0.2, low=1e-7, high=1e22)},
        "champion": None,
        "importance": {"alcohol": 0.3},
        "verdict": Verdict(passed=status in ("passed", "waived", "not applicable"), gates=(gate(status),)),
        "profile": sha("e"),
        "bento": f"sha256:{version:064x}",
    }
    observed = Observed(
        image=image,
        image_command="bentoml containerize wine",
        latency_p50_ms=0.1,
        latency_p99_ms=0.4,
        seconds={"train": 1.6},
    )
    return Lock(version=version, parent=None, resolved=Resolved(**resolved | more), observed=observed)


def release(
    environment: str = "staging", *, model: str = "wine", version: int = 1, image: str | None = sha("d")
) -> Release:
    return Release(
        model=model,
        environment=environment,
        version=version,
        lock=sha("c"),
        snapshot="2013-03-31",
        bento=sha("f"),
        image=image,
    )


def save(space: Workspace, message: str) -> str:
    """Commit everything and return the commit."""
    space.git.run("add", "--all")
    space.git.run("commit", "--quiet", "--message", message)
    return space.git.out("rev-parse", "HEAD")
