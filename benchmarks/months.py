"""The champion of 2013-03-31 against a candidate of each later month, on rows that neither was trained on.

Run from the repository's root: `python benchmarks/months.py`. Trains nine models, about a minute. The last column is
what the gate `{metric: roc_auc, against: champion, margin: 0.01}` of specs/flight-delay.yaml says.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

from modelops.core.store import Store
from modelops.data.load import load
from modelops.evaluate.champion import Champion
from modelops.evaluate.run import evaluate
from modelops.records.data import DataRecord
from modelops.records.evaluate import EvaluateRecord
from modelops.records.lock import Lock, LockedData, Observed, Resolved, Verdict
from modelops.records.train import TrainRecord
from modelops.report.card import conclusion
from modelops.spec.load import load_spec
from modelops.spec.model import Spec
from modelops.train.run import train

ROOT = Path(__file__).resolve().parents[1]
FIRST = "2013-03-31"
LATER = ("04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30")
TODAY = date(2013, 12, 1)


def at(spec: Spec, snapshot: str) -> Spec:
    """Return a spec with another snapshot."""
    return spec.model_copy(update={"data": spec.data.model_copy(update={"snapshot": snapshot})})


def lock(spec: Spec, data: DataRecord, trained: TrainRecord, found: EvaluateRecord) -> Lock:
    """Return the lock of the first model, without what evaluation never reads."""
    resolved = Resolved(
        spec=spec.section_digests(),
        data=LockedData(snapshot=data.snapshot, rows=data.rows, first=data.first, last=data.last, digest=data.digest),
        code="",
        environment=trained.environment,
        platform=trained.platform,
        params=trained.params,
        model=trained.model,
        metrics=found.metrics,
        champion=None,
        importance=found.importance,
        verdict=Verdict(passed=True, gates=found.gates),
        profile="",
        bento="",
    )
    return Lock(
        version=1,
        parent=None,
        resolved=resolved,
        observed=Observed(image=None, image_command="", latency_p50_ms=0, latency_p99_ms=0, seconds={}),
    )


def months(store: Store, folder: Path) -> dict[str, EvaluateRecord]:
    """Return the evidence on the candidate of each month, by snapshot."""
    spec = load_spec(ROOT, "flight-delay")
    data = load(spec, ROOT, store)
    trained = train(spec, data, ROOT, store)
    first = lock(spec, data, trained, evaluate(spec, data, trained, None, store, today=TODAY))
    model = store.checkout(trained.files, folder)
    result = {}
    for month in LATER:
        later = at(spec, f"2013-{month}")
        rows = load(later, ROOT, store)
        champion = Champion(first, "sha256:" + "0" * 64, spec, model, rows)
        result[f"2013-{month}"] = evaluate(later, rows, train(later, rows, ROOT, store), champion, store, today=TODAY)
    return result


def main(store: Path | None) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        found = months(Store(store or Path(folder) / "store"), Path(folder) / "champion")
    head = f"{'snapshot':<12}{'rows':>8}{'champion':>10}{'candidate':>10}{'difference':>12}"
    print(f"{head}  {'95% interval':<18}{'':<22}gate")
    for snapshot, record in found.items():
        assert record.champion is not None
        delta = record.champion.metrics["roc_auc"]
        gate = next(gate for gate in record.gates if "champion" in gate.gate)
        reach = f"{delta.low:+.3f} to {delta.high:+.3f}"
        print(
            f"{snapshot:<12}{record.champion.rows:>8,}{delta.champion:>10.3f}{delta.candidate:>10.3f}{delta.delta:>+12.3f}"
            f"  {reach:<18}{conclusion('roc_auc', delta.low, delta.high):<22}{gate.status}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
