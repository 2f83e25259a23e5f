"""Logging to MLflow: everything is there, nothing twice, and a server that is away stops nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_rows import Maker

from modelops.core.errors import ModelopsError
from modelops.core.settings import Settings
from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.records.evaluate import Estimate, EvaluateRecord
from modelops.records.train import TrainRecord
from modelops.spec.model import Spec
from modelops.train import tracking
from modelops.train.deliver import brief
from modelops.train.entry import Entry, entry, put, waiting
from modelops.train.run import train
from modelops.train.sync import sync

URI = "sqlite:///.modelops/mlflow.db"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the folder `.modelops`."""
    (tmp_path / ".modelops").mkdir()
    return tmp_path


@pytest.fixture
def store(root: Path) -> Store:
    """The repository's store."""
    return Store(root / ".modelops" / "store")


@pytest.fixture
def spec(make: Maker) -> Spec:
    """A model with numbers and categories."""
    return make({"numeric": {"columns": ["a", "n"], "impute": "median"}, "categorical": {"columns": ["c"]}})


@pytest.fixture
def record(spec: Spec, data: DataRecord, root: Path, store: Store) -> TrainRecord:
    """The trained model."""
    return train(spec, data, root, store)


EVALUATION = EvaluateRecord(
    metrics={"roc_auc": Estimate(value=0.9, low=0.8, high=0.95), "brier": Estimate(value=None, why="undefined")},
    train_metrics={"roc_auc": 0.99},
    slices=(),
    champion=None,
    gates=(),
    importance={},
    latency_p50_ms=0.1,
    latency_p99_ms=0.4,
    test="sha256:0",
    seconds=1.0,
)


def settings(uri: str = URI) -> Settings:
    return Settings.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Platform",
            "owner": "acme",
            "repository": "ops",
            "registry": "ghcr.io/acme",
            "environments": {"production": {}},
            "tracking": {"uri": uri},
        }
    )


def test_an_entry_holds_what_is_known(spec: Spec, data: DataRecord, record: TrainRecord) -> None:
    found = entry(spec, data, record, EVALUATION, version=3, commit="abc")
    assert found.metrics["roc_auc"] == 0.9
    assert found.metrics["roc_auc_low"] == 0.8
    assert "brier" not in found.metrics
    assert found.tags["modelops.owner"] == "@acme"
    assert found.tags["modelops.data"] == data.digest
    assert found.tags["modelops.version"] == "3"
    assert found.tags["mlflow.source.git.commit"] == "abc"
    assert found.id == entry(spec, data, record, EVALUATION, version=3, commit="abc").id
    assert found.id != entry(spec, data, record, EVALUATION, version=4, commit="abc").id


def test_a_run_waits_once(spec: Spec, data: DataRecord, record: TrainRecord, tmp_path: Path) -> None:
    run = entry(spec, data, record)
    assert put(tmp_path, run) == put(tmp_path, run)
    assert [Entry.model_validate_json(path.read_text()) for path in waiting(tmp_path)] == [run]


QUESTIONS = """
import json, sys, warnings
warnings.simplefilter("ignore")
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name("toy")
runs = client.search_runs([experiment.experiment_id])
model = client.get_registered_model("toy")
rows = pd.DataFrame({"a": [0.5, None], "n": [1, 2], "c": ["x", "new"]})
version = client.get_model_version_by_alias("toy", "candidate")
folder = mlflow.artifacts.download_artifacts("models:/toy@candidate")
import os
print(json.dumps({
    "runs": len(runs), "versions": len(client.search_model_versions("name='toy'")), "aliases": model.aliases,
    "metrics": runs[0].data.metrics, "params": runs[0].data.params, "tags": runs[0].data.tags,
    "dataset": runs[0].inputs.dataset_inputs[0].dataset.profile,
    "inputs": [column.name for column in mlflow.models.get_model_info("models:/toy@candidate").signature.inputs],
    "served": mlflow.pyfunc.load_model("models:/toy@candidate").predict(rows).tolist(),
    "sklearn": type(mlflow.sklearn.load_model("models:/toy@candidate")).__name__,
    "onnx": type(mlflow.onnx.load_model("models:/toy@candidate")).__name__,
    "files": sorted(os.listdir(folder)),
}))
"""


