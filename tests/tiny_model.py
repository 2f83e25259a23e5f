"""A small ONNX model written by hand, for tests of packaging and serving that need no training."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from modelops.core.settings import Settings
from modelops.core.store import Store
from modelops.records.train import ModelFile, TrainRecord
from modelops.serving.signature import Input, Signature
from modelops.spec.model import Spec

ROW: dict[str, Any] = {"temp": 39.5, "hour": 17, "origin": "JFK", "windy": True, "note": "late"}
WEIGHTS = np.array([[0.02], [0.05], [-0.3], [0.4]], dtype=np.float32)
BIAS = np.array([-1.0], dtype=np.float32)
ORIGINS = ("EWR", "JFK", "LGA")


def signature(name: str = "tiny") -> Signature:
    """Return the signature of the model below."""
    return Signature(
        name=name,
        task="classification",
        format="onnx",
        inputs=(
            Input("temp", "number", nullable=True, min=-40, max=130),
            Input("hour", "integer", nullable=False, min=0, max=23),
            Input("origin", "category", nullable=False, values=ORIGINS),
            Input("windy", "boolean", nullable=False),
            Input("note", "text", nullable=True),
        ),
        classes=(False, True),
        threshold=0.5,
    )


def expected(row: dict[str, Any]) -> float:
    """Return the probability of True that the model must give a row."""
    temp = 0.0 if row["temp"] is None else row["temp"]
    features = np.array([temp, row["hour"], ORIGINS.index(row["origin"]), float(row["windy"])], dtype=np.float32)
    return float(1 / (1 + np.exp(-(features @ WEIGHTS + BIAS)[0])))


def write(folder: Path, name: str = "tiny") -> Path:
    """Write the model folder and return it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    signature(name).write(folder)
    number = [helper.make_tensor_value_info(x, TensorProto.FLOAT, [None, 1]) for x in ("temp", "hour", "windy")]
    text = [helper.make_tensor_value_info(x, TensorProto.STRING, [None, 1]) for x in ("origin", "note")]
    zero = numpy_helper.from_array(np.zeros(1, dtype=np.float32), "zero")
    nodes = [
        helper.make_node("IsNaN", ["temp"], ["missing"]),
        helper.make_node("Where", ["missing", "zero", "temp"], ["filled"]),
        helper.make_node(
            "LabelEncoder",
            ["origin"],
            ["code"],
            domain="ai.onnx.ml",
            keys_strings=list(ORIGINS),
            values_floats=[0.0, 1.0, 2.0],
            default_float=-1.0,
        ),
        helper.make_node("Concat", ["filled", "hour", "code", "windy"], ["features"], axis=1),
        helper.make_node("Gemm", ["features", "weights", "bias"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["positive"]),
        helper.make_node("Sub", ["one", "positive"], ["negative"]),
        helper.make_node("Concat", ["negative", "positive"], ["probabilities"], axis=1),
    ]
    constants = [
        zero,
        numpy_helper.from_array(np.ones(1, dtype=np.float32), "one"),
        numpy_helper.from_array(WEIGHTS, "weights"),
        numpy_helper.from_array(BIAS, "bias"),
    ]
    output = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])
    graph = helper.make_graph(nodes, "tiny", [*number, *text], [output], constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), str(folder / "model.onnx"))
    return folder


def trained(folder: Path, store: Store, name: str = "tiny") -> TrainRecord:
    """Put the model into a store and return the record that training would have left."""
    write(folder, name)
    files = {path.name: store.put_file(path) for path in sorted(folder.iterdir())}
    model = ModelFile(
        format="onnx", digest=files["model.onnx"], bytes=(folder / "model.onnx").stat().st_size, parity=0.0
    )
    return TrainRecord(
        model=model,
        files=files,
        pipeline=files["model.onnx"],
        params={},
        environment={},
        platform="linux/x86_64",
        train_rows=1,
        test_rows=1,
        seconds=0.0,
    )


def spec(name: str = "tiny") -> Spec:
    """Return the shortest spec with this name."""
    return Spec.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Model",
            "name": name,
            "owner": "@acme",
            "data": {"sources": {"rows": "rows.csv"}, "target": "late", "snapshot": date(2013, 3, 31)},
            "features": {"numeric": {"columns": ["temp"]}},
            "train": {"task": "classification", "estimator": "sklearn.linear_model.LogisticRegression"},
        }
    )


def settings() -> Settings:
    """Return platform settings with one environment."""
    return Settings.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Platform",
            "owner": "acme",
            "repository": "model-ops",
            "registry": "ghcr.io/acme/models",
            "environments": {"staging": {}},
        }
    )
