"""Making a candidate: read, split, search, fit, choose a threshold, export, prove."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

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
from modelops.train.keys import search_key
from modelops.train.search import find
from modelops.train.target import target
from modelops.train.threshold import choose


def make(spec: Spec, data: DataRecord, root: Path, store: Store) -> TrainRecord:
    """Fit, export and prove a spec's model on the spec's engine; the record's `seconds` are still 0.

    Raises
    ------
    ModelopsError
        When the rows, the features or the estimator cannot work.
    """
    code = owncode.load(root, spec.name)
    with engine(spec, code):
        return _make(spec, data, root, store, code)


def _make(spec: Spec, data: DataRecord, root: Path, store: Store, code: ModuleType | None) -> TrainRecord:
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
