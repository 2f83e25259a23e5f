"""The stages of one candidate, chained by their records."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modelops.core import digest
from modelops.core.console import note, step
from modelops.core.workspace import Workspace
from modelops.flow.champion import ChampionVersion
from modelops.records.data import DataRecord
from modelops.records.evaluate import EvaluateRecord
from modelops.records.package import PackageRecord
from modelops.records.train import TrainRecord
from modelops.spec.model import Spec


@dataclass(frozen=True)
class Outcome:
    """The records of all stages of one candidate; `profile` is the text of its reference profile."""

    data: DataRecord
    train: TrainRecord
    evaluation: EvaluateRecord
    package: PackageRecord
    profile: str
    seconds: dict[str, float]


def resolve_data(workspace: Workspace, spec: Spec, *, check: bool = False) -> DataRecord:
    """Return the rows of the spec's snapshot; reads them only when they are not known yet."""
    from modelops.data.load import load

    return load(spec, workspace.data_root, workspace.store, check=check)


def train_model(workspace: Workspace, spec: Spec, data: DataRecord, *, refresh: bool = False) -> TrainRecord:
    """Return the fitted and exported model of a spec; fits again on request."""
    from modelops.train.run import train

    return train(spec, data, workspace.root, workspace.store, refresh=refresh)


def model_folder(workspace: Workspace, record: TrainRecord) -> Path:
    """Lay a model out as the folder that the predictor reads."""
    folder = workspace.cache / "served" / digest.short(digest.of_value(record.files))
    return workspace.store.checkout(record.files, folder)


def candidate_stages(
    workspace: Workspace, spec: Spec, data: DataRecord, champion: ChampionVersion | None, *, refresh: bool = False
) -> Outcome:
    """Train, evaluate, track and package one candidate."""
    with step("train") as running:
        trained = train_model(workspace, spec, data, refresh=refresh)
        running.result = f"{trained.model.format}, {trained.model.bytes:,} bytes, parity {trained.model.parity:.1e}"
    for text in trained.notes:
        note(f"  note: {text}")
    # BentoML builds in a process of its own, so the two can share the machine's cores.
    with ThreadPoolExecutor(1) as builder:
        building = builder.submit(package_model, workspace, spec, trained)
        with step("evaluate") as running:
            evaluation = evaluate_model(workspace, spec, data, trained, champion)
            running.result = _verdict(spec, evaluation)
        with step("package") as running:
            package = building.result()
            running.result = f"Bento {package.tag}"
    profile = build_profile(workspace, spec, data, trained, evaluation)
    seconds = {
        "train": round(trained.seconds, 1),
        "evaluate": round(evaluation.seconds, 1),
        "package": round(package.seconds, 1),
    }
    return Outcome(data, trained, evaluation, package, profile, seconds)


def _verdict(spec: Spec, evaluation: EvaluateRecord) -> str:
    first = spec.metrics[0]
    value = evaluation.metrics[first].value
    shown = "undefined" if value is None else f"{value:.3f}"
    return f"{first} {shown}, gates {'passed' if evaluation.passed else 'FAILED'}"


def evaluate_model(
    workspace: Workspace, spec: Spec, data: DataRecord, trained: TrainRecord, version: ChampionVersion | None
) -> EvaluateRecord:
    """Return the evidence on a trained candidate, compared with the champion when there is one."""
    from modelops.evaluate.run import evaluate
    from modelops.flow.opponent import opponent

    champion = opponent(workspace, spec, data, version) if version else None
    return evaluate(spec, data, trained, champion, workspace.store, today=datetime.now(UTC).date())


def package_model(workspace: Workspace, spec: Spec, trained: TrainRecord) -> PackageRecord:
    """Return the Bento of a trained model."""
    from modelops.package.build import package

    return package(spec, trained, workspace.settings, workspace.store, workspace.cache)


def build_profile(
    workspace: Workspace, spec: Spec, data: DataRecord, trained: TrainRecord, evaluation: EvaluateRecord
) -> str:
    """Return the reference profile of the training rows as JSON text."""
    from modelops.data.frame import read
    from modelops.data.split import split
    from modelops.drift.profile import build
    from modelops.serving.predictor import Predictor

    frame = read(workspace.store, data)
    rows = frame[split(spec, frame).train]
    predictor = Predictor.load(model_folder(workspace, trained))
    predictions = predictor.predict({name: rows[name].to_numpy() for name in spec.features.columns})
    return build(spec, rows, predictions, evaluation.importance).dumps()
