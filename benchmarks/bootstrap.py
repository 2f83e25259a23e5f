"""1,000 bootstrap resamples of ROC AUC on 30,000 rows: the target is one second.

Run from the repository's root: `OMP_NUM_THREADS=1 python benchmarks/bootstrap.py`. Every row of the table was measured
with as many resamples as it says; nothing is extrapolated. All of them draw whole rows with replacement.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy.stats import bootstrap as scipy_bootstrap
from sklearn.metrics import roc_auc_score

from modelops.evaluate import bootstrap
from modelops.evaluate.intervals import Percentile
from modelops.evaluate.ranking import AveragePrecision, RocAuc

ROWS, RESAMPLES, TARGET = 30_000, 1000, 1.0
REPEATS = 5


def rows() -> tuple[np.ndarray, np.ndarray]:
    """Return truth and scores of a model with an area of about 0.72."""
    generator = np.random.default_rng(0)
    truth = generator.random(ROWS) < 0.23
    return truth, generator.normal(size=ROWS) + 0.8 * truth


def ours(metric: RocAuc | AveragePrecision, blocks: np.ndarray | None = None) -> tuple[float, float]:
    spread = bootstrap.spread(bootstrap.draw([metric], ROWS, blocks, 7, RESAMPLES)[0])
    assert not isinstance(spread, str)
    return spread.interval()


def loop(truth: np.ndarray, scores: np.ndarray, resamples: int) -> tuple[float, float]:
    """Draw rows and call scikit-learn, again and again."""
    generator = np.random.default_rng(7)
    values = []
    for _ in range(resamples):
        chosen = generator.integers(0, ROWS, ROWS)
        values.append(roc_auc_score(truth[chosen], scores[chosen]))
    return Percentile(0.0, np.sort(values), ROWS).interval()


def scipy_loop(truth: np.ndarray, scores: np.ndarray, resamples: int) -> tuple[float, float]:
    found = scipy_bootstrap(
        (truth, scores), roc_auc_score, n_resamples=resamples, paired=True, vectorized=False, method="percentile",
        rng=np.random.default_rng(7),
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def measure(action: Callable[[], tuple[float, float]], repeats: int) -> tuple[float, float, tuple[float, float]]:
    """Return the best wall and processor seconds of some repeats, and the result."""
    walls, processors = [], []
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        result = action()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors), result


def main() -> None:
    """Print the table, and fail when the target is missed."""
    truth, scores = rows()
    area, precision = RocAuc(scores, truth), AveragePrecision(scores, truth)
    days = np.arange(ROWS) % 400
    cases: list[tuple[str, int, int, Callable[[], tuple[float, float]]]] = [
        ("modelops, ROC AUC, rows", RESAMPLES, REPEATS, lambda: ours(area)),
        ("modelops, ROC AUC, 400 days", RESAMPLES, REPEATS, lambda: ours(area, days)),
        ("modelops, average precision, rows", RESAMPLES, REPEATS, lambda: ours(precision)),
        ("loop over sklearn.metrics.roc_auc_score", RESAMPLES, 1, lambda: loop(truth, scores, RESAMPLES)),
        ("scipy.stats.bootstrap around it", RESAMPLES, 1, lambda: scipy_loop(truth, scores, RESAMPLES)),
    ]
    ours(area)
    print(f"{ROWS:,} rows\n{'':<42}{'resamples':>10}{'seconds':>10}{'CPU':>8}   interval")
    taken = []
    for name, resamples, repeats, action in cases:
        wall, processor, (low, high) = measure(action, repeats)
        taken.append(wall)
        print(f"{name:<42}{resamples:>10,}{wall:>10.2f}{processor:>8.2f}   {low:.4f} to {high:.4f}")
    assert taken[0] <= TARGET, f"the target of {TARGET} s was missed: {taken[0]:.2f} s"


if __name__ == "__main__":
    main()
