"""The champion's model comes from the store, else from MLflow, else it is trained again from its lock."""

from __future__ import annotations

import shutil

import pytest

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow import rebuild
from modelops.flow.champion import ChampionVersion, resolve

MODEL = "wine-cultivar"


def champion(space: Workspace) -> ChampionVersion:
    version = resolve(space, MODEL)
    assert version is not None
    return version


def forget(space: Workspace, *parts: str) -> None:
    for part in parts:
        shutil.rmtree(space.cache / part, ignore_errors=True)


def no_training(*_: object) -> None:
    raise AssertionError("nothing may be trained here")


def test_the_store_answers_without_mlflow_or_training(locked: Workspace, monkeypatch) -> None:
    monkeypatch.setattr(rebuild, "tracked_model", no_training)
    monkeypatch.setattr(rebuild, "train_again", no_training)
    version = champion(locked)
    folder = rebuild.model_of(locked, version)
    assert digest.of_file(folder / "model.onnx") == version.lock.resolved.model.digest


def test_an_empty_store_is_answered_by_mlflow(locked: Workspace, monkeypatch) -> None:
    forget(locked, "store", "served")
    monkeypatch.setattr(rebuild, "train_again", no_training)
    version = champion(locked)
    folder = rebuild.model_of(locked, version)
    assert digest.of_file(folder / "model.onnx") == version.lock.resolved.model.digest
    assert (folder / "signature.json").is_file()


def test_a_model_that_mlflow_does_not_have_is_trained_again(locked: Workspace) -> None:
    forget(locked, "store", "served")
    (locked.cache / "mlflow.db").unlink()
    version = champion(locked)
    folder = rebuild.model_of(locked, version)
    assert digest.of_file(folder / "model.onnx") == version.lock.resolved.model.digest


def test_a_lock_that_training_does_not_give_is_refused(locked: Workspace) -> None:
    version = champion(locked)
    model = version.lock.resolved.model.model_copy(update={"digest": "sha256:" + "0" * 64})
    forged = version.lock.model_copy(update={"resolved": version.lock.resolved.model_copy(update={"model": model})})
    with pytest.raises(ModelopsError, match="again gave another model"):
        rebuild.model_of(locked, ChampionVersion(forged, version.digest, version.commit, version.spec))
