from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from watched_model import IMPORTANCE, predictions, rows, spec

from modelops.drift.detect import detect, weigh
from modelops.drift.profile import build
from modelops.records.drift import DriftRecord
from modelops.records.profile import Profile
from modelops.spec.features import Features
from modelops.spec.model import Spec
from modelops.spec.operation import Drift

AS_OF = date(2013, 7, 31)


@pytest.fixture(scope="module")
def profile() -> Profile:
    frame = rows(6000)
    return build(spec(), frame, predictions(frame), IMPORTANCE)


def look(
    profile: Profile, *, count: int = 3000, warmer: float = 0.0, slope: float = 0.0, of: Spec | None = None
) -> DriftRecord:
    frame = rows(count, seed=1, warmer=warmer, start="2013-07-02")
    return detect(of or spec(), profile, frame, predictions(frame, slope), AS_OF)


def test_the_same_kind_of_rows_is_no_drift(profile: Profile) -> None:
    record = look(profile)
    assert not record.found
    assert (record.score, record.rows, record.reference_rows) == (0.0, 3000, 6000)
    assert record.first == "2013-07-02T00:00:00+00:00"
    assert record.last == "2013-07-31T00:00:00+00:00"
    assert record.severity < 0.02


def test_a_moved_column_counts_by_its_importance(profile: Profile) -> None:
    record = look(profile, warmer=30)
    assert record.score == pytest.approx(0.3)
    assert [one.column for one in record.columns] == ["hour", "temp", "origin", "passenger"]
    temp = record.columns[1]
    assert temp.drifted
    assert temp.ks == pytest.approx(0.86, abs=0.03)
    assert temp.low is not None
    assert temp.low > 1
    assert temp.quantiles_after is not None
    assert temp.quantiles_after[1] == pytest.approx(70, abs=1)
    (trigger,) = record.triggers
    assert trigger.kind == "data drift"
    assert trigger.reason == "30% of the columns by importance drifted (limit 30%): temp"


def test_below_the_limit_there_is_evidence_but_no_trigger(profile: Profile) -> None:
    record = look(profile, warmer=30, of=spec({"drift": {"share": 0.31}}))
    assert record.score == pytest.approx(0.3)
    assert not record.found


def test_without_a_policy_for_drift_nothing_triggers(profile: Profile) -> None:
    record = look(profile, warmer=30, slope=0.02, of=spec({}))
    assert record.score == pytest.approx(0.3)
    assert not record.found


def test_columns_can_count_alike(profile: Profile) -> None:
    record = look(profile, warmer=30, of=spec({"drift": {"weigh_by": "columns", "share": 0.25}}))
    assert record.score == pytest.approx(0.25)
    assert record.triggers[0].reason == "25% of the columns drifted (limit 25%): temp"


def test_of_many_columns_the_most_important_are_named() -> None:
    names = [f"n{place:02}" for place in range(12)]
    wide = spec().model_copy(update={"features": Features(numeric={"columns": names})})
    frame = rows(2000)
    for name in names:
        frame[name] = frame["temp"]
    known = build(wide, frame, predictions(frame), dict.fromkeys(names, 0.1))
    moved = frame.assign(**{name: frame[name] + 50 for name in names})
    (trigger,) = detect(wide, known, moved, predictions(frame), AS_OF).triggers
    assert trigger.reason.endswith("n00, n01, n02, n03, n04, n05, n06, n07 and 4 more")


def test_moved_predictions_are_a_trigger_of_their_own(profile: Profile) -> None:
    record = look(profile, slope=0.02)
    assert [trigger.kind for trigger in record.triggers] == ["prediction drift"]
    assert record.prediction is not None
    assert record.prediction.low is not None


def test_an_old_snapshot_is_a_trigger_even_with_too_few_rows(profile: Profile) -> None:
    old = spec({"schedule": {"max_age": "90d"}, "drift": {}})
    record = look(profile, count=999, of=old)
    assert record.note == "too few rows to tell drift from chance: 999, at least 1,000 are needed"
    assert record.score is None
    (trigger,) = record.triggers
    assert (trigger.kind, trigger.value, trigger.limit) == ("age", 122, 90)
    assert trigger.reason == "the snapshot is 122 days old (limit 90)"


def test_age_is_measured_from_the_snapshot_day(profile: Profile) -> None:
    assert not look(profile, of=spec({"schedule": {"max_age": "122d"}})).found
    assert look(profile, of=spec({"schedule": {"max_age": "121d"}})).found


def test_missing_values_are_drift(profile: Profile) -> None:
    frame = rows(3000, seed=1)
    frame.loc[:900, "hour"] = np.nan
    record = detect(spec(), profile, frame, predictions(frame.fillna(12)), AS_OF)
    hour = record.columns[0]
    assert hour.drifted
    assert (hour.missing_before, hour.missing_after) == (0.0, pytest.approx(0.3, abs=0.01))


def test_new_categories_are_seen(profile: Profile) -> None:
    frame = rows(3000, seed=1)
    frame.loc[:600, "origin"] = "SWF"
    record = detect(spec(), profile, frame, predictions(frame), AS_OF)
    origin = next(one for one in record.columns if one.column == "origin")
    assert origin.drifted
    assert origin.unseen == pytest.approx(0.2, abs=0.01)
    assert len(origin.moved) == 3


def test_sensitive_columns_are_watched_but_show_no_value(profile: Profile) -> None:
    frame = rows(3000, seed=1)
    frame["passenger"] = "carol"
    record = detect(spec(), profile, frame, predictions(frame), AS_OF)
    passenger = record.columns[-1]
    assert passenger.drifted
    assert passenger.moved == ()
    assert "carol" not in record.model_dump_json()


def test_columns_that_do_not_help_weigh_nothing(profile: Profile) -> None:
    weights = weigh(profile, Drift())
    assert weights == pytest.approx({"temp": 0.3, "hour": 0.6, "origin": 0.1, "passenger": 0.0})
    nothing = profile.model_copy(update={"importance": {}})
    assert set(weigh(nothing, Drift()).values()) == {0.25}


def test_one_day_of_rows_has_no_interval(profile: Profile) -> None:
    frame = rows(3000, seed=1)
    frame["at"] = frame["at"].iloc[0]
    record = detect(spec(), profile, frame, predictions(frame), AS_OF)
    assert record.score_low is None
    assert record.columns[0].low is None


def test_the_target_is_shown_where_it_is_known(profile: Profile) -> None:
    frame = rows(3000, seed=1)
    assert look(profile).target is not None
    frame["late"] = frame["late"].astype(object).where(frame.index < 500, None)
    record = detect(spec(), profile, frame, predictions(frame), AS_OF)
    assert record.target is None


def test_without_a_time_column_rows_are_resampled(profile: Profile) -> None:
    timeless = spec(time=None, snapshot="2").model_copy(
        update={"evaluate": spec().evaluate.model_copy(update={"split": _hash()})}
    )
    frame = rows(3000, seed=1, warmer=30).drop(columns="at")
    record = detect(timeless, profile, frame, predictions(frame), AS_OF)
    assert record.found
    assert record.first is None
    assert record.columns[1].low is not None


def _hash() -> object:
    from modelops.spec.evaluation import HashSplit

    return HashSplit(by="hash")


def test_an_answer_repeats_exactly(profile: Profile) -> None:
    assert look(profile, warmer=5).model_dump_json() == look(profile, warmer=5).model_dump_json()
