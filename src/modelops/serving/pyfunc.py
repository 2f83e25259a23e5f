"""Lets MLflow load a model folder: `mlflow.pyfunc.load_model("models:/flight-delay@champion").predict(frame)`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelops.serving.predictor import Predictor


class Loaded:
    """A predictor behind MLflow's interface."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def predict(self, frame: Any, params: dict[str, Any] | None = None) -> Any:
        """Return probabilities, shape (rows, classes), else values, shape (rows,), of the rows of a DataFrame."""
        names = [column.name for column in self._predictor.signature.inputs]
        prediction = self._predictor.predict({name: frame[name].to_numpy() for name in names})
        return prediction.values if prediction.probabilities is None else prediction.probabilities


def _load_pyfunc(path: str) -> Loaded:
    return Loaded(Predictor.load(Path(path)))
