"""`modelops run flight-delay` against a bare script with the same query, fit, metrics and export, item by item.

Every repetition moves the snapshot by a month, with a champion to compare with and a tracking database that exists,
as in daily work; both programs then do that snapshot in processes of their own. Run it with
`python benchmarks/run.py`, or with `--repeat N` (up to 4).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODEL = "flight-delay"
FIRST = "2013-03-31"
SNAPSHOTS = tuple(f"2013-{day}" for day in ("04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30"))

BARE = """
import sys
from datetime import date, timedelta
import duckdb, numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

end = date.fromisoformat(sys.argv[1]) + timedelta(days=1)
numbers = ["distance", "hour", "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
categories = ["origin", "carrier", "dest"]
rows = duckdb.sql(f'''
    SELECT * FROM (
        SELECT f.*, w.* EXCLUDE (origin, observed_at), f.arr_delay > 15 AS delayed
        FROM 'data/flights/flights-*.parquet' f
        LEFT JOIN 'data/flights/weather-2013.parquet' w ON w.origin = f.origin AND w.observed_at = f.scheduled_at
        WHERE f.arr_delay IS NOT NULL
    ) WHERE scheduled_at >= TIMESTAMPTZ '{end - timedelta(days=90)} 00:00:00+00'
        AND scheduled_at < TIMESTAMPTZ '{end} 00:00:00+00'
    ORDER BY flight_id''').df()
rows[numbers] = rows[numbers].astype("float32")
test = (rows.scheduled_at >= np.datetime64(end - timedelta(days=14)).astype("datetime64[us]").astype(object)
        .replace(tzinfo=rows.scheduled_at.dt.tz)).to_numpy()
encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float32)
features = ColumnTransformer([("n", SimpleImputer(strategy="median"), numbers), ("c", encoder, categories)])
estimator = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.06, random_state=7)
model = Pipeline([("features", features), ("estimator", estimator)])
columns = numbers + categories
model.fit(rows.loc[~test, columns], rows.delayed[~test])
chance = model.predict_proba(rows.loc[test, columns])[:, 1]
truth = rows.delayed[test]
print(len(rows), roc_auc_score(truth, chance), average_precision_score(truth, chance),
      brier_score_loss(truth, chance), log_loss(truth, chance))
inputs = [(name, FloatTensorType([None, 1])) for name in numbers]
inputs += [(name, StringTensorType([None, 1])) for name in categories]
onnx = convert_sklearn(model, initial_types=inputs, options={"zipmap": False})
open(sys.argv[2], "wb").write(onnx.SerializeToString())
"""

# Times functions by what they are called in the report; inner ones are part of outer ones (indented).
TIMED = """
import importlib, json, sys, time
began = time.perf_counter()
WHERE = {
    "query, digest, contract": ("modelops.data.load", "load"),
    "train": ("modelops.train.run", "train"),
    "  export with proof": ("modelops.train.artifact", "keep"),
    "champion's model and rows": ("modelops.flow.opponent", "opponent"),
    "evaluate": ("modelops.evaluate.run", "evaluate"),
    "  intervals": ("modelops.evaluate.estimates", "measure"),
    "  comparison": ("modelops.evaluate.comparison", "compare"),
    "  importance": ("modelops.evaluate.run", "importance"),
    "  latency": ("modelops.evaluate.run", "latency"),
    "Bento": ("modelops.package.build", "package"),
    "reference profile": ("modelops.drift.profile", "build"),
    "tracking (waiting for it)": ("modelops.train.tracking", "Tracker.finish"),
    "card": ("modelops.report.card", "render"),
}
seconds, processors = {}, {}

def timed(name, function):
    def call(*arguments, **options):
        started, worked = time.perf_counter(), time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            seconds[name] = seconds.get(name, 0) + time.perf_counter() - started
            processors[name] = processors.get(name, 0) + time.process_time() - worked
    return call

for name, (module, path) in WHERE.items():
    holder = importlib.import_module(module)
    *outer, last = path.split(".")
    for part in outer:
        holder = getattr(holder, part)
    setattr(holder, last, timed(name, getattr(holder, last)))
