"""The signature and the encodings that training and serving share, and what a predictor refuses."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from modelops.serving.encode import encode, numbers, rounded, texts, times, words
from modelops.serving.predictor import Predictor, load_code
from modelops.serving.signature import Input, Signature

SIGNATURE = Signature(
    "toy",
    "classification",
    "onnx",
    (
        Input("x", "number", min=0.0),
        Input("c", "category", False, ("a", "b")),
        Input("t", "time", encodings=(("t:hour_sin", "hour_sin"),)),
    ),
    (False, True),
    threshold=0.25,
    trusted=("sklearn.x.Y",),
)


def test_a_signature_survives_the_file(tmp_path: Path) -> None:
    SIGNATURE.write(tmp_path)
    assert Signature.read(tmp_path) == SIGNATURE
    assert Signature.parse(SIGNATURE.dumps()).dumps() == SIGNATURE.dumps()


def test_a_broken_signature_is_named(tmp_path: Path) -> None:
    (tmp_path / "signature.json").write_text('{"name": "x"}')
    with pytest.raises(ValueError, match=r"signature\.json: not a model signature"):
        Signature.read(tmp_path)


def test_numbers_are_float32_with_nan_for_what_is_missing() -> None:
    found = numbers([None, 1, True, 2.5])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array([np.nan, 1, 1, 2.5], dtype=np.float32))
    with pytest.raises(ValueError, match="not all values are numbers"):
        numbers(["many"])


def test_texts_do_not_depend_on_how_a_whole_number_is_stored() -> None:
    assert texts([1, 1.0, np.nan, None, True, "x", 1.5]).tolist() == ["1", "1", "", "", "true", "x", "1.5"]
    assert texts(np.array([1.0, np.nan])).tolist() == ["1", ""]


def test_words_are_lower_case_and_divided_by_blanks() -> None:
    assert words(["Été, GATE-crew a\tx1!", None]).tolist() == ["été gate crew x1", ""]


@pytest.mark.parametrize(
    ("part", "step", "period"),
    [
        ("minute", 59, 60),
        ("hour", 23, 24),
        ("weekday", 6, 7),
        ("day", 30, 31),
        ("month", 2, 12),
        ("dayofyear", 89, 366),
    ],
)
def test_parts_of_a_time_go_round_their_own_circle(part: str, step: int, period: int) -> None:
    sunday = ["2013-03-31T23:59:00Z", None]
    np.testing.assert_allclose(encode(f"{part}_sin", sunday), [np.sin(2 * np.pi * step / period), 0], atol=1e-6)
    np.testing.assert_allclose(encode(f"{part}_cos", sunday), [np.cos(2 * np.pi * step / period), 0], atol=1e-6)


def test_times_are_utc_however_they_are_written() -> None:
    moment = datetime(2013, 3, 31, 22, tzinfo=UTC)
    same = [moment, moment.astimezone(timezone(timedelta(hours=5))), "2013-03-31T22:00:00Z", "2013-03-31T22:00:00"]
    assert len(set(times(same).tolist())) == 1
    assert np.isnat(times([None, float("nan")])).all()


def test_a_threshold_decides_for_the_last_class() -> None:
    predictor = Predictor(SIGNATURE, lambda _: np.array([[0.7, 0.3], [0.76, 0.24]], dtype=np.float32))
    found = predictor.interpret(predictor.score({}))
    assert found.values.tolist() == [True, False]
    assert found.probabilities is not None
    assert found.probabilities.dtype == np.float64


def test_a_missing_column_is_named() -> None:
    predictor = Predictor(SIGNATURE, lambda _: np.zeros((1, 2)))
    with pytest.raises(ValueError, match='needs the column "c"'):
        predictor.predict({"x": [1.0], "t": [None]})
    with pytest.raises(ValueError, match='column "x": not all values are numbers'):
        predictor.predict({"x": ["a"], "c": ["a"], "t": [None]})


def test_an_incomplete_folder_is_refused(tmp_path: Path) -> None:
    SIGNATURE.write(tmp_path)
    with pytest.raises(ValueError, match=r"model.onnx: no such file"):
        Predictor.load(tmp_path)


def test_two_versions_of_own_code_live_in_one_process(tmp_path: Path) -> None:
    for version in (1, 2):
        (tmp_path / f"v{version}").mkdir()
        (tmp_path / f"v{version}" / "code.py").write_text(f"VALUE = {version}\n")
    first, second = (load_code(tmp_path / name / "code.py") for name in ("v1", "v2"))
    assert (first.VALUE, second.VALUE) == (1, 2)
    assert load_code(tmp_path / "v1" / "code.py") is first


def test_own_code_that_fails_is_named_and_forgotten(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("import nothing_like_it\n")
    for _ in range(2):
        with pytest.raises(ValueError, match=r"code.py: ModuleNotFoundError: No module named 'nothing_like_it'"):
            load_code(tmp_path / "code.py")


def test_serving_onnx_imports_no_training_library() -> None:
    heavy = ("pandas", "sklearn", "skops", "mlflow")
    program = f"import sys, modelops.serving.predictor; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_numbers_that_were_anonymised_in_training_are_rounded_when_served() -> None:
    np.testing.assert_array_equal(rounded([37, 40.0, 39.999, -1, None], 10), [30, 40, 30, -10, np.nan])
    multiples = rounded(np.linspace(-5, 5, 1001), 0.1)
    np.testing.assert_array_equal(rounded(multiples, 0.1), multiples)
    column = Input("age", "number", bucket=10.0)
    predictor = Predictor(Signature("toy", "regression", "onnx", (column,)), lambda encoded: encoded["age"])
    assert predictor.predict({"age": [37]}).values.tolist() == [30.0]
