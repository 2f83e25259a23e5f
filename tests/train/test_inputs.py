"""What the signature says about each column."""

from __future__ import annotations

import pandas as pd
from toy_rows import Maker

from modelops.serving.signature import Input
from modelops.train.inputs import inputs

CONTRACT = {
    "a": {"type": "number", "min": -9, "max": 9, "missing": 0.1, "anonymise": 0.5},
    "c": {"type": "category", "values": ["x", "y", "z"]},
}


def test_the_contract_decides_and_the_rows_fill_in(make: Maker, rows: pd.DataFrame) -> None:
    features = {
        "numeric": {"columns": ["a", "b", "n"]},
        "categorical": {"columns": ["c", "n"]},
        "dates": {"columns": ["at"], "parts": ["hour"]},
        "text": {"columns": ["words"]},
    }
    a, b, n, c, at, words = inputs(make(features, data={"columns": CONTRACT}), rows)
    assert a == Input("a", "number", True, None, -9, 9, (("a", "number"),), 0.5)
    assert (b.type, b.nullable) == ("number", False)
    assert (n.type, n.encodings) == ("integer", (("n", "number"), ("n:text", "text")))
    assert (c.type, c.nullable, c.values) == ("category", False, ("x", "y", "z"))
    assert (at.type, at.encodings) == ("time", (("at:hour_sin", "hour_sin"), ("at:hour_cos", "hour_cos")))
    assert (words.type, words.encodings) == ("text", (("words", "words"),))
