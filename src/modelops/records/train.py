"""What the train stage leaves: a fitted, exported and proved model."""

from __future__ import annotations

from typing import Any, Literal

from modelops.records.base import Record


class ModelFile(Record):
    """The file that is served. `parity`: its largest difference from the fitted pipeline on the test rows."""

    format: Literal["onnx", "skops"]
    digest: str
    bytes: int
    parity: float


class TrainRecord(Record):
    """One fitted model.

    `files` is the model folder as the predictor reads it: relative name to blob digest
    (`model.onnx` or `model.skops`, `signature.json`, `code.py` when the model brings its own transformers).
    `pipeline` names the skops blob of the fitted scikit-learn pipeline, whichever file is served; `trusted` lists the
    types that must be trusted to load it.
    `params` are the estimator's parameters after any search. `environment` maps package to version.
    `cross_validation` holds one score per fold of the search's metric, empty without a search.
    """

    model: ModelFile
    files: dict[str, str]
    pipeline: str
    trusted: tuple[str, ...] = ()
    params: dict[str, Any]
    threshold: float | None = None
    environment: dict[str, str]
    platform: str
    train_rows: int
    test_rows: int
    cross_validation: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float
