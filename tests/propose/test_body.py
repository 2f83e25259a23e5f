from __future__ import annotations

import re
from typing import Any

import pytest
from cases import case, column, comparison, delta, gate, lock, record, spec

from modelops.core.forge import BODY_LIMIT, pack
from modelops.propose import body
from modelops.propose.case import Case
from modelops.records.drift import Trigger
from modelops.records.evaluate import SliceDelta


def tables(text: str) -> list[list[str]]:
    """Return the cells of every table line, split at pipes that are not escaped."""
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def section(text: str, title: str) -> str:
    found = re.search(rf"^## {title}\n\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def test_the_first_lines_are_what_to_decide() -> None:
    first, second, third = body.render(case()).split("\n\n")[:3]
    assert first == (
        "**The candidate is better.** ROC AUC 0.754 against 0.694 on the same 12,955 rows: +0.060 "
        "(95% interval +0.040 to +0.080)."
    )
    assert second == "The gate holds. Merging moves **staging** to version 2."
    assert third == "For @acme/ops to decide."


@pytest.mark.parametrize(
    ("metrics", "headline"),
    [
        ({"roc_auc": delta(0.70, 0.71, 0.02)}, "**No clear difference.**"),
        ({"roc_auc": delta(0.70, 0.65, 0.02)}, "**The candidate is worse.**"),
    ],
)
def test_the_headline_follows_the_interval(metrics: dict[str, object], headline: str) -> None:
    text = body.render(case(candidate=lock(champion=comparison(metrics=metrics))))
    assert text.startswith(headline)


def test_lower_is_better_for_errors() -> None:
    text = body.render(case())
    brier = next(row for row in tables(text) if "Brier" in row[0])
    assert brier[-1].strip() == "better"
    assert brier[3].strip() == "-0.016"


def test_all_sections_are_there_in_order() -> None:
    titles = re.findall(r"^## (.+)$", body.render(case()), re.MULTILINE)
    assert titles == [
        "Why now",
        "Champion against candidate",
        "Slices that got worse",
        "Gates",
        "If you do nothing",
        "Merging, and rolling back",
        "Not now",
        "See for yourself",
    ]


def test_columns_are_named_in_order_of_importance_with_how_sure() -> None:
    why = section(body.render(case()), "Why now")
    names = [row[0].strip() for row in tables(why)[2:]]
    assert names == ["`temp`", "`origin`", "`passenger`", "the prediction"]
    assert "median 37.9 → 81 (90% of rows: 21 to 50 → 70 to 93.9)" in why
    assert "between 40.0% and 50.0%, all of it past the limit" in why
    assert "Did not drift: `hour`." in why


def test_an_interval_that_reaches_below_the_limit_is_not_certain() -> None:
    assert "not certain" in section(body.render(case(drift=record(score_low=0.2))), "Why now")


def test_an_old_snapshot_with_few_new_rows_is_argued_without_columns() -> None:
    age = Trigger(kind="age", value=122, limit=90, reason="the snapshot is 122 days old (limit 90)")
    few = record(score=None, columns=(), prediction=None, triggers=(age,), note="too few rows: 12")
    why = section(body.render(case(drift=few)), "Why now")
    assert why == "- **age**: the snapshot is 122 days old (limit 90).\n\nNot compared: too few rows: 12.\n\n"


def test_slices_that_got_worse_come_worst_first() -> None:
    worse = section(body.render(case()), "Slices that got worse")
    assert worse.startswith("2 of 3 by ROC AUC, 1 of them clearly.")
    assert [row[0].strip() for row in tables(worse)[2:]] == ["`origin` = `L\\|GA`", "`passenger` = (sensitive)"]


def test_values_from_the_data_cannot_break_a_table_or_call_anybody() -> None:
    nasty = "a|b\n# `x` @acme/all #1 <b>"
    slices = (SliceDelta(column="origin", value=nasty, rows=90, metric="roc_auc", delta=delta(0.7, 0.6, 0.05)),)
    trigger = Trigger(kind="data drift", value=0.5, limit=0.3, reason=nasty)
    text = body.render(case(candidate=lock(champion=comparison(slices=slices)), drift=record(triggers=(trigger,))))
    for part in ("Why now", "Slices that got worse"):
        rows = tables(section(text, part))
        assert len({len(row) for row in rows}) == 1
    prose = re.sub(r"(`+).*?\1", "", text)
    assert "<b>" not in prose.replace("\\<b\\>", "")
    assert "@acme/all" not in prose
    assert not re.search(r"^# ", text, re.MULTILINE)


def test_sensitive_values_show_nowhere() -> None:
    failed = gate("roc_auc at least 0.6 on each passenger", "failed", slice="passenger", reason="alicia is the worst")
    text = body.render(case(candidate=lock(gates=(failed,)), environment=None, refusal="a gate failed"))
    assert "alicia" not in text
    assert "values are sensitive" in text


def test_failed_gates_are_said_first_and_nothing_is_offered_to_merge() -> None:
    failed = gate("roc_auc at least 0.8", "failed", reason="0.754 is below 0.8.")
    held = gate("brier at most 0.2")
    bad = case(candidate=lock(gates=(held, failed)), environment=None, refusal="a gate failed")
    text = body.render(bad)
    assert body.title(bad) == "Do not merge: retrain of late on data up to 2013-07-31 fails its gates"
    assert "**Not mergeable**: `roc_auc at least 0.8` failed" in text
    assert [row[1].strip() for row in tables(section(text, "Gates"))[2:]] == ["**failed**", "passed"]
    assert "a merge deploys nothing" in text
    assert "lock.yaml" not in text
    assert bad.metadata("e")["mergeable"] is False


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"min": 0.8}, "The champion misses the limit of 0.8 on these rows, too: its ROC AUC is 0.694."),
        ({"min": 0.6}, ""),
        ({"max": 0.5}, "The champion misses the limit of 0.5 on these rows, too"),
        ({"max": 0.7}, ""),
        ({"min": 0.8, "slice": "origin"}, ""),
    ],
)
def test_a_limit_that_the_champion_misses_too_says_that_the_rows_are_harder(limits: dict[str, Any], said: str) -> None:
    strict = spec(gates=[{"metric": "roc_auc", **limits}])
    failed = gate("roc_auc at least 0.8", "failed")
    first = body.render(case(spec=strict, candidate=lock(gates=(failed,)), environment=None, refusal="a gate failed"))
    assert ("The champion misses" in first) == bool(said)
    assert said in first


