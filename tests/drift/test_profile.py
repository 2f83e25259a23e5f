from __future__ import annotations

import json

import pytest
from watched_model import IMPORTANCE, predictions, rows, spec

from modelops.drift.profile import build
from modelops.records.profile import Profile


def test_the_same_rows_in_any_order_give_the_same_text() -> None:
    frame = rows(2000)
    shuffled = frame.sample(frac=1, random_state=3)
    first = build(spec(), frame, predictions(frame), IMPORTANCE).dumps()
    assert build(spec(), shuffled, predictions(shuffled), IMPORTANCE).dumps() == first


def test_it_is_small_json_a_column_a_line_and_comes_back() -> None:
    frame = rows(5000)
    profile = build(spec(), frame, predictions(frame), IMPORTANCE)
    text = profile.dumps()
    assert Profile.loads(text) == profile
    assert json.loads(text)["_"] == "written by `modelops run late`; do not edit"
    assert sum('": {"kind"' in line for line in text.splitlines()) == 6
    assert len(text) < 5_000


def test_it_knows_importance_prediction_and_target() -> None:
    frame = rows(2000)
    profile = build(spec(), frame, predictions(frame), IMPORTANCE)
    assert profile.importance == IMPORTANCE
    assert (profile.rows, profile.snapshot) == (2000, "2013-03-31")
    assert profile.prediction.kind == "number"
    assert profile.target.model_dump()["counts"] == {"false": int((~frame.late).sum()), "true": int(frame.late.sum())}


def test_it_holds_no_rare_group_no_extreme_and_no_sensitive_value() -> None:
    frame = rows(2000)
    frame.loc[:4, "origin"] = "TTN"
    frame.loc[0, "temp"] = 987.65
    text = build(spec(), frame, predictions(frame), IMPORTANCE).dumps()
    for hidden in ("TTN", "987.65", str(frame.temp.min()), "alicia", "bob"):
        assert hidden not in text


def test_several_classes_and_numbers_have_their_own_kind_of_prediction() -> None:
    import numpy as np

    from modelops.drift.profile import prediction
    from modelops.serving.predictor import Prediction

    several = Prediction(np.array(["a"] * 20 + ["b"] * 30), np.full((50, 3), 1 / 3))
    assert prediction(several).model_dump()["counts"] == {"b": 30, "a": 20}
    assert prediction(Prediction(np.arange(100.0), None)).kind == "number"


def test_damaged_text_is_refused() -> None:
    with pytest.raises(ValueError, match="model"):
        Profile.loads("{}")
