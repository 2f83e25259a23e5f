"""Validating 1,000 specs of about 110 lines against bare parsing, and one spec from process start.

The limits: at most 1.5 times PyYAML's C loader in the same run, at most 200 MB, at most 0.3 s for one spec.
Times are processor seconds of one process each, the best of three rounds taken in turns.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPECS, LINES, ROUNDS = 1000, 110, 3
RATIO, MEGABYTES, SECONDS = 1.5, 200, 0.3

PARSE = """
import sys, time, yaml
from pathlib import Path
paths = sorted(Path(sys.argv[1], "specs").glob("*.yaml"))
started = time.process_time()
for path in paths:
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
print(time.process_time() - started)
"""
VALIDATE = """
import resource, sys, time
from pathlib import Path
from modelops.spec.survey import survey
started = time.process_time()
found = survey(Path(sys.argv[1]), [])
spent = time.process_time() - started
assert len(found.specs) == 1000 and not found.problems, found.problems[:3]
print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def spec(number: int) -> str:
    """Return a spec of 110 lines in block style, as `modelops new` and people write them."""
    columns = [f"feature_{number % 7}_{index}" for index in range(12)]
    lines = f"""# yaml-language-server: $schema=../schemas/model.schema.json
apiVersion: modelops/v1
kind: Model
name: model-{number:04d}
owner: "@my-org/team-{number % 20}"
description: Chance that customer group {number} leaves within a month.

data:
  sources:
    events: data/events/events-*.parquet
    people: data/people/people.parquet
  query: |
    SELECT e.*, p.* EXCLUDE (person)
    FROM events e LEFT JOIN people p ON p.person = e.person
    WHERE e.amount > {number}
  key: event
  time: happened_at
  snapshot: 2024-0{number % 9 + 1}-28 # a retrain pull request moves this line
  window: 90d
  target: left
  columns: # the contract""".splitlines()  # noqa: S608 - a spec with a query in it
    for index, column in enumerate(columns):
        lines += [f"    {column}:", "      type: number", f"      min: -{index}.5", f"      max: {100 + number}"]
    lines += ["    region:", "      type: category", "      values: [north, south, east, west]"]
    lines += ["", "features:", "  numeric:", "    columns:", *(f"      - {column}" for column in columns)]
    lines += """    impute: median
  categorical: {columns: [region], encode: ordinal}

train:
  task: classification
  estimator: sklearn.ensemble.HistGradientBoostingClassifier
  params: {max_iter: 200, learning_rate: 0.06}

evaluate:
  split: {by: time, test: 14d}
  metrics: [roc_auc, brier]
  slices: [region]
  gates:
    - {metric: roc_auc, min: 0.65}
    - {metric: roc_auc, against: champion, margin: 0.01} # not worse

serve:
  replicas: {min: 2, max: 10}

monitor:
  window: 30d""".splitlines()
    return "\n".join(lines) + "\n"


def measure(code: str, folder: Path) -> list[float]:
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def one_spec() -> float:
    """Return the seconds from process start to exit of `modelops validate` on one spec.

    The fastest of nine: other work on the machine only adds.
    """
    command = [
        shutil.which("modelops", path=str(Path(sys.executable).parent)) or "modelops",
        "validate",
        "flight-delay",
    ]
    times = []
    for _ in range(9):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "specs").mkdir()
        shutil.copy(ROOT / "modelops.yaml", folder)
        for number in range(SPECS):
            (folder / "specs" / f"model-{number:04d}.yaml").write_text(spec(number), encoding="utf-8")
        rounds = [(measure(PARSE, folder), measure(VALIDATE, folder)) for _ in range(ROUNDS)]
    parse = min(first[0] for first, _ in rounds)
    validate = min(second[0] for _, second in rounds)
    megabytes = max(second[1] for _, second in rounds)
    single = one_spec()
    lines = spec(1).count("\n")
    rows = [
        (f"parse {SPECS} specs of {lines} lines (CSafeLoader)", f"{parse:.2f} s", ""),
        (f"validate {SPECS} specs", f"{validate:.2f} s", ""),
        ("ratio", f"{validate / parse:.2f}", f"<= {RATIO}"),
        ("peak memory", f"{megabytes:.0f} MB", f"<= {MEGABYTES} MB"),
        ("one spec, from process start", f"{single:.2f} s", f"<= {SECONDS} s"),
    ]
    print(f"{'what':<45} {'measured':>10}  limit")
    for what, measured, limit in rows:
        print(f"{what:<45} {measured:>10}  {limit}")
    return int(validate / parse > RATIO or megabytes > MEGABYTES or single > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
