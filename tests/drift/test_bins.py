from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modelops.drift import bins
from modelops.records.profile import ColumnProfile


def counts(profile: ColumnProfile, values: pd.Series, salt: str | None = None) -> list[int]:
    codes = bins.codes(profile, values, salt)
    return np.bincount(codes, minlength=len(bins.reference_counts(profile))).tolist()


def test_numbers_fall_into_ten_bins_of_equal_size() -> None:
    profile = bins.numbers(np.arange(1000.0))
    assert profile.counts == (100,) * 10
    assert profile.quantiles == pytest.approx((49.95, 499.5, 949.05))
    assert profile.missing == 0


def test_missing_and_infinite_numbers_are_counted_apart() -> None:
    values = np.array([*np.arange(98.0), np.nan, np.inf])
    profile = bins.numbers(values)
    assert profile.missing == 2
    assert counts(profile, pd.Series(values))[-1] == 2


def test_a_value_that_fills_a_bin_gets_its_own() -> None:
    rain = np.array([0.0] * 900 + list(np.linspace(0.01, 1, 100)))
    profile = bins.numbers(rain)
    zero = profile.edges.index(0.0)
    assert profile.counts[zero] == 900


def test_a_constant_column_notices_any_other_value() -> None:
    profile = bins.numbers(np.full(100, 5.0))
    assert counts(profile, pd.Series([4.0, 5.0, 6.0])) == [1, 1, 1, 0]


@pytest.mark.parametrize("kind", ["numbers", "few", "ties", "mixed"])
def test_the_rows_of_a_profile_fall_into_its_own_counts(kind: str) -> None:
    random = np.random.default_rng(1)
    values = {
        "numbers": random.normal(size=5000),
        "few": random.normal(size=15),
        "ties": random.integers(0, 4, 3000).astype(float),
        "mixed": np.where(random.random(3000) < 0.1, np.nan, random.poisson(0.5, 3000)),
    }[kind]
    profile = bins.numbers(values)
    assert counts(profile, pd.Series(values)) == bins.reference_counts(profile).tolist()
    assert all(count == 0 or count >= bins.K for count in profile.counts)


def test_bins_with_few_rows_are_joined_to_a_neighbour() -> None:
    values = np.array([0.0] * 500 + [1.0] * 495 + [2.0] * 5)
    profile = bins.numbers(values)
    assert [count for count in profile.counts if count] == [500, 500]
    assert counts(profile, pd.Series(values)) == bins.reference_counts(profile).tolist()


def test_small_groups_are_folded_and_not_named() -> None:
    values = pd.Series(["EWR"] * 50 + ["JFK"] * 10 + ["LGA"] * 9 + ["XNA"] + [None] * 3)
    profile = bins.categories(values)
    assert profile.counts == {"EWR": 50, "JFK": 10}
    assert (profile.other, profile.missing) == (10, 3)
    assert counts(profile, values) == [50, 10, 10, 3]
    assert counts(profile, pd.Series(["EWR", "new", None])) == [1, 0, 1, 1]


def test_at_most_two_hundred_categories_are_kept() -> None:
    values = pd.Series([f"c{number:03}" for number in range(300) for _ in range(10 + number)])
    profile = bins.categories(values)
    assert len(profile.counts) == 200
    assert next(iter(profile.counts)) == "c299"
    assert profile.other == sum(10 + number for number in range(100))


def test_sensitive_categories_are_stored_as_digests() -> None:
    values = pd.Series(["alicia"] * 20 + ["bob"] * 30)
    profile = bins.categories(values, salt="m/person")
    assert profile.hashed
    assert "alicia" not in profile.counts
    assert counts(profile, values, salt="m/person") == [30, 20, 0, 0]
    assert bins.categories(values, salt="other/person").counts.keys() != profile.counts.keys()


def test_integers_and_booleans_are_found_again_after_missing_values_made_floats_of_them() -> None:
    whole = bins.categories(pd.Series([1] * 20 + [2] * 20))
    assert counts(whole, pd.Series([1.0, 2.0, np.nan])) == [1, 1, 0, 1]
    truth = bins.categories(pd.Series([True] * 30 + [False] * 20))
    assert list(truth.counts) == ["true", "false"]
    assert counts(truth, pd.Series([1.0, 0.0, np.nan])) == [1, 1, 0, 1]


def test_texts_are_compared_by_their_number_of_words() -> None:
    values = pd.Series(["one two three"] * 20 + [None] * 2)
    assert bins.words(values).tolist()[:1] == [3.0]
    profile = bins.numbers(bins.words(values), kind="text")
    assert (profile.kind, profile.missing) == ("text", 2)
    assert counts(profile, values) == bins.reference_counts(profile).tolist()


def test_an_empty_column_has_a_profile() -> None:
    profile = bins.numbers(np.full(5, np.nan))
    assert (profile.edges, profile.counts, profile.missing, profile.quantiles) == ((), (0,), 5, None)
    assert bins.categories(pd.Series([None] * 5, dtype=object)).missing == 5
