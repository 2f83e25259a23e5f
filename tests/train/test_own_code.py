"""Own transformers from `models/<model>/code.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_rows import Maker

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.records.data import DataRecord
from modelops.serving.predictor import Predictor
from modelops.train.run import train

CODE = """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Spread(TransformerMixin, BaseEstimator):
    def __init__(self, clip=3.0):
        self.clip = clip

    def fit(self, rows, target=None):
        self.middle_ = float(np.nanmedian(rows["b"]))
        return self

    def transform(self, rows):
        spread = np.clip(rows["b"] - self.middle_, -self.clip, self.clip)
        return np.column_stack([spread, rows["at"].dt.hour, rows["words"].str.len()])


class Hoarder(Spread):
    def fit(self, rows, target=None):
        self.opener_ = open
        return super().fit(rows, target)


class Odd:
    pass
"""
COLUMNS = ["b", "at", "words"]


def with_code(folder: Path, text: str = CODE) -> Path:
    (folder / "models" / "toy").mkdir(parents=True, exist_ok=True)
    (folder / "models" / "toy" / "code.py").write_text(text)
    return folder


def features(name: str, **params: float) -> dict[str, object]:
    return {
        "numeric": {"columns": ["a", "n"], "impute": "median"},
        "custom": [{"columns": COLUMNS, "transformer": name, "params": params}],
    }


def test_an_own_transformer_is_fitted_and_served_by_skops(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, rows: pd.DataFrame
) -> None:
    spec = make(features("Spread", clip=2.5))
    record = train(spec, data, with_code(tmp_path), store)
    assert record.model.format == "skops"
    assert set(record.files) == {"model.skops", "signature.json", "code.py"}
    assert any(name.endswith(".Spread") for name in record.trusted)
    folder = store.checkout(record.files, tmp_path / "served")
    found = Predictor.load(folder).predict({name: rows[name].to_numpy() for name in spec.features.columns})
    assert (found.values == rows.yes).mean() > 0.8
    one = Predictor.load(folder).predict(
        {"a": [None], "n": [3], "b": [0.2], "at": ["2013-02-03T10:00:00Z"], "words": ["gate"]}
    )
    assert np.isfinite(one.probabilities).all()
    again = train(spec, data, tmp_path, store, refresh=True)
    assert again.files == record.files


def test_a_change_of_the_code_trains_again(make: Maker, data: DataRecord, store: Store, tmp_path: Path) -> None:
    spec = make(features("Spread"))
    first = train(spec, data, with_code(tmp_path), store)
    second = train(spec, data, with_code(tmp_path, CODE.replace("dt.hour", "dt.minute")), store)
    assert first.model.digest != second.model.digest


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("Spred", CODE, "no class Spred in the model's code.py"),
        ("Hoarder", CODE.replace("= open", "= lambda: 1"), "cannot be read again from a skops file"),
        (
            "Spread",
            CODE.replace("spread = np", "assert len(rows) > 500, 'too few'; spread = np"),
            "fails on rows that it was not fitted on: AssertionError: too few",
        ),
        ("Odd", CODE, "Odd has no fit and transform"),
        ("Hoarder", CODE, "cannot be trusted"),
        (
            "Spread",
            CODE.replace("clip=3.0", "width=3.0").replace("= clip", "= width"),
            "unexpected keyword argument",
        ),
        ("Spread", "import antigravity_x\n", "No module named 'antigravity_x'"),
        (
            "Spread",
            CODE.replace(".dt.hour", ".dt.our"),
            "failed in fit: 'DatetimeProperties' object has no",
        ),
    ],
    ids=["no class", "unwritable", "fails later", "no transformer", "untrusted", "parameter", "import", "fails"],
)
def test_a_mistake_in_the_code(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path, name: str, code: str, message: str
) -> None:
    with pytest.raises(ModelopsError) as caught:
        train(make(features(name, clip=2.0)), data, with_code(tmp_path, code), store)
    assert message in str(caught.value)


def test_a_file_with_a_type_that_is_not_trusted_is_not_loaded(
    make: Maker, data: DataRecord, store: Store, tmp_path: Path
) -> None:
    record = train(make(features("Spread")), data, with_code(tmp_path), store)
    folder = store.checkout(record.files, tmp_path / "served")
    signature = (folder / "signature.json").read_text()
    (folder / "signature.json").write_text(signature.replace(".Spread", ".Other"))
    with pytest.raises(ValueError, match=r"does not trust: modelops_code_\w+\.Spread"):
        Predictor.load(folder)
