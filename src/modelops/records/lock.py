"""The lock: what a spec resolved to. Written by `modelops run` only."""

from __future__ import annotations

from typing import Any

from modelops.core import digest
from modelops.records.base import Record
from modelops.records.evaluate import Comparison, Estimate, GateResult, holds
from modelops.records.train import ModelFile


class LockedData(Record):
    """The rows the model saw."""

    snapshot: str
    rows: int
    first: str | None
    last: str | None
    digest: str


class Verdict(Record):
    """Every gate whose value repeats exactly, and whether all of them hold."""

    passed: bool
    gates: tuple[GateResult, ...]


class Resolved(Record):
    """The deterministic part: what `modelops verify` makes again and compares."""

    spec: dict[str, str]
    data: LockedData
    code: str
    environment: dict[str, str]
    platform: str
    params: dict[str, Any]
    threshold: float | None = None
    model: ModelFile
    metrics: dict[str, Estimate]
    champion: Comparison | None
    importance: dict[str, float]
    verdict: Verdict
    profile: str
    bento: str


class Observed(Record):
    """Measured or made once; not part of what `verify` compares."""

    image: str | None
    image_command: str
    latency_p50_ms: float
    latency_p99_ms: float
    gates: tuple[GateResult, ...] = ()
    seconds: dict[str, float]


class Lock(Record):
    """One version of one model.

    `parent` is the digest of the lock of the champion this candidate was compared with, None for a first model.
    """

    version: int
    parent: str | None
    resolved: Resolved
    observed: Observed

    @property
    def resolved_digest(self) -> str:
        """The digest of the deterministic part, the same wherever this version is made again."""
        return digest.of_value(self.resolved.model_dump(mode="json"))

    @property
    def gates(self) -> tuple[GateResult, ...]:
        """Every gate: those whose values repeat exactly, then those measured on this machine."""
        return (*self.resolved.verdict.gates, *self.observed.gates)

    @property
    def passed(self) -> bool:
        """Whether every gate holds, is waived or does not apply, measured ones included."""
        return self.resolved.verdict.passed and all(holds(gate) for gate in self.observed.gates)
