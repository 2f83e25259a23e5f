from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from cases import CHAMPION, DIGEST, record, spec

from modelops.core.forge import PullRequest
from modelops.propose.decide import CLOSED_BY_TOOL, Decision, decide
from modelops.records.drift import DriftRecord, Trigger

AS_OF = date(2013, 7, 31)
QUIET = {"triggers": (), "score": 0.1, "severity": 0.05}
AGE = Trigger(kind="age", value=122, limit=90, reason="the snapshot is 122 days old (limit 90)")


def pull(state: str = "open", **metadata: Any) -> PullRequest:
    known = {
        "evidence": "old",
        "triggers": ["data drift"],
        "score": 0.5,
        "severity": 0.75,
        "age": None,
        "lock": CHAMPION,
    }
    return PullRequest(7, "retrain/late", "main", "t", "b", state, "url", known | metadata)  # type: ignore[arg-type]


def choose(
    found: DriftRecord, of: PullRequest | None = None, *, foreign: bool = False, evidence: str = "new", **monitor: Any
) -> Decision:
    return decide(found, spec(monitor=monitor).monitor, of, evidence, foreign=foreign, as_of=AS_OF)


def test_drift_without_a_pull_request_is_proposed() -> None:
    assert choose(record()) == Decision("propose", "50% of the columns by importance drifted")


def test_no_drift_and_no_pull_request_is_quiet() -> None:
    decision = choose(record(**QUIET))
    assert (decision.step, decision.reason) == ("quiet", "nothing asks for a retrain: 10% of the columns drifted")


def test_the_same_evidence_twice_changes_nothing_and_new_evidence_updates() -> None:
    assert choose(record(), pull(), evidence="old").step == "unchanged"
    assert choose(record(), pull(), evidence="new").step == "propose"


def test_an_open_proposal_is_closed_when_its_drift_is_gone() -> None:
    decision = choose(record(**QUIET), pull())
    assert decision.step == "close"
    assert decision.reason == "the drift is gone as of 2013-07-31: 10% of the columns drifted"


def test_too_few_rows_say_nothing_about_an_open_proposal() -> None:
    unknown = record(score=None, triggers=(), note="too few rows to tell drift from chance: 12, …")
    assert choose(unknown, pull()) == Decision("quiet", unknown.note)


def test_an_old_snapshot_without_new_rows_has_nothing_to_train_on() -> None:
    old = record(score=None, rows=0, triggers=(AGE,), note="no rows in the window")
    assert choose(old) == Decision(
        "quiet", "the snapshot is 122 days old (limit 90); no rows in the window, so there is nothing to train on"
    )


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_branch_with_somebody_elses_work_is_left_alone(state: str) -> None:
    assert choose(record(), pull(state), foreign=True).step == "left alone"


def test_a_foreign_branch_is_not_closed_either() -> None:
    assert choose(record(**QUIET), pull(), foreign=True).step == "left alone"


def test_what_somebody_closed_stays_closed_for_the_same_drift() -> None:
    decision = choose(record(), pull("closed"))
    assert decision == Decision("declined", "#7 was closed, and nothing is materially worse since")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"score": 0.61}, "drift went from 50% to 61% of the columns"),
        ({"severity": 1.2}, "the columns are further away (weighted PSI 0.75 then, 1.20 now)"),
        ({"lock": DIGEST}, "another version runs now"),
        ({"triggers": (AGE,)}, "age came on top"),
    ],
)
def test_it_comes_back_for_materially_worse_drift(changes: dict[str, Any], why: str) -> None:
    decision = choose(record(**changes), pull("closed"))
    assert decision.step == "propose"
    assert decision.reason.endswith(f"since #7 was closed, {why}")


def test_age_alone_comes_back_only_when_much_older() -> None:
    closed = pull("closed", triggers=["age"], score=0.0, severity=0.0, age=122)
    older = AGE.model_copy(update={"value": 180})
    much_older = AGE.model_copy(update={"value": 190})
    calm = {"score": 0.0, "severity": 0.01}
    assert choose(record(triggers=(older,), **calm), closed).step == "declined"
    assert choose(record(triggers=(much_older,), **calm), closed).step == "propose"


def test_what_the_tool_closed_itself_or_was_merged_does_not_count_as_a_no() -> None:
    assert choose(record(), pull("closed", **{CLOSED_BY_TOOL: "the drift is gone"})).step == "propose"
    assert choose(record(), pull("merged")).step == "propose"


def test_a_snooze_counts_up_to_its_day() -> None:
    snoozed = {"until": "2013-07-31", "why": "The summer schedule ends soon."}
    assert choose(record(), snooze=snoozed) == Decision(
        "snoozed", "snoozed until 2013-07-31: The summer schedule ends soon."
    )
    assert choose(record(), snooze=snoozed | {"until": "2013-07-30"}).step == "propose"
