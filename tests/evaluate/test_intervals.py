"""Small pieces that intervals and corrections are made of."""

from __future__ import annotations

import numpy as np
import pytest

from modelops.evaluate import bootstrap, links, metrics
from modelops.evaluate.bootstrap import Draws
from modelops.evaluate.intervals import Edge, Percentile, Student
from modelops.evaluate.scored import Scored
from modelops.evaluate.slices import holm


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_a_perfect_share_gets_the_exact_binomial_bound() -> None:
    spread = bootstrap.spread(Draws(1.0, np.ones(1000), 53, left_out=False), links.LOGIT)
    assert isinstance(spread, Edge)
    assert spread.interval() == (pytest.approx(0.025 ** (1 / 53)), 1.0)
    assert spread.p_at_least(0.9) == 1.0
    assert spread.p_at_most(0.9) == pytest.approx(0.9**53)


def test_identical_models_differ_by_exactly_nothing() -> None:
    generator = np.random.default_rng(0)
    rows = Scored(generator.normal(size=100), generator.normal(size=100), None, 0)
    one = bootstrap.draw([metrics.prepare("mae", rows)], 100, np.arange(100) % 10, 7)[0]
    spread = bootstrap.spread(one.minus(one))
    assert isinstance(spread, Student)
    assert spread.interval() == (0, 0)
    assert (spread.p_at_least(0.0), spread.p_at_most(0.0), spread.p_at_least(0.1)) == (1.0, 1.0, 0.0)


def test_student_by_hand() -> None:
    spread = Student(0.5, 0.1, 15)
    assert spread.interval() == pytest.approx((0.5 - 2.1448 * 0.1, 0.5 + 2.1448 * 0.1), abs=1e-4)
    assert spread.p_at_least(0.5) == pytest.approx(0.5)
    assert spread.p_at_least(0.5 + 1.7613 * 0.1) == pytest.approx(0.05, abs=1e-4)


def test_a_limit_beyond_all_replicates_still_has_a_small_p_value() -> None:
    replicates = np.sort(np.random.default_rng(0).normal(0.5, 0.01, 1000))
    spread = Percentile(0.5, replicates, 2000)
    assert spread.p_at_least(0.6) < 1e-9
    assert spread.p_at_least(0.5) == pytest.approx(0.5, abs=0.05)
    assert spread.p_at_most(0.4) < 1e-9


def test_intervals_stay_inside_what_a_metric_can_be() -> None:
    replicates = np.array([0.97, 0.99, 0.999, 0.9, 0.98])
    spread = bootstrap.spread(Draws(0.99, replicates, 5, left_out=True), links.LOGIT)
    assert not isinstance(spread, str)
    low, high = spread.interval()
    assert 0 < low < 0.99 < high < 1


def test_few_blocks_and_rare_outcomes_have_no_interval() -> None:
    assert "at least 5 blocks" in str(bootstrap.spread(Draws(0.5, np.ones(4), 4, left_out=True)))
    rare = np.where(np.arange(1000) < 100, np.nan, 0.5)
    assert "too few rows" in str(bootstrap.spread(Draws(0.5, rare, 50, left_out=False)))
    lost = np.array([0.5] * 9 + [np.nan])
    assert "too few rows" in str(bootstrap.spread(Draws(0.5, lost, 10, left_out=True)))


def test_many_blocks_are_bootstrapped_and_few_left_out_in_turn() -> None:
    rows = Scored(np.zeros(1000), np.random.default_rng(0).normal(size=1000), None, 0)
    metric = metrics.prepare("mae", rows)
    few = bootstrap.draw([metric], 1000, np.arange(1000) % 20, 7)[0]
    many = bootstrap.draw([metric], 1000, np.arange(1000) % 200, 7)[0]
    assert (few.left_out, len(few.replicates), few.units) == (True, 20, 20)
    assert (many.left_out, len(many.replicates), many.units) == (False, 1000, 200)
    without = np.abs(rows.predicted)[np.arange(1000) % 20 != 3].mean()
    assert few.replicates[3] == pytest.approx(without)


def test_the_same_seed_gives_the_same_resamples() -> None:
    rows = Scored(np.zeros(100), np.random.default_rng(0).normal(size=100), None, 0)
    metric = metrics.prepare("mae", rows)
    first, again, other = (bootstrap.draw([metric], 100, None, seed)[0].replicates for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
