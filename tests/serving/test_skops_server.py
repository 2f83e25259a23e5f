"""A model that could not be exported is served by scikit-learn, over the same interface."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.neighbors import KNeighborsClassifier

import tiny_model
from modelops.core.store import Store
from modelops.package.bento import folder
from modelops.package.build import package
from modelops.package.server import running
from modelops.records.train import ModelFile
from modelops.serving.signature import Input, Signature

pytestmark = pytest.mark.slow
CODE = '"""Own transformers; none here."""\n'


def test_the_fallback_answers_like_the_pipeline(tmp_path: Path) -> None:
    rows = pd.DataFrame({"x": np.arange(20, dtype=np.float32), "y": np.arange(20, dtype=np.float32) % 3})
    fitted = KNeighborsClassifier(3).fit(rows, rows["x"] > 9)
    model = tmp_path / "model"
    Signature("near", "classification", "skops", (Input("x", "number"), Input("y", "number")), (False, True)).write(
        model
    )
    (model / "model.skops").write_bytes(skops.io.dumps(fitted))
    (model / "code.py").write_text(CODE)
    trusted = tuple(skops.io.get_untrusted_types(file=model / "model.skops"))
    signature = Signature.read(model)
    Signature(signature.name, signature.task, "skops", signature.inputs, signature.classes, None, trusted).write(model)

    cache, store = tmp_path / ".modelops", Store(tmp_path / ".modelops/store")
    files = {path.name: store.put_file(path) for path in sorted(model.iterdir())}
    base = tiny_model.trained(tmp_path / "tiny", store)
    file = ModelFile(format="skops", digest=files["model.skops"], bytes=1, parity=0.0)
    record = base.model_copy(update={"model": file, "files": files})
    packaged = package(tiny_model.spec("near"), record, tiny_model.settings(), store, cache)

    pins = (folder(cache, packaged.tag) / "env/python/requirements.txt").read_text()
    assert "scikit-learn==" in pins
    assert "skops==" in pins
    body = json.dumps({"rows": [{"x": 8.6, "y": 1.5}, {"x": 30, "y": 0}]}).encode()
    with running(folder(cache, packaged.tag)) as url:
        request = urllib.request.Request(f"{url}/predict", body, {"content-type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            predictions = json.loads(answer.read())["predictions"]
    asked = pd.DataFrame({"x": [8.6, 30], "y": [1.5, 0]}, dtype=np.float32)
    assert [entry["value"] for entry in predictions] == fitted.predict(asked).tolist()
    served = [list(entry["probabilities"].values()) for entry in predictions]
    assert served == pytest.approx(fitted.predict_proba(asked))
