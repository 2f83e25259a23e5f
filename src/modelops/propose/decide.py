"""What to do about a model's proposal: one pure decision from evidence, pull request and branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from modelops.core.forge import PullRequest
from modelops.records.drift import DriftRecord
from modelops.spec.operation import Monitor

Step = Literal["propose", "close", "unchanged", "declined", "left alone", "snoozed", "quiet"]
# Evidence is materially worse than what somebody said no to from these on.
WORSE_SCORE = 0.1
WORSE_FACTOR = 1.5
# Who closed a pull request: without this mark, a person did.
CLOSED_BY_TOOL = "closed_because"


@dataclass(frozen=True)
class Decision:
    """What to do, and why, as a sentence."""

    step: Step
    reason: str


def decide(
    record: DriftRecord, monitor: Monitor, pull: PullRequest | None, evidence: str, *, foreign: bool, as_of: date
) -> Decision:
    """Return what to do.

    Parameters
    ----------
    record : DriftRecord
        What the newest rows say.
    monitor : Monitor
        The spec's policy.
    pull : PullRequest or None
        The model's open proposal, else its newest one.
    evidence : str
        Digest of everything a new proposal would be made from.
    foreign : bool
        Whether somebody else pushed to the proposal's branch.
    as_of : date
        The day that is looked at.
    """
    is_open = pull is not None and pull.state == "open"
    if monitor.snooze and as_of <= monitor.snooze.until:
        return Decision("snoozed", f"snoozed until {monitor.snooze.until.isoformat()}: {monitor.snooze.why}")
    if record.found and record.rows == 0:
        return Decision("quiet", f"{_reasons(record)}; {record.note}, so there is nothing to train on")
    if not record.found:
        return _without_drift(record, pull, foreign=foreign)
    if foreign:
        return Decision("left alone", "somebody pushed to its branch: what is there is theirs")
    if pull is not None and is_open and pull.metadata.get("evidence") == evidence:
        return Decision("unchanged", "the open pull request shows this evidence already")
    if pull is not None and pull.state == "closed" and CLOSED_BY_TOOL not in pull.metadata:
        worse = materially_worse(record, pull.metadata)
        if not worse:
            return Decision("declined", f"#{pull.number} was closed, and nothing is materially worse since")
        return Decision("propose", f"{_reasons(record)}; since #{pull.number} was closed, {worse}")
    return Decision("propose", _reasons(record))


def _without_drift(record: DriftRecord, pull: PullRequest | None, *, foreign: bool) -> Decision:
    if record.score is None:
        return Decision("quiet", record.note)
    if pull is None or pull.state != "open":
        return Decision("quiet", f"nothing asks for a retrain: {record.score:.0%} of the columns drifted")
    if foreign:
        return Decision("left alone", "the drift is gone, but somebody pushed to its branch")
    return Decision("close", f"the drift is gone as of {record.as_of}: {record.score:.0%} of the columns drifted")


def _reasons(record: DriftRecord) -> str:
    return "; ".join(trigger.reason for trigger in record.triggers)


def materially_worse(record: DriftRecord, then: Mapping[str, Any]) -> str:
    """Return in what the evidence is materially worse than a closed proposal's, empty when in nothing.

    Parameters
    ----------
    then : mapping
        The closed pull request's metadata.
    """
    now = {trigger.kind: trigger for trigger in record.triggers}
    new = [kind for kind in now if kind not in then.get("triggers", [])]
    if new:
        return f"{' and '.join(new)} came on top"
    if then.get("lock") != record.lock:
        return "another version runs now"
    age = float(then.get("age") or 0.0)
    if "age" in now and now["age"].value >= age * WORSE_FACTOR:
        return f"the snapshot aged from {age:g} to {now['age'].value:g} days"
    return _further_away(record, then) if set(now) - {"age"} else ""


def _further_away(record: DriftRecord, then: Mapping[str, Any]) -> str:
    score, before = record.score or 0.0, float(then.get("score") or 0.0)
    if score >= before + WORSE_SCORE:
        return f"drift went from {before:.0%} to {score:.0%} of the columns"
    severity = float(then.get("severity") or 0.0)
    if record.severity >= severity * WORSE_FACTOR:
        return f"the columns are further away (weighted PSI {severity:.2f} then, {record.severity:.2f} now)"
    return ""
