"""One run as it will be logged, and the folder where runs wait until the tracking server has them."""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import Field

from modelops.core import digest
from modelops.core.files import write_atomic
from modelops.records.base import Record
from modelops.records.data import DataRecord
from modelops.records.evaluate import EvaluateRecord
from modelops.records.train import TrainRecord
from modelops.spec.model import Spec

FOLDER = "tracking"


class Dataset(Record):
    """The rows a model was trained and tested on. `digest` is ours: MLflow's own samples and misses changed rows."""

    name: str
    snapshot: str
    digest: str
    rows: int
    first: str | None
    last: str | None


class Entry(Record):
    """Everything that is logged about one run.

    `id` is the digest of all of it, so that a run is logged once however often it is sent. `files` and `pipeline`
    name blobs in the store, and so do `reports`, pages for people. `champion` is the digest of the model that runs now,
    None without one.
    """

    id: str
    model: str
    description: str
    run_name: str
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    dataset: Dataset
    target: str
    files: dict[str, str]
    model_digest: str
    pipeline: str
    trusted: tuple[str, ...]
    environment: dict[str, str]
    champion: str | None
    seconds: float
    reports: dict[str, str] = Field(default={})


def entry(
    spec: Spec,
    data: DataRecord,
    train: TrainRecord,
    evaluation: EvaluateRecord | None = None,
    *,
    version: int | None = None,
    commit: str | None = None,
    champion: str | None = None,
    reports: dict[str, str] | None = None,
) -> Entry:
    """Return what is logged about a run.

    Parameters
    ----------
    spec, data, train, evaluation
        The spec and the records of the stages.
    version : int, optional
        The version in the lock.
    commit : str, optional
        The commit that is checked out.
    champion : str, optional
        The digest of the model file (`TrainRecord.model.digest`) that runs now.
    reports : dict, optional
        Pages for people: file name to blob in the store.
    """
    plain = {
        "model": spec.name,
        "description": spec.description,
        "run_name": f"{spec.name} {data.snapshot}",
        "params": _params(spec, train),
        "metrics": _metrics(train, evaluation),
        "tags": _tags(spec, data, train, evaluation, version, commit),
        "dataset": Dataset(name=spec.name, **data.model_dump(include=set(Dataset.model_fields))).model_dump(),
        "target": spec.data.target,
        "files": train.files,
        "model_digest": train.model.digest,
        "pipeline": train.pipeline,
        "trusted": train.trusted,
        "environment": train.environment,
        "champion": champion,
        "reports": reports or {},
    }
    return Entry.model_validate({**plain, "id": digest.of_value(plain), "seconds": train.seconds})


def _params(spec: Spec, train: TrainRecord) -> dict[str, str]:
    own = {"estimator": spec.train.estimator, "seed": str(spec.train.seed), "snapshot": spec.data.snapshot}
    if train.threshold is not None:
        own["threshold"] = repr(train.threshold)
    return own | {f"params.{name}": str(value) for name, value in sorted(train.params.items())}


def _metrics(train: TrainRecord, evaluation: EvaluateRecord | None) -> dict[str, float]:
    found: dict[str, float | None] = {
        "train_rows": train.train_rows,
        "test_rows": train.test_rows,
        "model_bytes": train.model.bytes,
        "parity": train.model.parity,
    }
    found |= {f"fold_{place}": score for place, score in enumerate(train.cross_validation)}
    if evaluation is not None:
        found |= {name: estimate.value for name, estimate in evaluation.metrics.items()}
        found |= {f"{name}_low": estimate.low for name, estimate in evaluation.metrics.items()}
        found |= {f"{name}_high": estimate.high for name, estimate in evaluation.metrics.items()}
        found |= {f"train_{name}": value for name, value in evaluation.train_metrics.items()}
        found["latency_p99_ms"] = evaluation.latency_p99_ms
    return {name: float(value) for name, value in found.items() if value is not None}


def _tags(
    spec: Spec,
    data: DataRecord,
    train: TrainRecord,
    evaluation: EvaluateRecord | None,
    version: int | None,
    commit: str | None,
) -> dict[str, str]:
    tags = {
        "modelops.owner": spec.owner,
        "modelops.spec": digest.of_value(spec.section_digests()),
        "modelops.data": data.digest,
        "modelops.model": train.model.digest,
        "modelops.format": train.model.format,
    }
    if evaluation is not None:
        tags["modelops.gates"] = "passed" if evaluation.passed else "failed"
    if version is not None:
        tags["modelops.version"] = str(version)
    if commit is not None:
        tags["mlflow.source.git.commit"] = commit
    return tags


def put(cache: Path, run: Entry) -> Path:
    """Let a run wait to be logged; returns its file."""
    name = f"{digest.short(run.id)}.json"
    same = [path for path in waiting(cache) if path.name.endswith(name)]
    path = same[0] if same else cache / FOLDER / f"{time.time_ns():020d}-{name}"
    write_atomic(path, run.model_dump_json())
    return path


def waiting(cache: Path) -> list[Path]:
    """Return the runs that wait to be logged, oldest first."""
    return sorted((cache / FOLDER).glob("[0-9]*.json"))
