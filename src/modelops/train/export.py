"""The fitted pipeline as ONNX: the same bytes for the same pipeline, in every process."""

from __future__ import annotations

import re
from typing import Any

from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler

from modelops.serving.signature import Input
from modelops.train.onnxnames import rename

# Newer operator sets than these bring nothing for the pipelines here, and older runtimes do not know them.
OPSETS = {"": 18, "ai.onnx.ml": 3}
# Divide as scikit-learn does instead of multiplying: trees behind a scaler split exactly between its values.
EXACT = {"div": "div"}


class NotExportable(Exception):
    """A pipeline that ONNX cannot express, and why."""


def to_onnx(pipeline: Pipeline, columns: tuple[Input, ...], name: str) -> bytes:
    """Return a fitted pipeline as an ONNX model with one input of shape (rows, 1) for each encoded column.

    A classifier's last output is its probabilities, shape (rows, classes); without probabilities its only
    output is the class code, shape (rows,). A regressor's is the number, shape (rows, 1).

    Raises
    ------
    NotExportable
        When a step has no converter.
    """
    if any(kind == "time" for column in columns for _, kind in column.encodings):
        raise NotExportable("an own transformer reads times")
    encodings = [encoding for column in columns for encoding in column.encodings]
    initial = [
        (encoded, StringTensorType([None, 1]) if kind in {"text", "words"} else FloatTensorType([None, 1]))
        for encoded, kind in encodings
    ]
    probabilities = hasattr(pipeline, "predict_proba")
    options: Any = {StandardScaler: EXACT, RobustScaler: EXACT}
    if probabilities:
        options[id(pipeline)] = {"zipmap": False}
    try:
        model = convert_sklearn(pipeline, name=name, initial_types=initial, options=options, target_opset=OPSETS)
    except Exception as error:
        raise NotExportable(_reason(error)) from error
    if not probabilities:
        del model.graph.output[1:]
    rename(model, [encoded for encoded, _ in encodings])
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _reason(error: Exception) -> str:
    unknown = re.search(r"type '<class '[\w.]*?(\w+)'>'", str(error))
    if unknown:
        return f"there is no converter for {unknown[1]}"
    lines = str(error).strip().splitlines()
    return lines[0].partition(". ")[0] if lines else type(error).__name__
