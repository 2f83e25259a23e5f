"""The evaluate stage on trained models: evidence, gates, comparison, and every way it cannot be had."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from small_models import Bench

from modelops.evaluate import gates
from modelops.records.evaluate import EvaluateRecord, GateResult

AGAINST = {"metric": "roc_auc", "against": "champion", "margin": 0.02}
NUMBERS = {
    "data__target": "minutes",
    "train__task": "regression",
    "train__estimator": "sklearn.linear_model.LinearRegression",
}
ON_REGIONS = {"metric": "roc_auc", "slice": "region", "against": "champion", "margin": 0.02}


def judged(bench: Bench, *wanted: dict[str, Any], **changes: Any) -> tuple[GateResult, ...]:
    made = bench.make(evaluate__gates=list(wanted), **changes)
    found = bench.judge(made)
    return (*found.gates, *found.measured_gates)


def against(bench: Bench, old: dict[str, Any], new: dict[str, Any]) -> EvaluateRecord:
    candidate = bench.make(evaluate__gates=[AGAINST, ON_REGIONS], **new)
    return bench.judge(candidate, bench.champion(bench.make(**old), candidate))


def test_every_metric_has_an_interval_around_it(bench: Bench) -> None:
    found = bench.judge(bench.make())
    assert list(found.metrics) == ["roc_auc", "accuracy", "log_loss"]
    for estimate in found.metrics.values():
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.value is not None
        assert estimate.low < estimate.value < estimate.high
    assert (found.test_rows, found.blocks) == (1400, 28)
    assert found.model_metrics["train_test_gap"].value is not None
    assert next(iter(found.importance)) in ("x", "w")
    assert found.importance["z"] < 0.01


def test_the_same_inputs_give_the_same_record_without_work(bench: Bench) -> None:
    made = bench.make()
    first = bench.judge(made)
    assert bench.judge(made) == first
    again = bench.store.get_record("evaluate", "sha256:" + "0" * 64)
    assert again is None
    from modelops.evaluate.run import evaluate

    fresh = evaluate(made.spec, made.data, made.train, None, bench.store, today=date(2020, 6, 1), refresh=True)
    measured = {"latency_p50_ms", "latency_p99_ms", "seconds"}
    assert fresh.model_dump(exclude=measured) == first.model_dump(exclude=measured)


def test_sensitive_values_are_numbered_and_small_groups_folded(bench: Bench) -> None:
    found = bench.judge(bench.make(evaluate__fairness={"columns": ["clinic"]}))
    text = found.model_dump_json()
    assert "Mercy" not in text
    assert "Small" not in text
    parts = {part.value: part for part in found.slices if part.column == "clinic"}
    assert list(parts) == ["group 1", "group 2", "group 3", "(other)"]
    assert parts["(other)"].metrics == {}
    assert found.fairness[0].folded == parts["(other)"].rows


@pytest.mark.parametrize(
    ("gate", "status", "words"),
    [
        ({"metric": "roc_auc", "min": 0.6}, "passed", "within the limit"),
        ({"metric": "roc_auc", "min": 0.99}, "failed", "is below 0.99"),
        ({"metric": "log_loss", "max": 0.1}, "failed", "is above 0.1"),
        ({"metric": "roc_auc", "slice": "region", "min": 0.6}, "passed", "is the worst of 3"),
        ({"metric": "roc_auc", "slice": "region", "min": 0.97}, "failed", "with confidence (Holm over 3)"),
        ({"metric": "latency_p99_ms", "max": 1000}, "passed", "within the limit"),
        ({"metric": "model_bytes", "max": 10}, "failed", "is above 10"),
        ({"metric": "train_test_gap", "max": 0.5}, "passed", "within the limit"),
        (AGAINST, "not applicable", "no champion"),
    ],
)
def test_gates(bench: Bench, gate: dict[str, Any], status: str, words: str) -> None:
    found = judged(bench, gate)[0]
    assert found.status == status
    assert words in found.reason


def test_a_slice_beyond_the_limit_by_chance_is_a_near_miss(bench: Bench) -> None:
    metrics = {
        part.value: part.metrics["roc_auc"] for part in bench.judge(bench.make()).slices if part.column == "region"
    }
    worst = min(value.value or 1 for value in metrics.values())
    found = judged(bench, {"metric": "roc_auc", "slice": "region", "min": round(worst + 0.005, 3)})[0]
    assert found.status == "passed"
    assert found.near
    assert "Near miss" in found.reason


def test_a_limit_inside_the_interval_is_a_near_miss(bench: Bench) -> None:
    estimate = bench.judge(bench.make()).metrics["roc_auc"]
    assert estimate.value is not None
    found = judged(bench, {"metric": "roc_auc", "min": round(estimate.value - 0.002, 4)})[0]
    assert (found.status, found.near) == ("passed", True)


def test_a_waiver_lets_a_gate_through_until_its_last_day(bench: Bench) -> None:
    waive = {"until": "2020-06-30", "by": "@acme/risk", "why": "Known outage."}
    made = bench.make(evaluate__gates=[{"metric": "roc_auc", "min": 0.99, "waive": waive}])
    before, after = bench.judge(made, today=date(2020, 6, 30)), bench.judge(made, today=date(2020, 7, 1))
    assert before.passed
    assert before.gates[0].status == "waived"
    assert "Waived until 2020-06-30 by @acme/risk: Known outage." in before.gates[0].reason
    assert not after.passed
    assert after.gates[0].status == "failed"
    assert "ended on 2020-06-30" in after.gates[0].reason


def test_an_equal_model_is_equal(bench: Bench) -> None:
    found = against(bench, {}, {})
    assert found.champion is not None
    delta = found.champion.metrics["roc_auc"]
    assert (delta.delta, delta.low, delta.high) == (0, 0, 0)
    assert found.champion.flips == 0
    assert found.passed


def test_a_better_model_is_better(bench: Bench) -> None:
    found = against(bench, {"features__numeric": {"columns": ["z"]}}, {})
    assert found.champion is not None
    delta = found.champion.metrics["roc_auc"]
    assert delta.low is not None
    assert delta.low > 0
    assert found.passed
    assert "better, with confidence" in found.gates[0].reason
    assert found.champion.mended is not None
    assert found.champion.broken is not None
    assert found.champion.mended > found.champion.broken
    assert len(found.flipped) == 10
    assert all(flip.key.startswith("f0") and flip.champion != flip.candidate for flip in found.flipped)


def test_a_model_that_is_worse_on_one_slice_is_stopped_there(bench: Bench) -> None:
    wide = {"features__numeric": {"columns": ["x", "w", "z"]}, "data__query": "SELECT * FROM rows"}
    only_x = {"features__numeric": {"columns": ["x", "z"]}, "data__query": "SELECT * FROM rows"}
    found = against(bench, wide, only_x)
    slices = {part.value: part.delta for part in found.champion.slices if part.column == "region"}  # type: ignore[union-attr]
    gate = next(gate for gate in found.gates if gate.slice == "region")
    assert gate.status == "failed"
    assert "south" in gate.reason
    assert (slices["south"].delta or 0) < -0.1
    assert not found.passed


@pytest.mark.parametrize(
    ("old", "words"),
    [
        (NUMBERS | {"evaluate__metrics": ["mae"]}, "the target changed"),
        ({"data__key": None}, "the key changed"),
        ({"data__query": "SELECT * REPLACE (NOT late AS late) FROM rows"}, "late means something else now"),
    ],
)
def test_a_champion_that_cannot_be_compared_leaves_the_gate_undecided(
    bench: Bench, old: dict[str, Any], words: str
) -> None:
    found = against(bench, old, {})
    assert [gate.status for gate in found.gates] == ["undecided", "undecided"]
    assert words in found.gates[0].reason
    assert not found.passed


def test_a_champion_that_does_not_load_leaves_the_gate_undecided(bench: Bench) -> None:
    candidate = bench.make(evaluate__gates=[AGAINST])
    champion = bench.champion(bench.make(), candidate, "broken")
    (champion.model / "model.onnx").write_bytes(b"not a model")
    found = bench.judge(candidate, replace(champion, digest="sha256:" + "2" * 64))
    assert found.gates[0].status == "undecided"
    assert "does not load" in found.gates[0].reason


def test_a_champion_that_saw_all_rows_leaves_too_few(bench: Bench) -> None:
    early = {"data__snapshot": "2020-03-01", "data__window": "60d"}
    candidate = bench.make(evaluate__gates=[AGAINST], **early)
    found = bench.judge(candidate, bench.champion(bench.make(), candidate))
    assert found.gates[0].status == "undecided"
    assert "only 0 rows remain" in found.gates[0].reason


def test_a_champion_that_needs_a_column_the_query_lost(bench: Bench) -> None:
    candidate = bench.make(evaluate__gates=[AGAINST])
    champion = bench.champion(bench.make(), candidate)
    narrow = bench.make(features__numeric={"columns": ["x"]}, evaluate__slices=[]).data
    found = bench.judge(candidate, replace(champion, data=narrow, digest="sha256:" + "3" * 64))
    assert "reads columns that its query no longer gives: w, z" in found.gates[0].reason


def test_a_slice_with_one_class_is_said_to_be_unjudged(bench: Bench) -> None:
    query = "SELECT * EXCLUDE (late), CASE WHEN region = 'south' THEN false ELSE late END AS late FROM rows"
    found = judged(bench, {"metric": "roc_auc", "slice": "region", "min": 0.5}, data__query=query)[0]
    assert found.status == "passed"
    assert "Not judged: region south: all rows are of one class" in found.reason


def test_few_days_give_no_interval_and_no_comparison(bench: Bench) -> None:
    short = {"evaluate__split": {"by": "time", "test": "3d"}}
    found = against(bench, short, short)
    assert found.metrics["roc_auc"].low is None
    assert "at least 5 blocks" in found.metrics["roc_auc"].why
    assert found.gates[0].status == "undecided"


def test_fairness_is_measured_and_gated(bench: Bench) -> None:
    query = (
        "SELECT * EXCLUDE (late), CASE WHEN region = 'south' THEN random_free < 0.1 ELSE late END AS late "
        "FROM (SELECT *, (hash(id) % 1000) / 1000 AS random_free FROM rows)"
    )
    wanted = [
        {"metric": "disparate_impact", "min": 0.8},
        {"metric": "demographic_parity", "slice": "region", "max": 0.9},
    ]
    made = bench.make(
        data__query=query, evaluate__gates=wanted, evaluate__fairness={"columns": ["region"]},
        features__categorical={"columns": ["region"]},
    )  # fmt: skip
    found = bench.judge(made)
    audit = found.fairness[0]
    shares = {group.group: group.favoured.value for group in audit.groups}
    assert set(shares) == {"north", "east", "south"}
    assert audit.positive == "true"
    values = sorted(value for value in shares.values() if value is not None)
    assert audit.demographic_parity.value == pytest.approx(values[-1] - values[0], abs=1e-5)
    assert audit.disparate_impact.value == pytest.approx(values[0] / values[-1], abs=1e-5)
    assert [gate.status for gate in found.gates] == ["failed", "passed"]
    assert "Between groups of region" in found.gates[0].reason


def test_regression(bench: Bench) -> None:
    changes = NUMBERS | {"evaluate__metrics": ["mae", "rmse", "r2", "median_absolute_error", "bias"]}
    candidate = bench.make(evaluate__gates=[{"metric": "mae", "against": "champion", "margin": 0.5}], **changes)
    worse = bench.make(**changes, features__numeric={"columns": ["z"]})
    found = bench.judge(candidate, bench.champion(worse, candidate))
    assert found.champion is not None
    delta = found.champion.metrics["mae"]
    assert delta.delta is not None
    assert delta.high is not None
    assert delta.delta < delta.high < 0
    assert found.gates[0].status == "passed"
    assert found.champion.flips is None


def test_gates_read_as_sentences(bench: Bench) -> None:
    wanted = [
        {"metric": "roc_auc", "min": 0.6, "max": 0.9}, AGAINST, ON_REGIONS,
        {"metric": "accuracy", "against": "champion"},
    ]  # fmt: skip
    spec = bench.spec(evaluate__gates=wanted)
    assert [gates.describe(gate) for gate in spec.evaluate.gates] == [
        "roc_auc at least 0.6 and at most 0.9",
        "roc_auc not worse than the champion by more than 0.02",
        "roc_auc not worse than the champion by more than 0.02 on each region",
        "accuracy not worse than the champion",
    ]


def test_the_record_is_plain_json(bench: Bench) -> None:
    text = bench.judge(bench.make()).model_dump_json()
    assert EvaluateRecord.model_validate_json(text).model_dump_json() == text
    assert "NaN" not in json.dumps(json.loads(text))


def test_a_metric_without_a_value_leaves_its_gate_undecided(bench: Bench) -> None:
    query = "SELECT * EXCLUDE (late), CASE WHEN rows.at >= '2020-03-01' THEN false ELSE late END AS late FROM rows"
    made = bench.make(data__query=query, evaluate__gates=[{"metric": "roc_auc", "min": 0.5}])
    found = bench.judge(made)
    assert found.metrics["roc_auc"].value is None
    assert found.metrics["accuracy"].value is not None
    assert found.gates[0].status == "undecided"
    assert "all rows are of one class" in found.gates[0].reason
    assert found.importance
