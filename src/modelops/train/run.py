"""The train stage: from rows to a fitted, exported and proved model. The same inputs give the same bytes."""

from __future__ import annotations

import time
from pathlib import Path

from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.records.train import TrainRecord
from modelops.spec.model import Spec
from modelops.train.keys import STAGE, key


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
    from modelops.train.candidate import make  # imports scikit-learn

    started = time.perf_counter()
    record = make(spec, data, root, store)
    record = record.model_copy(update={"seconds": round(time.perf_counter() - started, 3)})
    store.put_record(STAGE, stage_key, record.model_dump_json())
    return record


def _known(store: Store, stage_key: str) -> TrainRecord | None:
    text = store.get_record(STAGE, stage_key)
    if text is None:
        return None
    record = TrainRecord.model_validate_json(text)
    return record if all(store.has(blob) for blob in (*record.files.values(), record.pipeline)) else None
