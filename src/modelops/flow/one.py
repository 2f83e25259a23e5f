"""One stage of one model, with the stages before it answered from the store when they ran before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from modelops.core.workspace import Workspace
from modelops.flow.champion import resolve
from modelops.flow.exclusive import exclusive
from modelops.flow.stages import evaluate_model, package_model, resolve_data, train_model
from modelops.records.evaluate import EvaluateRecord
from modelops.records.package import PackageRecord
from modelops.records.train import TrainRecord
from modelops.spec.load import load_spec

R = TypeVar("R")


@dataclass(frozen=True)
class StageResult(Generic[R]):
    """A stage's record, and whether the store knew it already."""

    record: R
    known: bool


def trained(workspace: Workspace, name: str) -> StageResult[TrainRecord]:
    """Return the trained model of a spec."""
    spec = load_spec(workspace.root, name)
    with exclusive(workspace.cache, name):
        record = train_model(workspace, spec, resolve_data(workspace, spec))
        return StageResult(record, known="train" not in workspace.store.written)


def evaluated(workspace: Workspace, name: str) -> StageResult[EvaluateRecord]:
    """Return the evidence on a spec's model."""
    spec = load_spec(workspace.root, name)
    with exclusive(workspace.cache, name):
        data = resolve_data(workspace, spec)
        model = train_model(workspace, spec, data)
        champion = resolve(workspace, name)
        record = evaluate_model(workspace, spec, data, model, champion)
        return StageResult(record, known="evaluate" not in workspace.store.written)


def packaged(workspace: Workspace, name: str) -> StageResult[PackageRecord]:
    """Return the Bento of a spec's model."""
    spec = load_spec(workspace.root, name)
    with exclusive(workspace.cache, name):
        model = train_model(workspace, spec, resolve_data(workspace, spec))
        record = package_model(workspace, spec, model)
        return StageResult(record, known="package" not in workspace.store.written)