def ask(uri: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", QUESTIONS, uri], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.slow
def test_a_run_is_logged_once_with_everything(
    spec: Spec, data: DataRecord, record: TrainRecord, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cache = root / ".modelops"
    run = entry(spec, data, record, EVALUATION, version=1, commit="abc", champion=record.model.digest)
    assert tracking.log(cache, root, URI, run) == tracking.Sent(1, 0, "")
    assert tracking.log(cache, root, URI, run) == tracking.Sent(1, 0, "")
    assert capfd.readouterr().err == ""
    found = ask(tracking.resolve(URI, root))
    assert (found["runs"], found["versions"]) == (1, 1)
    assert {name: int(version) for name, version in found["aliases"].items()} == {"candidate": 1, "champion": 1}
    assert found["metrics"]["roc_auc"] == 0.9
    assert found["params"]["estimator"] == spec.train.estimator
    assert found["tags"]["modelops.owner"] == "@acme"
    assert data.digest in found["dataset"]
    assert found["inputs"] == ["a", "n", "c"]
    assert np.shape(found["served"]) == (2, 2)
    assert (found["sklearn"], found["onnx"]) == ("Pipeline", "ModelProto")
    assert not [name for name in found["files"] if name.endswith((".pkl", ".pickle", ".joblib"))]


@pytest.mark.slow
def test_parallel_processes_share_a_new_database(spec: Spec, data: DataRecord, record: TrainRecord, root: Path) -> None:
    cache = root / ".modelops"
    trackers = [tracking.start(cache, root, URI) for _ in range(3)]
    for version, tracker in enumerate(trackers):
        tracker.log(entry(spec, data, record, version=version))
    sent = [tracker.finish() for tracker in trackers]
    assert [one.problem for one in sent] == ["", "", ""]
    assert sum(one.logged for one in sent) == 3
    assert waiting(cache) == []


@pytest.mark.slow
def test_a_server_that_is_away_stops_nothing_and_sync_catches_up(
    spec: Spec, data: DataRecord, record: TrainRecord, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = root / ".modelops"
    away = "http://somebody:secret@127.0.0.1:9"
    sent = tracking.log(cache, root, away, entry(spec, data, record))
    assert (sent.logged, sent.waiting) == (0, 1)
    said = capsys.readouterr().err
    assert "http://127.0.0.1:9" in said
    assert "1 run waits in .modelops/tracking for `modelops sync`" in said
    everything = said + sent.problem + "".join(path.read_text() for path in (cache / "tracking").iterdir())
    assert "secret" not in everything
    with pytest.raises(ModelopsError, match="tracking: http://127"):
        sync(root, settings(away))
    assert sync(root, settings()).logged == 1
    assert sync(root, settings(), {"toy": record.model.digest}).logged == 0
    assert set(ask(tracking.resolve(URI, root))["aliases"]) == {"candidate", "champion"}


def test_a_tracker_that_is_stopped_sends_nothing(spec: Spec, data: DataRecord, record: TrainRecord, root: Path) -> None:
    tracker = tracking.start(root / ".modelops", root, URI)
    tracker.log(entry(spec, data, record))
    tracker.stop()
    tracker.stop()
    assert len(waiting(root / ".modelops")) == 1


def test_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "hush")
    assert tracking.resolve(URI, tmp_path) == f"sqlite:///{tmp_path}/.modelops/mlflow.db"
    assert tracking.resolve("sqlite:////srv/mlflow.db", tmp_path) == "sqlite:////srv/mlflow.db"
    assert tracking.resolve("postgresql://u:${WORD}@db/x", tmp_path) == "postgresql://u:hush@db/x"
    assert tracking.public("postgresql://u:hush@db/x") == "postgresql://db/x"
    assert "hush" not in brief(ValueError("cannot reach u:hush@db"), "postgresql://u:hush@db/x")


def test_tracking_imports_no_mlflow() -> None:
    modules = "modelops.train.tracking, modelops.train.entry"
    program = f"import sys, {modules}; print('mlflow' in sys.modules, 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
