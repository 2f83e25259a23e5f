"""The fitted pipeline as ONNX: the same bytes for the same pipeline, in every process."""

from __future__ import annotations

from typing import Any

from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.pipeline import Pipeline

from modelops.serving.signature import Input

# Newer operator sets than these bring nothing for the pipelines here, and older runtimes do not know them.
OPSETS = {"": 18, "ai.onnx.ml": 3}


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
    initial = [
        (encoded, FloatTensorType([None, 1]) if kind not in {"text", "words"} else StringTensorType([None, 1]))
        for column in columns
        for encoded, kind in column.encodings
    ]
    probabilities = hasattr(pipeline, "predict_proba")
    options: Any = {id(pipeline): {"zipmap": False}} if probabilities else None
    try:
        model = convert_sklearn(pipeline, name=name, initial_types=initial, options=options, target_opset=OPSETS)
    except Exception as error:
        raise NotExportable(_reason(error)) from error
    if not probabilities:
        del model.graph.output[1:]
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