def test_where_the_environment_refuses_the_image_the_way_on_is_told() -> None:
    text = body.render(case(environment=None, refusal="staging refuses an image without a digest"))
    assert "Merging moves no environment yet: staging refuses an image without a digest." in text
    assert "Then `modelops release late`." in text


def test_an_undecided_comparison_says_why() -> None:
    text = body.render(case(candidate=lock(champion=comparison(undecided="only 12 common rows"))))
    assert text.startswith("**The candidate could not be compared with the champion**: only 12 common rows.")
    assert "## Champion against candidate" not in text


def test_doing_nothing_says_what_the_champion_scores_now() -> None:
    assert (
        "When it was accepted, its ROC AUC was 0.713 on its own test rows; on the newest rows it is 0.694."
        in section(body.render(case()), "If you do nothing")
    )


def test_links_are_relative_to_the_repository() -> None:
    text = body.render(case())
    assert "[models/late/lock.yaml](../blob/retrain/late/models/late/lock.yaml)" in text
    assert "http" not in text


def test_the_same_evidence_gives_the_same_text() -> None:
    assert body.render(case()) == body.render(case())


def many(reason: str) -> Case:
    columns = tuple(column(f"column_with_a_long_name_{n:04}", weight=0.001) for n in range(1000))
    slices = tuple(
        SliceDelta(column="origin", value=f"v{n}" * 30, rows=90, metric="roc_auc", delta=delta(0.7, 0.6, 0.05))
        for n in range(1000)
    )
    gates = tuple(gate(f"roc_auc at least 0.{n:04} on each slice", reason=reason) for n in range(1000))
    return case(drift=record(columns=columns), candidate=lock(champion=comparison(slices=slices), gates=gates))


def test_of_a_thousand_columns_slices_and_gates_the_first_ones_are_shown() -> None:
    text = body.render(many("0.754 is within the limit."))
    assert len(text) < 20_000
    for rest in ("985 more drifted.", "990 more are in the model card.", "970 more are in the lock."):
        assert rest in text


def test_what_is_too_long_for_github_loses_whole_sections_and_says_so() -> None:
    full = many("long " * 500)
    text = pack(body.render(full), full.metadata("sha256:" + "e" * 64))
    assert len(text) < BODY_LIMIT
    assert "This description was cut to fit" in text
    assert text.count("```") == 2
    assert "## Merging, and rolling back" in text
    assert "## Gates" not in text
    assert "## Why now" in text
    assert "## Champion against candidate" in text


def test_metadata_is_what_the_next_run_needs() -> None:
    assert case(spec=spec()).metadata("sha256:e") == {
        "model": "late",
        "snapshot": "2013-07-31",
        "evidence": "sha256:e",
        "lock": record().lock,
        "triggers": ["data drift"],
        "score": 0.5,
        "severity": 0.75,
        "age": None,
        "mergeable": True,
    }
