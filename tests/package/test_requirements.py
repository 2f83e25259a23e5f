"""The image's libraries: all of them, pinned, and no training library without need."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from modelops.core.errors import ModelopsError
from modelops.package import requirements as module
from modelops.package.requirements import requirements


def names(text: str) -> dict[str, str]:
    return dict(line.split("==") for line in text.splitlines())


def test_everything_that_serving_needs_is_pinned_to_what_runs_here() -> None:
    pins = names(requirements("onnx"))
    assert pins["onnxruntime"] == version("onnxruntime")
    assert pins["starlette"] == version("starlette")  # needed by BentoML, not by us
    assert list(pins) == sorted(pins)


def test_the_fallback_brings_the_training_libraries() -> None:
    assert set(names(requirements("skops"))) - set(names(requirements("onnx"))) >= {
        "pandas",
        "scikit-learn",
        "skops",
        "scipy",
    }


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SERVE", ("no-such-library",))
    with pytest.raises(ModelopsError, match="no-such-library"):
        requirements("onnx")
