"""The folder that MLflow keeps of a model: what is served, the fitted pipeline, and `MLmodel`. No pickle.

Three flavours, so that every MLflow tool finds one it can read: `python_function` (the predictor itself: raw rows in,
what production would answer out), `onnx`, and `sklearn` from the skops file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, Schema

from modelops.core.store import Store
from modelops.serving.predictor import ONNX
from modelops.serving.signature import Signature
from modelops.train.entry import Entry

PIPELINE = "pipeline.skops"
TYPES = {
    "number": "double",
    "integer": "long",
    "boolean": "boolean",
    "category": "string",
    "text": "string",
    "time": "datetime",
}


def write(folder: Path, run: Entry, store: Store, run_id: str, model_id: str) -> None:
    """Write the model folder of a run into an empty folder."""
    store.checkout(run.files, folder)
    store.checkout({PIPELINE: run.pipeline}, folder)
    signature = Signature.read(folder)
    versions = run.environment
    names = ("numpy", "onnxruntime") if signature.format == "onnx" else ("numpy", "pandas", "scikit-learn", "skops")
    requirements = [f"{name}=={versions[name]}" for name in names]
    (folder / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
    model = Model(run_id=run_id, model_id=model_id, model_uuid=model_id, signature=mlflow_signature(signature))
    model.add_flavor("python_function", loader_module="modelops.serving.pyfunc", python_version=versions["python"])
    if ONNX in run.files:
        model.add_flavor(
            "onnx", onnx_version=versions["onnx"], data=ONNX, providers=["CPUExecutionProvider"], code=None
        )
    model.add_flavor(
        "sklearn",
        pickled_model=PIPELINE,
        sklearn_version=versions["scikit-learn"],
        serialization_format="skops",
        skops_trusted_types=list(run.trusted),
        code=None,
    )
    model.save(str(folder / "MLmodel"))


def mlflow_signature(signature: Signature) -> Any:
    """Return MLflow's form of a signature: raw columns in, probabilities or values out."""
    columns: Any = [
        ColSpec(TYPES[column.type], column.name, required=not column.nullable) for column in signature.inputs
    ]
    return ModelSignature(inputs=Schema(columns), outputs=Schema([ColSpec("double")]))
