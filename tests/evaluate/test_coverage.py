"""Intervals cover the truth as often as they say, and the non-inferiority gate errs as often as it says.

2,000 simulated data sets of 2,000 rows each, with fixed seeds and known truths. The bounds of 93% and 97% are more
than four standard errors away from 95%.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import NormalDist

import numpy as np
import pytest

from modelops.evaluate import bootstrap, estimates, links, metrics
from modelops.evaluate.bootstrap import Draws
from modelops.evaluate.estimates import Method
from modelops.evaluate.ranking import RocAuc
from modelops.evaluate.scored import Scored

pytestmark = pytest.mark.slow

ROWS = 2000
SETS = 2000
RATE = -1.2  # logit of the share of positives
Simulate = Callable[[np.random.Generator, int], tuple[Scored, np.ndarray | None]]


def area(skill: float, spread: float) -> float:
    """The area under the curve of normal scores `skill` apart, each with variance 1 + spread."""
    return NormalDist().cdf(skill / np.sqrt(2 * (1 + spread)))


def scored(truth: np.ndarray, scores: np.ndarray) -> Scored:
    stated = 1 / (1 + np.exp(-scores))
    return Scored(truth.astype(int), (stated >= 0.5).astype(int), np.stack([1 - stated, stated], axis=1), 2)


def by_day(generator: np.random.Generator, days: int) -> tuple[Scored, np.ndarray]:
    """Scores and the share of positives both move from day to day, and so does the model's skill."""
    day = generator.integers(0, days, ROWS)
    rate = 1 / (1 + np.exp(-(RATE + generator.normal(0, 0.6, days))))
    truth = generator.random(ROWS) < rate[day]
    skill = 1.0 + generator.normal(0, 0.3, days)
    return scored(truth, generator.normal(0, 0.4, days)[day] + skill[day] * truth + generator.normal(size=ROWS)), day


def accuracy_by_day(generator: np.random.Generator, days: int) -> tuple[Scored, np.ndarray]:
    """80% of the rows are right, on some days more than on others."""
    day = generator.integers(0, days, ROWS)
    right = generator.random(ROWS) < generator.beta(8, 2, days)[day]
    truth = generator.integers(0, 2, ROWS)
    return Scored(truth, np.where(right, truth, 1 - truth), None, 2), day


def errors_by_day(generator: np.random.Generator, days: int) -> tuple[Scored, np.ndarray]:
    """The mean absolute error is 1, on some days twice as much as on others."""
    day = generator.integers(0, days, ROWS)
    scale = generator.lognormal(0, 0.4, days) / np.exp(0.08)
    return Scored(np.zeros(ROWS), generator.exponential(size=ROWS) * scale[day], None, 0), day


TRUTHS: dict[str, tuple[Simulate, float]] = {
    # Skill differs by day only for positives: their variance is 1 + 0.4² + 0.3², that of negatives 1 + 0.4².
    "roc_auc": (by_day, area(1.0, 0.4**2 + 0.3**2 / 2)),
    "accuracy": (accuracy_by_day, 0.8),
    "mae": (errors_by_day, 1.0),
}


@pytest.mark.parametrize("days", [14, 28])
@pytest.mark.parametrize("name", sorted(TRUTHS))
def test_intervals_of_rows_correlated_in_days_cover(name: str, days: int) -> None:
    simulate, truth = TRUTHS[name]
    generator = np.random.default_rng(days)
    covered = 0
    for _ in range(SETS):
        rows, day = simulate(generator, days)
        found = bootstrap.draw([metrics.prepare(name, rows)], ROWS, day, 7)[0]
        low, high = _interval(found, links.link(name, rows.classes))
        covered += low <= truth <= high
    assert 0.93 <= covered / SETS <= 0.97


def test_over_rows_the_interval_of_correlated_rows_would_cover_far_too_seldom() -> None:
    simulate, truth = TRUTHS["accuracy"]
    generator = np.random.default_rng(3)
    covered = 0
    for _ in range(200):
        rows, _ = simulate(generator, 14)
        right = (rows.truth == rows.predicted).mean()
        reach = 1.96 * np.sqrt(right * (1 - right) / ROWS)
        covered += right - reach <= truth <= right + reach
    assert covered / 200 < 0.6


