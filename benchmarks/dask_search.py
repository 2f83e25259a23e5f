"""The hyperparameter search of flight-delay on a Dask cluster with one worker, then with two.

Run it with `python benchmarks/dask_search.py`. Workers are processes of this machine with one thread each, so the
machine needs two idle cores. The result must be the same both times.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SPACE = {
    "learning_rate": {"low": 0.02, "high": 0.2, "log": True},
    "max_leaf_nodes": {"low": 15, "high": 63, "integer": True},
}


@dataclass(frozen=True)
class Timed:
    """Seconds of the search and of the whole stage (with the last fit and the export), and the model's digest."""

    search: float
    stage: float
    model: str


def search(folder: Path, workers: int, trials: int) -> Timed:
    """Train with a search on so many workers."""
    import yaml
    from distributed import LocalCluster

    from modelops.core.store import Store
    from modelops.data.load import load
    from modelops.spec.model import Spec
    from modelops.train.run import train

    plain = yaml.safe_load((ROOT / "specs" / "flight-delay.yaml").read_text())
    store = Store(folder / f"store-{workers}")
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        plain["train"]["engine"] = {"kind": "dask", "address": cluster.scheduler_address}
        data = load(Spec.model_validate(plain), ROOT, store)
        train(Spec.model_validate(plain), data, ROOT, store)  # imports, and the time of the last fit alone
        folds = {"k": 2, "by": "time"}
        plain["train"]["search"] = {"trials": trials, "batch": trials, "space": SPACE, "folds": folds}
        warm = {
            **plain["train"],
            "search": {**plain["train"]["search"], "trials": workers, "batch": workers},
            "seed": 1,
        }
        train(Spec.model_validate({**plain, "train": warm}), data, ROOT, store)  # imports on every worker
        spec = Spec.model_validate(plain)
        started = time.perf_counter()
        with timed_search() as searches:
            record = train(spec, data, ROOT, store)
        return Timed(searches[0], time.perf_counter() - started, record.model.digest)


@contextmanager
def timed_search() -> Iterator[list[float]]:
    """Collect the seconds that the search takes inside the stage."""
    from modelops.train import candidate

    found, seconds = candidate.find, []

    def timed(*arguments: Any) -> Any:
        started = time.perf_counter()
        result = found(*arguments)
        seconds.append(time.perf_counter() - started)
        return result

    candidate.find = timed
    try:
        yield seconds
    finally:
        candidate.find = found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=24)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory(prefix="modelops-bench-") as name:
        one = search(Path(name), 1, trials)
        two = search(Path(name), 2, trials)
    print(f"{trials} trials of 2 folds, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print(f"{'':<24}{'one worker':>12}{'two workers':>13}")
    rows = (("search", one.search, two.search), ("the whole train stage", one.stage, two.stage))
    for what, alone, together in rows:
        print(f"{what:<24}{alone:>10.1f} s{together:>11.1f} s   {alone / together:.2f} times as fast")
    print("the search must be at least 1.7 times as fast")
    print("same model" if one.model == two.model else f"ANOTHER MODEL: {one.model} and {two.model}")


if __name__ == "__main__":
    main()
