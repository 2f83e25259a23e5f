"""Predicting with a model folder: the same code in evaluation and in production.

An ONNX model needs NumPy and ONNX Runtime only. A skops model needs scikit-learn and pandas; it is loaded with the
types that its signature trusts, and with the model's own `code.py` under a module name made of its content, so that
two versions of one model can be compared in one process.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from modelops.serving.encode import Values, encode, rounded
from modelops.serving.signature import Signature

ONNX = "model.onnx"
SKOPS = "model.skops"
CODE = "code.py"

# Encoded columns by name, each of shape (rows,), to the model's raw output: probabilities of shape (rows, classes),
# or labels' codes or numbers of shape (rows,).
Scorer = Callable[[dict[str, np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class Prediction:
    """What a model says about some rows.

    `values` has shape (rows,): the class as in the signature's `classes`, or a float64 number.
    `probabilities` has shape (rows, classes), float64, in the order of `classes`;
    None for regression and for classifiers that give none.
    """

    values: np.ndarray
    probabilities: np.ndarray | None


@dataclass(frozen=True)
class Predictor:
    """A loaded model."""

    signature: Signature
    score: Scorer

    @classmethod
    def load(cls, folder: Path) -> Predictor:
        """Load a model folder.

        Raises
        ------
        ValueError
            When the folder is no model, or holds types that its signature does not trust.
        """
        signature = Signature.read(folder)
        name = ONNX if signature.format == "onnx" else SKOPS
        if not (folder / name).is_file():
            raise ValueError(f"{folder / name}: no such file; the model folder is incomplete")
        return cls(signature, _onnx(folder / name) if name == ONNX else _skops(folder, signature))

    def predict(self, columns: Mapping[str, Values]) -> Prediction:
        """Predict some rows.

        Parameters
        ----------
        columns : mapping of column name to sequence of length rows
            Raw values, None or NaN where missing. Columns the model does not use are ignored.

        Raises
        ------
        ValueError
            When a column is missing or holds something that is not of its type.
        """
        return self.interpret(self.score(self.encode(columns)))

    def encode(self, columns: Mapping[str, Values]) -> dict[str, np.ndarray]:
        """Return the model's inputs by name, each of shape (rows,)."""
        encoded = {}
        for column in self.signature.inputs:
            if column.name not in columns:
                raise ValueError(f'the model needs the column "{column.name}"')
            values = columns[column.name]
            try:
                if column.bucket is not None:
                    values = rounded(values, column.bucket)
                for name, kind in column.encodings:
                    encoded[name] = encode(kind, values)
            except ValueError as error:
                raise ValueError(f'column "{column.name}": {error}') from None
        return encoded

    def interpret(self, scores: np.ndarray) -> Prediction:
        """Turn a model's raw output into values and probabilities."""
        if self.signature.task == "regression":
            return Prediction(scores.astype(np.float64), None)
        classes = np.array(self.signature.classes)
        if scores.ndim == 1:
            return Prediction(classes[scores.astype(np.int64)], None)
        probabilities = scores.astype(np.float64)
        threshold = self.signature.threshold
        codes = probabilities.argmax(axis=1) if threshold is None else np.int64(probabilities[:, -1] >= threshold)
        return Prediction(classes[codes], probabilities)


def _onnx(path: Path) -> Scorer:
    # From 1.29 on, ONNX Runtime reports names and hashes of models to Microsoft unless this is set before it loads.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # several threads make one row slower and sums depend on their number
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    output = [session.get_outputs()[-1].name]  # a classifier's first output is the label, its last the probabilities

    def score(encoded: dict[str, np.ndarray]) -> np.ndarray:
        scores: np.ndarray = session.run(output, {name: encoded[name].reshape(-1, 1) for name in names})[0]
        return scores.ravel() if scores.ndim == 2 and scores.shape[1] == 1 else scores

    return score


def _skops(folder: Path, signature: Signature) -> Scorer:
    import pandas as pd
    import skops.io

    if (folder / CODE).is_file():
        load_code(folder / CODE)
    trusted = set(signature.trusted)
    unknown = [name for name in skops.io.get_untrusted_types(file=folder / SKOPS) if name not in trusted]
    if unknown:
        raise ValueError(f"{folder / SKOPS}: types that the signature does not trust: {', '.join(unknown)}")
    model: Any = skops.io.load(folder / SKOPS, trusted=sorted(trusted))
    predict = model.predict_proba if hasattr(model, "predict_proba") else model.predict

    def score(encoded: dict[str, np.ndarray]) -> np.ndarray:
        scores: np.ndarray = np.asarray(predict(pd.DataFrame(encoded)))
        return scores

    return score


def load_code(path: Path) -> ModuleType:
    """Load a model's own `code.py` as a module named after its content, once for each content.

    Raises
    ------
    ValueError
        When the file cannot be executed.
    """
    source = path.read_bytes()
    name = f"modelops_code_{hashlib.sha256(source).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    module = sys.modules[name] = ModuleType(name)
    module.__file__ = str(path)
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - the model's own code, pinned by digest
    except Exception as error:
        del sys.modules[name]
        raise ValueError(f"{path}: {type(error).__name__}: {error}") from error
    return module
