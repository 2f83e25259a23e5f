"""The model folder that is served: ONNX when it is proved, else skops."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.records.train import ModelFile
from modelops.serving.predictor import CODE, ONNX, SKOPS, Predictor
from modelops.serving.signature import SIGNATURE, Signature
from modelops.train import parity, skopsfile
from modelops.train.export import NotExportable, to_onnx
from modelops.train.inputs import encoded
from modelops.train.keys import folder


@dataclass(frozen=True)
class Artifact:
    """A model folder in the store, its record, the skops blob of the pipeline with its types, and what is to note."""

    model: ModelFile
    files: dict[str, str]
    pipeline: str
    trusted: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline with the signature it will be served under (format and trusted types still open)."""

    pipeline: Pipeline
    signature: Signature
    estimator: str
    root: Path


@dataclass(frozen=True)
class Dumped:
    """A skops blob and the types that must be trusted to load it."""

    digest: str
    trusted: tuple[str, ...]


def keep(fitted: Fitted, rows: pd.DataFrame, store: Store) -> Artifact:
    """Export a fitted pipeline, prove on some rows that the file says the same, and put it into the store.

    Parameters
    ----------
    fitted : Fitted
        The pipeline.
    rows : pandas.DataFrame
        Test rows, as the data stage gives them.
    store : Store
        Where the files go.

    Raises
    ------
    ModelopsError
        When the pipeline can be served by neither format.
    """
    dumped = skopsfile.dumps(fitted.pipeline)
    blob = Dumped(store.put_bytes(dumped), skopsfile.trusted_types(dumped, fitted.estimator))
    said = scores(fitted.pipeline, encoded(fitted.signature.inputs, rows))
    try:
        content = to_onnx(fitted.pipeline, fitted.signature.inputs, fitted.signature.name)
        proof, files = _try_onnx(fitted.signature, content, rows, said)
        if proof.holds:
            note = f"test rows on the decision boundary, which may get either label: {proof.ties}" if proof.ties else ""
            return _artifact(store, "onnx", files, blob, proof, note)
        note = f"the ONNX export does not say the same: {proof}"
    except NotExportable as error:
        note = f"no ONNX export: {error}"
    signature = replace(fitted.signature, format="skops", trusted=blob.trusted)
    code = folder(fitted.root, signature.name) / CODE
    own = {CODE: code.read_bytes()} if code.is_file() else {}
    try:
        proof, files = _try(signature, {SKOPS: dumped, **own}, rows, said)
    except Exception as error:
        raise ModelopsError(
            f"the fitted model cannot be read again from a skops file: {type(error).__name__}: {error}",
            hint="own transformers may keep arrays, numbers, texts, lists and dictionaries only",
        ) from error
    return _artifact(store, "skops", files, blob, proof, f"served by scikit-learn from a skops file; {note}")


def scores(pipeline: Pipeline, rows: pd.DataFrame) -> np.ndarray:
    """Return a fitted pipeline's probabilities, shape (rows, classes), else its codes or numbers, shape (rows,).

    Raises
    ------
    ModelopsError
        When it fails on these rows, though it could be fitted.
    """
    predict = pipeline.predict_proba if hasattr(pipeline, "predict_proba") else pipeline.predict
    with joblib.parallel_config(backend="sequential"):  # forests add up their trees in the order they are ready
        try:
            found: np.ndarray = predict(rows)
        except Exception as error:
            raise ModelopsError(
                f"the fitted model fails on rows that it was not fitted on: {type(error).__name__}: {error}",
                hint="check the model's code.py, and the estimator's parameters",
            ) from error
    return found


def _try_onnx(
    signature: Signature, content: bytes, rows: pd.DataFrame, said: np.ndarray
) -> tuple[parity.Parity, dict[str, bytes]]:
    try:
        return _try(signature, {ONNX: content}, rows, said)
    except Exception as error:
        raise NotExportable(f"ONNX Runtime refuses the exported model: {type(error).__name__}") from error


def _try(
    signature: Signature, contents: dict[str, bytes], rows: pd.DataFrame, said: np.ndarray
) -> tuple[parity.Parity, dict[str, bytes]]:
    files = {**contents, SIGNATURE: signature.dumps().encode()}
    with tempfile.TemporaryDirectory(prefix="modelops-") as name:
        for file, content in files.items():
            (Path(name) / file).write_bytes(content)
        predictor = Predictor.load(Path(name))
    served = predictor.predict({column.name: rows[column.name].to_numpy() for column in signature.inputs})
    return parity.compare(predictor.interpret(said), served, signature.threshold), files


def _artifact(
    store: Store, kind: str, files: dict[str, bytes], pipeline: Dumped, proof: parity.Parity, note: str
) -> Artifact:
    digests = {name: store.put_bytes(content) for name, content in sorted(files.items())}
    served = ONNX if kind == "onnx" else SKOPS
    # Three significant digits: enough to judge, and the same on every machine that computes the same floats.
    difference = float(f"{proof.difference:.2e}")
    model = ModelFile.model_validate(
        {"format": kind, "digest": digests[served], "bytes": len(files[served]), "parity": difference}
    )
    return Artifact(model, digests, pipeline.digest, pipeline.trusted, note)
