"""The hyperparameter search of flight-delay on a Dask cluster with one worker, then with two.

Run it with `python benchmarks/dask_search.py`. Workers are processes of this machine with one thread each, so the
machine needs two idle cores. The result must be the same both times.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SPACE = {
    "learning_rate": {"low": 0.02, "high": 0.2, "log": True},
    "max_leaf_nodes": {"low": 15, "high": 63, "integer": True},
}


def search(folder: Path, workers: int, trials: int) -> tuple[float, str]:
    """Return the seconds of a search on so many workers, and the digest of the model it ends in."""
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
        record = train(spec, data, ROOT, store)
        return time.perf_counter() - started, record.model.digest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=12)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory(prefix="modelops-bench-") as name:
        one, first = search(Path(name), 1, trials)
        two, second = search(Path(name), 2, trials)
    print(f"{trials} trials of 2 folds, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print(f"one worker   {one:6.1f} s")
    print(f"two workers  {two:6.1f} s   {one / two:.2f} times as fast (at least 1.7)")
    print("same model" if first == second else f"ANOTHER MODEL: {first} and {second}")


if __name__ == "__main__":
    main()