importlib.import_module("modelops.train.candidate")
seconds["imports"], processors["imports"] = time.perf_counter() - began, time.process_time()
from modelops.cli.main import run
code = run(["run", "flight-delay"])
print("ITEMS " + json.dumps({name: (took, processors[name]) for name, took in seconds.items()}))
sys.exit(code)
"""


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of processors (of all processes, those beside the main one included)."""

    clock: float
    processors: float


def clock(command: list[str], folder: Path, good: tuple[int, ...] = (0,)) -> tuple[Took, str]:
    """Return the time that a command takes, and what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["OMP_WAIT_POLICY"] = "PASSIVE"  # waiting in a busy loop would hide what is measured
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    took = time.perf_counter() - started
    if done.returncode not in good:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), done.stdout


def prepare(folder: Path) -> Path:
    """Return a scratch repository with a locked and committed first version, which becomes the champion."""
    from modelops.flow.scratch import make_scratch
    from modelops.spec.load import load_settings

    space = make_scratch(ROOT, load_settings(ROOT), folder / "scratch")
    clock([sys.executable, "-m", "modelops", "run", MODEL], space.root)
    subprocess.run(["git", "add", "--all"], cwd=space.root, check=True)
    subprocess.run(["git", "commit", "--quiet", "--message", "First version"], cwd=space.root, check=True)
    return space.root


def repeat(root: Path, number: int) -> tuple[Took, Took, Took, dict[str, list[float]]]:
    """Return the times of the bare script, of a run with a champion, of one without a change, and the items.

    The items come from a second snapshot: the timing imports everything first, which costs some overlap.
    """
    snapshot, second = SNAPSHOTS[2 * number : 2 * number + 2]
    bare, _ = clock([sys.executable, "-c", BARE, snapshot, str(root.parent / "bare.onnx")], root)
    # A gate may fail (exit code 1): the work is the same.
    move(root, snapshot)
    full, _ = clock([sys.executable, "-m", "modelops", "run", MODEL], root, good=(0, 1))
    move(root, second)
    _, said = clock([sys.executable, "-c", TIMED], root, good=(0, 1))
    move(root, FIRST)
    nothing, _ = clock([sys.executable, "-m", "modelops", "run", MODEL], root)
    return bare, full, nothing, json.loads(said.split("ITEMS ")[1])


def move(root: Path, snapshot: str) -> None:
    """Take back what the last run wrote, and move the snapshot."""
    subprocess.run(["git", "checkout", "--quiet", "--", "."], cwd=root, check=True)
    path = root / "specs" / f"{MODEL}.yaml"
    path.write_text(path.read_text().replace(f"snapshot: {FIRST}", f"snapshot: {snapshot}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, choices=range(1, 5))
    count = parser.parse_args().repeat
    with tempfile.TemporaryDirectory(prefix="modelops-bench-") as name:
        root = prepare(Path(name))
        found = [repeat(root, number) for number in range(count)]
    times = list(zip(*found, strict=True))[:3]
    bare, full, nothing = (statistics.median(took.clock for took in column) for column in times)
    cpu = [statistics.median(took.processors for took in column) for column in times]
    names = ["imports", *(line.split('"')[1] for line in TIMED.splitlines() if line.startswith('    "'))]
    items = {
        name: [statistics.median(entry[3].get(name, [0.0, 0.0])[part] for entry in found) for part in (0, 1)]
        for name in names
    }
    print(f"median of {count} snapshots, {os.cpu_count()} cores")
    print(f"{'bare script':<28}{bare:6.2f} s   processors {cpu[0]:.2f} s")
    print(f"{'modelops run':<28}{full:6.2f} s   processors {cpu[1]:.2f} s; adds {full - bare:.2f} s (limit 4)")
    print("of which, timed one by one on another snapshot:")
    for item, (took, worked) in items.items():
        print(f"  {item:<26}{took:6.2f} s   processors {worked:.2f} s")
    print(f"{'run, nothing changed':<28}{nothing:6.2f} s   processors {cpu[2]:.2f} s (limit 0.7)")
    print(f"load average {os.getloadavg()[0]:.1f}: figures of a busy machine are too high")


if __name__ == "__main__":
    main()
