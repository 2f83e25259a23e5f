"""A model back from MLflow, for a machine whose store does not have it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from modelops.core import digest
from modelops.records.train import ModelFile
from modelops.serving.predictor import ONNX, SKOPS
from modelops.train import tracking

_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def retrieve(root: Path, uri: str, name: str, wanted: ModelFile, folder: Path) -> bool:
    """Bring a registered version of a model into a folder, as the predictor reads it.

    Parameters
    ----------
    root : Path
        Where relative SQLite paths start.
    uri : str
        MLflow's tracking URI.
    name : str
        The registered model.
    wanted : ModelFile
        The served file that a lock names. A file with another digest is not accepted.
    folder : Path
        Where the files go; it appears whole or not at all.

    Returns
    -------
    bool
        False when MLflow cannot be reached or has no such file: then the model is trained again.
    """
    served = ONNX if wanted.format == "onnx" else SKOPS
    if (folder / served).is_file() and digest.of_file(folder / served) == wanted.digest:
        return True
    full = tracking.resolve(uri, root)
    if full.startswith("sqlite:///") and not Path(full.removeprefix("sqlite:///")).is_file():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        found = _download(full, name, wanted.digest, Path(scratch))
        if found is None or not (found / served).is_file() or digest.of_file(found / served) != wanted.digest:
            return False
        shutil.rmtree(folder, ignore_errors=True)
        found.replace(folder)
    return True


def _download(uri: str, name: str, model_digest: str, target: Path) -> Path | None:
    for variable, value in _QUIET.items():
        os.environ.setdefault(variable, value)
    import mlflow
    from mlflow.exceptions import MlflowException

    client: Any = mlflow.MlflowClient(uri, registry_uri=uri)
    try:
        found = client.search_model_versions(f"name = '{name}' and tags.`modelops.model` = '{model_digest}'")
        if not found:
            return None
        newest = max(found, key=lambda version: int(version.version))
        mlflow.set_tracking_uri(uri)
        place = f"models:/{name}/{newest.version}"
        return Path(mlflow.artifacts.download_artifacts(place, dst_path=str(target / "model")))
    except (MlflowException, OSError):
        return None
