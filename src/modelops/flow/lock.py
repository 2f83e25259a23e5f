"""The lock of a candidate, put together from the records of its stages."""

from __future__ import annotations

from modelops.core import digest
from modelops.core.workspace import Workspace
from modelops.flow.champion import ChampionVersion
from modelops.flow.stages import Outcome
from modelops.flow.stale import code_digest
from modelops.records.data import DataRecord
from modelops.records.evaluate import holds
from modelops.records.lock import Lock, LockedData, Observed, Resolved, Verdict
from modelops.spec.model import Spec


def assemble(
    workspace: Workspace, spec: Spec, champion: ChampionVersion | None, outcome: Outcome, version: int
) -> Lock:
    """Return the lock that names everything the stages came to."""
    return Lock(
        version=version,
        parent=champion.digest if champion else None,
        resolved=resolved(workspace, spec, outcome),
        observed=_observed(outcome),
    )


def locked_data(data: DataRecord) -> LockedData:
    """Return what a lock says of the rows."""
    return LockedData(snapshot=data.snapshot, rows=data.rows, first=data.first, last=data.last, digest=data.digest)


def resolved(workspace: Workspace, spec: Spec, outcome: Outcome) -> Resolved:
    """Return the deterministic part of a lock."""
    data, trained, evaluation = outcome.data, outcome.train, outcome.evaluation
    return Resolved(
        spec=spec.section_digests(),
        data=locked_data(data),
        code=code_digest(workspace, spec.name),
        environment=trained.environment,
        platform=trained.platform,
        params=trained.params,
        threshold=trained.threshold,
        model=trained.model,
        metrics=evaluation.metrics,
        champion=evaluation.champion,
        importance=evaluation.importance,
        verdict=Verdict(passed=all(holds(gate) for gate in evaluation.gates), gates=evaluation.gates),
        profile=digest.of_bytes(outcome.profile.encode()),
        bento=outcome.package.bento,
    )


def _observed(outcome: Outcome) -> Observed:
    return Observed(
        image=outcome.package.image,
        image_command=outcome.package.image_command,
        latency_p50_ms=outcome.evaluation.latency_p50_ms,
        latency_p99_ms=outcome.evaluation.latency_p99_ms,
        gates=outcome.evaluation.measured_gates,
        seconds=outcome.seconds,
    )