POSITIVES = 500


def test_intervals_of_independent_rows_cover() -> None:
    """The resamples are the same for every data set: rows are in random order anyway, so nothing is lost by it."""
    generator = np.random.default_rng(11)
    counts = bootstrap._drawn(np.random.default_rng(7), 1000, ROWS)
    truths = {"roc_auc": area(1.0, 0.0), "accuracy": 0.8, "mae": 1.0}
    covered = dict.fromkeys(truths, 0)
    right, errors = (generator.random((SETS, ROWS)) < 0.8).astype(float), generator.exponential(size=(SETS, ROWS))
    for name, values in (("accuracy", right), ("mae", errors)):
        replicates = counts @ values.T / ROWS
        for place in range(SETS):
            draws = Draws(values[place].mean(), replicates[:, place], ROWS, left_out=False)
            low, high = _interval(draws, links.IDENTITY)
            covered[name] += low <= truths[name] <= high
    for draws in areas(generator, counts):
        low, high = _interval(draws, links.IDENTITY)
        covered["roc_auc"] += low <= truths["roc_auc"] <= high
    assert {name: 0.93 <= count / SETS <= 0.97 for name, count in covered.items()} == dict.fromkeys(truths, True)


def areas(generator: np.random.Generator, counts: np.ndarray) -> Iterator[Draws]:
    """Bootstrap the area under the curve of many data sets whose rows are sorted by class and score.

    Then the sums over negatives are the same for all of them, which makes it fast; the first is checked against the
    metric itself.
    """
    heavy, lost = counts[:, :POSITIVES], np.cumsum(counts[:, POSITIVES:], axis=1)
    beaten = np.concatenate([np.zeros((len(counts), 1)), lost], axis=1).T.copy()
    pairs = heavy.sum(axis=1) * lost[:, -1]
    weights = heavy.T.copy()
    for place in range(SETS):
        above = np.sort(generator.normal(1.0, 1.0, POSITIVES))
        below = np.sort(generator.normal(0.0, 1.0, ROWS - POSITIVES))
        low = np.searchsorted(below, above)
        replicates = np.einsum("ij,ij->j", weights, beaten[low]) / pairs
        value = low.sum() / (POSITIVES * (ROWS - POSITIVES))
        if place == 0:
            metric = RocAuc(np.concatenate([above, below]), np.arange(ROWS) < POSITIVES)
            assert metric.by_row(counts) == pytest.approx(replicates)
        yield Draws(value, replicates, ROWS, left_out=False)


def _interval(draws: Draws, link: links.Link) -> tuple[float, float]:
    spread = bootstrap.spread(draws, link)
    assert not isinstance(spread, str)
    return spread.interval()


MARGIN = 0.05


@pytest.mark.parametrize(
    ("loss", "least", "most"),
    [
        (0.0, 0.80, 1.0),  # an equal model passes at least 80% of the time
        (MARGIN, 0.01, 0.04),  # one that is worse by just the margin passes 2.5% of the time
        (2 * MARGIN, 0.0, 0.005),  # a clearly worse one never
    ],
)
def test_the_non_inferiority_gate_errs_as_often_as_it_says(loss: float, least: float, most: float) -> None:
    """Accuracy over 20 days; both models are right or wrong together on most rows and vary by day on their own."""
    generator = np.random.default_rng(5)
    method = Method(("accuracy",))
    passed = 0
    for _ in range(SETS):
        day = generator.integers(0, 20, ROWS)
        shared = generator.random(ROWS)
        truth = generator.integers(0, 2, ROWS)
        sides = []
        for worse in (0.0, loss):
            level = 0.8 - worse + generator.normal(0, 0.04, 20)[day]
            sides.append(Scored(truth, np.where(shared < level, truth, 1 - truth), None, 2))
        gain = estimates.compare(method, sides[0], sides[1], day)["accuracy"].gain
        assert gain.spread is not None
        passed += gain.spread.interval()[0] >= -MARGIN
    assert least <= passed / SETS <= most
