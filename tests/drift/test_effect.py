from __future__ import annotations

import math

import numpy as np
import pytest

from modelops.drift import effect


def test_psi_is_the_textbook_sum_less_what_chance_gives() -> None:
    before, after = np.array([500, 500]), np.array([300, 700])
    textbook = (0.3 - 0.5) * math.log(0.3 / 0.5) + (0.7 - 0.5) * math.log(0.7 / 0.5)
    assert float(effect.psi(before, after)) == pytest.approx(textbook - (1 / 1000 + 1 / 1000))


def test_equal_counts_have_no_index_and_an_emptied_bin_a_finite_one() -> None:
    assert float(effect.psi(np.array([50, 50]), np.array([500, 500]))) == 0.0
    assert 1 < float(effect.psi(np.array([5000, 5000]), np.array([0, 10_000]))) < 10
    assert float(effect.psi(np.array([0, 0]), np.array([0, 0]))) == 0.0


def test_many_categories_in_few_rows_are_not_drift() -> None:
    random = np.random.default_rng(3)
    shares = random.dirichlet(np.ones(150))
    before = random.multinomial(2000, shares)
    raw = [effect.psi(before, random.multinomial(1000, shares)) for _ in range(50)]
    assert np.mean(raw) < 0.15
    shifted = effect.psi(before, random.multinomial(1000, np.roll(shares, 1)))
    assert shifted > 0.5


def test_without_drift_a_thousand_rows_raise_no_alarm() -> None:
    random = np.random.default_rng(4)
    before = np.full(10, 1000)
    indices = effect.psi(before, random.multinomial(1000, np.full(10, 0.1), size=2000))
    assert indices.max() < 0.2
    assert indices.mean() == pytest.approx(0, abs=0.01)


def test_the_binned_ks_distance_is_the_exact_one_at_the_edges() -> None:
    assert effect.ks(np.array([50, 50, 0]), np.array([0, 50, 50])) == pytest.approx(0.5)
    assert effect.ks(np.array([1, 1]), np.array([0, 0])) == 0.0
    random = np.random.default_rng(5)
    old, new = random.normal(size=20_000), random.normal(0.5, 1, size=20_000)
    edges = np.quantile(old, np.arange(1, 10) / 10)
    binned = effect.ks(*(np.bincount(np.searchsorted(edges, values), minlength=10) for values in (old, new)))
    from scipy.stats import ks_2samp

    exact = ks_2samp(old, new).statistic
    assert exact - 0.1 <= binned <= exact + 1e-9


def test_blocks_add_up_and_resampling_repeats() -> None:
    codes, blocks = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])
    counted = effect.by_block(codes, 3, blocks, 2)
    assert counted.tolist() == [[1, 1, 0], [0, 1, 1]]
    draws = effect.draws(7)
    assert draws.shape == (effect.RESAMPLES, 7)
    assert (draws.sum(axis=1) == 7).all()
    assert (draws == effect.draws(7)).all()


def test_days_that_differ_widen_the_interval_and_it_holds_the_estimate() -> None:
    before = np.array([1000, 1000])
    alike = np.tile([40, 60], (20, 1))
    differing = np.array([[100, 0], [0, 100]] * 8 + [[0, 100]] * 4)
    assert alike.sum(axis=0).tolist() == differing.sum(axis=0).tolist()
    widths = []
    for blocks in (alike, differing):
        estimate = float(effect.psi(before, blocks.sum(axis=0)))
        low, high = effect.interval(effect.resampled_psi(before, blocks, effect.draws(20), estimate))
        assert low <= estimate + 1e-9
        assert estimate <= high + 1e-9
        widths.append(high - low)
    assert widths[1] > widths[0] + 0.1


def test_resampling_adds_no_drift_on_the_average() -> None:
    random = np.random.default_rng(6)
    blocks = random.multinomial(100, np.full(10, 0.1), size=10)
    before = np.array([300, 20, 150, 100, 100, 80, 100, 50, 90, 10])
    estimate = float(effect.psi(before, blocks.sum(axis=0)))
    resampled = effect.resampled_psi(before, blocks, effect.draws(10), estimate)
    assert resampled.mean() == pytest.approx(estimate, abs=1e-6)
