"""`modelops plan` over 1,000 locked models with nothing changed, against parsing the same files alone.

Run it with `python benchmarks/plan.py`, or with `--models N`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
MODEL = "wine-cultivar"


def prepare(folder: Path, models: int) -> None:
    """Lock one model for real, then copy its spec, lock and profile under other names."""
    subprocess.run([sys.executable, "-m", "modelops", "run", MODEL], cwd=folder, check=True, capture_output=True)
    spec = (folder / "specs" / f"{MODEL}.yaml").read_text()
    for number in range(models):
        name = f"wine-{number}"
        (folder / "specs" / f"{name}.yaml").write_text(spec.replace(MODEL, name))
        (folder / "models" / name).mkdir()
        for part in ("lock.yaml", "reference.json"):
            (folder / "models" / name / part).write_bytes((folder / "models" / MODEL / part).read_bytes())
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    subprocess.run(["git", "commit", "--quiet", "--message", "Many models"], cwd=folder, check=True)


def parse_all(folder: Path) -> float:
    """Return the seconds that PyYAML's C loader takes for all specs and locks."""
    started = time.perf_counter()
    for path in (*folder.glob("specs/*.yaml"), *folder.glob("models/*/lock.yaml")):
        yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    return time.perf_counter() - started


def plan(folder: Path) -> float:
    """Return the seconds of one `modelops plan`, from process start to end."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "modelops", "plan"], cwd=folder, check=True, capture_output=True, text=True
    )
    seconds = time.perf_counter() - started
    changed = [line for line in done.stdout.splitlines() if not line.endswith("up to date")]
    assert all("wine-cultivar" not in line for line in changed), changed
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    count = parser.parse_args().models
    from modelops.flow.scratch import make_scratch
    from modelops.spec.load import load_settings

    with tempfile.TemporaryDirectory() as parent:
        folder = make_scratch(ROOT, load_settings(ROOT), Path(parent) / "scratch").root
        prepare(folder, count)
        rows = [("parsing specs and locks alone", parse_all(folder))]
        rows += [(f"modelops plan, run {number}", plan(folder)) for number in (1, 2, 3)]
    print(f"{'':<32} seconds, {count:,} models")
    for name, seconds in rows:
        print(f"{name:<32} {seconds:.2f}")


if __name__ == "__main__":
    main()
