"""What the server answers is what the trained pipeline predicts, on 1,000 test rows through real HTTP."""

from __future__ import annotations

import dataclasses
import json
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from modelops.core.store import Store
from modelops.data.frame import read
from modelops.data.load import load
from modelops.data.split import split
from modelops.package.bento import folder
from modelops.package.build import package
from modelops.package.server import running
from modelops.records.train import TrainRecord
from modelops.serving.predictor import Prediction, Predictor
from modelops.serving.signature import Signature
from modelops.spec.load import load_settings, load_spec
from modelops.train.parity import compare
from modelops.train.run import train

pytestmark = pytest.mark.slow
ROWS = 1_000


def plain(value: Any) -> Any:
    """Return a cell as a caller would send it."""
    if value is None or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value


def pipeline(record: TrainRecord, store: Store, folder: Path) -> Predictor:
    """Return the fitted scikit-learn pipeline itself, not what was exported from it."""
    file = store.path(record.pipeline)
    signature = Signature.read(store.checkout(record.files, folder / "exported"))
    trusted = tuple(skops.io.get_untrusted_types(file=file))
    dataclasses.replace(signature, format="skops", trusted=trusted).write(folder / "fitted")
    return Predictor.load(store.checkout({"model.skops": record.pipeline}, folder / "fitted"))


def served(answers: list[dict[str, Any]], classes: tuple[Any, ...]) -> Prediction:
    """Return the server's answers as the prediction that they came from."""
    values = np.array([answer["value"] for answer in answers])
    if not classes:
        return Prediction(values, None)
    return Prediction(values, np.array([[row["probabilities"][json.dumps(c)] for c in classes] for row in answers]))


@pytest.mark.parametrize("name", ["flight-delay", "arrival-delay"])
def test_served_answers_equal_the_pipelines(name: str, repository_root: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    spec = load_spec(repository_root, name)
    data = load(spec, repository_root, store)
    record = train(spec, data, repository_root, store)
    frame = read(store, data)
    rows = frame[split(spec, frame).test].head(ROWS)[list(spec.features.columns)]
    assert len(rows) == ROWS

    packaged = package(spec, record, load_settings(repository_root), store, tmp_path)
    body = json.dumps({"rows": [{k: plain(v) for k, v in row.items()} for row in rows.to_dict("records")]}).encode()
    with running(folder(tmp_path, packaged.tag)) as url:
        request = urllib.request.Request(f"{url}/predict", body, {"content-type": "application/json"})  # noqa: S310 - http
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http
            predictions = json.loads(answer.read())["predictions"]
    fitted = pipeline(record, store, tmp_path)
    expected = fitted.predict({column: rows[column].to_numpy() for column in rows})
    assert len(predictions) == ROWS
    # Rows that sit on the boundary between two labels, closer than the limit, may get either.
    parity = compare(expected, served(predictions, fitted.signature.classes), fitted.signature.threshold)
    assert parity.difference < 1e-5
    assert parity.flips == 0
