"""The train stage: from rows to a fitted, exported and proved model. The same inputs give the same bytes."""

from __future__ import annotations

import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.data.frame import read
from modelops.data.split import Split, split
from modelops.records.data import DataRecord
from modelops.records.train import TrainRecord
from modelops.serving.signature import Signature
from modelops.spec.model import Spec
from modelops.train import artifact, owncode
from modelops.train.check import check
from modelops.train.engine import engine
from modelops.train.environment import environment, platform
from modelops.train.fit import Training, fit
from modelops.train.inputs import encoded, inputs
from modelops.train.scoring import metric_name
from modelops.train.search import find
from modelops.train.target import target
from modelops.train.threshold import choose

STAGE = "train"
VERSION = 3


def key(spec: Spec, data: DataRecord, root: Path) -> str:
    """Return the digest of everything that the fitted model depends on."""
    return digest.of_value(_depends(spec, data, root))


def search_key(spec: Spec, data: DataRecord, root: Path) -> str:
    """Return the digest of everything that a trial's scores depend on: raising the number of trials goes on."""
    depends = _depends(spec, data, root)
    search = spec.train.search
    about = None if search is None else {"folds": search.folds.model_dump(mode="json"), "metric": metric_name(spec)}
    return digest.of_value({**depends, "train": {**depends["train"], "search": about}})


def _depends(spec: Spec, data: DataRecord, root: Path) -> dict[str, Any]:
    plain = spec.model_dump(mode="json", by_alias=True)
    section = plain["train"]
    return {
        "stage": STAGE,
        "version": VERSION,
        "name": spec.name,
        "data": data.digest,
        "rows": {
            name: plain["data"][name]
            for name in ("key", "time", "target", "snapshot", "window", "labels_after", "columns")
        },
        "features": plain["features"],
        "train": {name: value for name, value in section.items() if name not in {"engine", "runs_on"}},
        "split": plain["evaluate"]["split"],
        "metric": metric_name(spec) if spec.train.search else None,
        "code": owncode.code_digest(root, spec.name),
    }


def train(spec: Spec, data: DataRecord, root: Path, store: Store, *, refresh: bool = False) -> TrainRecord:
    """Fit a spec's model on the training rows, export it and prove the export on the test rows.

    Does nothing when the store knows the result already.

    Parameters
    ----------
    spec : Spec
        The model's spec.
    data : DataRecord
        The rows of its snapshot.
    root : Path
        The folder that holds `models/`.
    store : Store
        Where rows are and files go.
    refresh : bool
        Fit again although the result is known.

    Raises
    ------
    ModelopsError
        When the rows, the features or the estimator cannot work; says what and where.
    """
    stage_key = key(spec, data, root)
    known = None if refresh else _known(store, stage_key)
    if known is not None:
        return known
    started = time.perf_counter()
    code = owncode.load(root, spec.name)
    with engine(spec, code):
        record = _train(spec, data, root, store, code)
    record = record.model_copy(update={"seconds": round(time.perf_counter() - started, 3)})
    store.put_record(STAGE, stage_key, record.model_dump_json())
    return record


def _known(store: Store, stage_key: str) -> TrainRecord | None:
    text = store.get_record(STAGE, stage_key)
    if text is None:
        return None
    record = TrainRecord.model_validate_json(text)
    return record if all(store.has(blob) for blob in (*record.files.values(), record.pipeline)) else None


def _train(spec: Spec, data: DataRecord, root: Path, store: Store, code: ModuleType | None) -> TrainRecord:
    frame = read(store, data)
    parts = split(spec, frame)
    rows = frame[parts.train]
    answer = target(spec, rows)
    columns = inputs(spec, rows)
    training = Training(spec, columns, encoded(columns, rows), answer.values, answer.classes, code)
    notes = check(training)
    found = find(training, rows, store, search_key(spec, data, root))
    pipeline, warned = fit(training, found.params)
    signature = Signature(
        spec.name, spec.train.task, "onnx", columns, answer.classes, _threshold(training, pipeline, frame, parts)
    )
    fitted = artifact.Fitted(pipeline, signature, spec.train.estimator, root)
    kept = artifact.keep(fitted, frame[parts.test], store)
    return TrainRecord(
        model=kept.model,
        files=kept.files,
        pipeline=kept.pipeline,
        trusted=kept.trusted,
        params=found.params,
        threshold=signature.threshold,
        environment=environment(spec.train.estimator, search=spec.train.search is not None),
        platform=platform(),
        train_rows=int(parts.train.sum()),
        test_rows=int(parts.test.sum()),
        cross_validation=found.scores,
        notes=tuple(note for note in (*notes, *warned, kept.note) if note),
        seconds=0,
    )


def _threshold(training: Training, pipeline: Pipeline, frame: pd.DataFrame, parts: Split) -> float | None:
    rule = training.spec.train.threshold
    if rule is None:
        return None
    if len(training.classes) != 2 or not hasattr(pipeline, "predict_proba"):
        raise ModelopsError(
            "train.threshold: only a binary classifier with probabilities has a threshold",
            hint="leave it out, or set train.calibrate to get probabilities",
        )
    if not parts.validation.any():
        raise ModelopsError(
            "train.threshold: there are no validation rows to choose it on", hint="set evaluate.split.validation"
        )
    rows = frame[parts.validation]
    positive = np.asarray(rows[training.spec.data.target] == training.classes[1])
    return choose(rule, positive, artifact.scores(pipeline, encoded(training.columns, rows))[:, 1])
