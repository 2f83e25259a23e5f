"""No row is in train and test at once, and a hashed row stays on its side in every version."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trips import make_rows, make_spec

from modelops.core.errors import ModelopsError
from modelops.data.split import blocks, split, trained_on
from modelops.spec.model import Spec

TIMED = {"time": "at", "snapshot": "2024-03-30", "window": "30d"}
MANY = make_rows(30 * 24)
SIDES = st.fixed_dictionaries(
    {"by": st.just("hash"), "test": st.floats(0.1, 0.5)}, optional={"validation": st.floats(0.05, 0.3)}
)
TIMES = st.fixed_dictionaries(
    {"by": st.just("time"), "test": st.sampled_from(["1d", "36h", "14d"])}, optional={"validation": st.just("2d")}
)


def over(how: dict[str, Any], **data: Any) -> Spec:
    return make_spec({"trips": "trips.parquet"}, data={**TIMED, **data}, evaluate={"split": how})


@settings(max_examples=25, deadline=None)
@given(how=st.one_of(SIDES, TIMES), key=st.sampled_from(["id", None]))
def test_each_row_is_on_one_side(how: dict[str, Any], key: str | None) -> None:
    parts = split(over(how, key=key), MANY)
    assert (parts.train.astype(int) + parts.validation + parts.test == 1).all()
    assert parts.validation.any() == ("validation" in how)


@settings(max_examples=15, deadline=None)
@given(how=SIDES, seed=st.integers(0, 999), kept=st.floats(0.5, 1))
def test_a_hashed_row_stays_on_its_side(how: dict[str, Any], seed: int, kept: float) -> None:
    made = over(how)
    before = pd.Series(split(made, MANY).test, index=MANY["id"])
    fewer = MANY.sample(frac=kept, random_state=seed).astype({"id": "float64"})
    after = pd.Series(split(made, fewer).test, index=fewer["id"].astype(int))
    assert (before[after.index] == after).all()


def test_hash_shares_and_sides_never_change() -> None:
    parts = split(over({"by": "hash", "test": 0.25, "validation": 0.1}), MANY)
    assert abs(parts.test.mean() - 0.25) < 0.04
    assert abs(parts.validation.mean() - 0.1) < 0.03
    # Pinned: another hash would move rows that models were trained on into the test part.
    assert MANY["id"][parts.test].head(12).tolist() == [2, 6, 17, 18, 23, 29, 34, 47, 50, 51, 52, 55]


def test_a_group_is_never_torn_apart() -> None:
    rows = MANY.assign(town=[f"t{index % 50}" for index in range(len(MANY))])
    made = over({"by": "hash", "on": "town"})
    sides = pd.Series(split(made, rows).test).groupby(rows["town"]).nunique()
    assert (sides == 1).all()
    assert len(np.unique(blocks(over({"by": "hash", "on": "town"}, time=None, window=None), rows))) == 50


def test_copies_without_a_key_are_on_one_side() -> None:
    doubled = pd.concat([MANY, MANY], ignore_index=True)
    test = split(over({"by": "hash"}, key=None), doubled).test
    assert (test[: len(MANY)] == test[len(MANY) :]).all()


def test_time_split_takes_the_end_of_the_window() -> None:
    parts = split(over({"by": "time", "test": "1d", "validation": "2d"}), MANY)
    days = MANY["at"].dt.strftime("%m-%d")
    assert set(days[parts.test]) == {"03-30"}
    assert set(days[parts.validation]) == {"03-28", "03-29"}


def test_time_split_waits_for_labels() -> None:
    rows = MANY[MANY["at"] < "2024-03-29"]
    parts = split(over({"by": "time", "test": "1d"}, labels_after="2d"), rows)
    assert set(rows["at"].dt.strftime("%m-%d")[parts.test]) == {"03-28"}


def test_trained_on_covers_training_and_validation_of_the_version_s_own_window() -> None:
    earlier = {"snapshot": "2024-03-20", "window": "10d"}
    days = MANY["at"].dt.strftime("%m-%d")
    by_time = trained_on(over({"by": "time", "test": "2d", "validation": "1d"}, **earlier), MANY)
    assert (days[by_time].min(), days[by_time].max()) == ("03-11", "03-18")
    how = {"by": "hash", "test": 0.3, "validation": 0.1}
    by_hash = trained_on(over(how, **earlier), MANY)
    assert (days[by_hash].min(), days[by_hash].max()) == ("03-11", "03-20")
    assert not (by_hash & split(over(how), MANY).test).any()


def test_blocks_are_days() -> None:
    codes = blocks(over({"by": "hash"}), MANY)
    assert codes is not None
    assert codes.tolist() == [index // 24 for index in range(len(MANY))]
    assert blocks(over({"by": "hash"}, time=None, window=None), MANY) is None


@pytest.mark.parametrize("how", [{"by": "time", "test": "60d"}, {"by": "time", "test": "29d", "validation": "2d"}])
def test_a_side_without_rows_is_told(how: dict[str, Any]) -> None:
    with pytest.raises(ModelopsError, match="leaves no train row of 720"):
        split(over(how), MANY)
