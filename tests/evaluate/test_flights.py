"""Champion of March against later candidates on the real flights: who is better, and when nobody can tell."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from modelops.core.store import Store
from modelops.records.evaluate import EvaluateRecord
from modelops.report.differences import conclusion

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
# ROC AUC of champion and candidate as measured before, with another implementation of the features.
MEASURED = {
    "2013-04-30": (0.612, 0.653),
    "2013-05-31": (0.704, 0.761),
    "2013-06-30": (0.704, 0.771),
    "2013-07-31": (0.694, 0.754),
    "2013-08-31": (0.657, 0.712),
    "2013-09-30": (0.569, 0.600),
    "2013-10-31": (0.607, 0.610),
    "2013-11-30": (0.673, 0.665),
}
BETTER = {"2013-06-30", "2013-07-31", "2013-08-31"}


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvaluateRecord]:
    """The evidence of every month, from the benchmark."""
    found = importlib.util.spec_from_file_location("months", ROOT / "benchmarks" / "months.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["months"] = module
    found.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("months")
    result: dict[str, EvaluateRecord] = module.months(Store(folder / "store"), folder / "champion")
    return result


def test_the_comparison_says_what_was_measured_before(months: dict[str, EvaluateRecord]) -> None:
    for snapshot, (champion, candidate) in MEASURED.items():
        record = months[snapshot].champion
        assert record is not None
        delta = record.metrics["roc_auc"]
        assert delta.champion == pytest.approx(champion, abs=0.015)
        assert delta.candidate == pytest.approx(candidate, abs=0.015)


def test_only_summer_is_an_improvement_with_confidence(months: dict[str, EvaluateRecord]) -> None:
    better = set()
    for snapshot, record in months.items():
        assert record.champion is not None
        delta = record.champion.metrics["roc_auc"]
        if conclusion("roc_auc", delta.low, delta.high) == "better":
            better.add(snapshot)
    assert better == BETTER


def test_october_and_november_are_stopped(months: dict[str, EvaluateRecord]) -> None:
    for snapshot, record in months.items():
        gate = next(gate for gate in record.gates if "champion" in gate.gate)
        assert gate.status == ("passed" if snapshot in BETTER else "failed")
    for snapshot in ("2013-10-31", "2013-11-30"):
        assert not months[snapshot].passed


def test_the_interval_over_days_is_wider_than_one_over_rows(months: dict[str, EvaluateRecord]) -> None:
    estimate = months["2013-07-31"].metrics["roc_auc"]
    assert months["2013-07-31"].blocks == 14
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.high - estimate.low > 0.06
