"""Gates: conditions on evidence, each answered with a value, a limit and a sentence.

Limits (`min`, `max`) judge the value. On slices a limit is broken only by a slice that is beyond it with confidence
after correction for how many slices there are, because among many slices some lie beyond any limit by chance.
Comparisons with the champion ask the candidate to prove that it is not worse by more than the margin: the lower bound
of the two-sided 95% interval of the paired difference must not lie below it, a one-sided test at 2.5%.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from modelops.evaluate import slices
from modelops.evaluate.comparison import Outcome
from modelops.evaluate.estimates import Difference, Measured, better, figure
from modelops.records.evaluate import GateResult, GateStatus
from modelops.spec.evaluation import FAIRNESS_METRICS, MEASURED_METRICS, Gate

CONFIDENCE = 0.05


@dataclass(frozen=True)
class Evidence:
    """What gates read.

    Attributes
    ----------
    overall
        Metrics on the test rows, and of the model as a whole, by name.
    by_slice
        Column to its judged slices: value, metrics.
    outcome
        The comparison, None without a champion.
    fairness
        Audited column to its measures by name.
    """

    overall: dict[str, Measured]
    by_slice: dict[str, list[tuple[str, dict[str, Measured]]]]
    outcome: Outcome | None
    fairness: dict[str, dict[str, Measured]] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A gate's answer before any waiver."""

    status: GateStatus
    reason: str
    limit: float | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    near: bool = False


def judge(gates: Sequence[Gate], evidence: Evidence, today: date) -> tuple[GateResult, ...]:
    """Answer every gate, in the order of the spec.

    Parameters
    ----------
    gates
        From the spec.
    evidence
        What was measured.
    today
        The day (UTC) on which waivers must still hold.
    """
    return tuple(_waived(gate, _answer(gate, evidence), today) for gate in gates)


def measured(gate: Gate) -> bool:
    """Return whether a gate's value differs from run to run, because it is a measurement of this machine."""
    return gate.metric in MEASURED_METRICS


def describe(gate: Gate) -> str:
    """Return a gate as a short text."""
    where = f" on each {gate.slice}" if gate.slice else ""
    if gate.against:
        by = f" by more than {_number(gate.margin)}" if gate.margin else ""
        return f"{gate.metric} not worse than the {gate.against}{by}{where}"
    limits = [f"at least {_number(gate.min)}"] if gate.min is not None else []
    limits += [f"at most {_number(gate.max)}"] if gate.max is not None else []
    return f"{gate.metric} {' and '.join(limits)}{where}"


def active(gate: Gate, today: date) -> bool:
    """Return whether somebody answers for the gate today."""
    return gate.waive is not None and today <= gate.waive.until


def _answer(gate: Gate, evidence: Evidence) -> Answer:
    if gate.against:
        return _against_slices(gate, evidence) if gate.slice else _against(gate, evidence)
    if gate.metric in FAIRNESS_METRICS:
        return _fair(gate, evidence)
    return _on_slices(gate, gate.slice, evidence) if gate.slice else _limit(gate, evidence.overall.get(gate.metric))


def _waived(gate: Gate, answer: Answer, today: date) -> GateResult:
    status, reason = answer.status, answer.reason
    if gate.waive is not None and status in ("failed", "undecided"):
        if active(gate, today):
            reason = f"{reason} Waived until {gate.waive.until} by {gate.waive.by}: {gate.waive.why}"
            status = "waived"
        else:
            reason = f"{reason} The waiver by {gate.waive.by} ended on {gate.waive.until}."
    return GateResult(
        gate=describe(gate),
        metric=gate.metric,
        slice=gate.slice,
        status=status,
        value=figure(answer.value),
        low=figure(answer.low),
        high=figure(answer.high),
        limit=answer.limit,
        reason=reason,
        near=answer.near,
    )


def _fair(gate: Gate, evidence: Evidence) -> Answer:
    """Judge a fairness measure on one audited column, or on all of them: the worst answer counts."""
    order = ("failed", "undecided", "passed")
    columns = [gate.slice] if gate.slice else list(evidence.fairness)
    answers = [(column, _limit(gate, evidence.fairness.get(column, {}).get(gate.metric))) for column in columns]
    if not answers:
        return _limit(gate, None)
    column, worst = min(answers, key=lambda entry: order.index(entry[1].status))
    return replace(worst, reason=f"Between groups of {column}: {worst.reason}")


def _limit(gate: Gate, found: Measured | None) -> Answer:
    bound = gate.min if gate.min is not None else gate.max
    if found is None or found.value is None:
        why = found.why if found is not None else "it was not measured"
        return Answer("undecided", f"{gate.metric} has no value: {why}.", bound)
    low, high = found.spread.interval() if found.spread is not None else (None, None)
    value = found.value
    under = gate.min is not None and value < gate.min
    over = gate.max is not None and value > gate.max
    bound = gate.max if over or gate.min is None else gate.min
    if under or over:
        chance = _reaches(gate, low, high, inside=True)
        hint = " Its interval reaches the limit, so more rows may decide otherwise." if chance else ""
        word = "below" if under else "above"
        return Answer("failed", f"{_number(value)} is {word} {_number(bound)}.{hint}", bound, value, low, high)
    near = _reaches(gate, low, high, inside=False)
    hint = " Near miss: its interval reaches beyond the limit." if near else ""
    return Answer("passed", f"{_number(value)} is within the limit.{hint}", bound, value, low, high, near)


def _reaches(gate: Gate, low: float | None, high: float | None, *, inside: bool) -> bool:
    """Whether an interval has a part inside the limits, or a part outside them."""
    if low is None or high is None:
        return False
    if inside:
        return (gate.min is None or high >= gate.min) and (gate.max is None or low <= gate.max)
    return (gate.min is not None and low < gate.min) or (gate.max is not None and high > gate.max)


def _on_slices(gate: Gate, column: str, evidence: Evidence) -> Answer:
    bound = gate.min if gate.min is not None else gate.max
    entries = [(value, found[gate.metric]) for value, found in evidence.by_slice.get(column, [])]
    known = [(value, found) for value, found in entries if found.value is not None and found.spread is not None]
    silent = _unjudged(
        column, [(value, found.why) for value, found in entries if found.value is None or not found.spread]
    )
    if not known:
        return Answer("undecided", f"No value of {column} has enough rows to judge {gate.metric}.{silent}", bound)
    p_values = slices.holm([_p_broken(gate, found) for _, found in known])
    worst = min(range(len(known)), key=lambda place: _slack(gate, known[place][1].value))
    value, found = known[worst]
    low, high = found.spread.interval() if found.spread else (None, None)
    broken = [name for (name, _), p in zip(known, p_values, strict=True) if p < CONFIDENCE]
    beyond = [name for name, entry in known if _slack(gate, entry.value) < 0 and name not in broken]
    where = f"{column} {value} is the worst of {len(known)} at {_number(found.value)}"
    if broken:
        proof = f"beyond the limit with confidence (Holm over {len(known)}): {', '.join(broken)}"
        return Answer("failed", f"{where}; {proof}.{silent}", bound, found.value, low, high)
    if beyond:
        chance = f"Near miss: {', '.join(beyond)} beyond the limit, but no more than chance explains"
        return Answer(
            "passed", f"{where}. {chance} (Holm over {len(known)}).{silent}", bound, found.value, low, high, near=True
        )
    near = _reaches(gate, low, high, inside=False)
    hint = " Near miss: its interval reaches beyond the limit." if near else ""
    return Answer("passed", f"{where}, within the limit.{hint}{silent}", bound, found.value, low, high, near)


def _unjudged(column: str, entries: list[tuple[str, str]]) -> str:
    if not entries:
        return ""
    name, why = entries[0]
    rest = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    return f" Not judged: {column} {name}{rest}: {why}."


def _slack(gate: Gate, value: float | None) -> float:
    """How far a value is inside the nearest limit; negative outside."""
    room = [] if gate.min is None or value is None else [value - gate.min]
    room += [] if gate.max is None or value is None else [gate.max - value]
    return min(room)


def _p_broken(gate: Gate, found: Measured) -> float:
    """The p-value of the hypothesis that the gate's limit holds."""
    if found.spread is None:
        return 1.0
    p_values = [] if gate.min is None else [found.spread.p_at_least(gate.min)]
    p_values += [] if gate.max is None else [found.spread.p_at_most(gate.max)]
    return min(1.0, len(p_values) * min(p_values))


def _against(gate: Gate, evidence: Evidence) -> Answer:
    found = _compared(gate, evidence)
    if isinstance(found, Answer):
        return found
    difference = found[0]
    gain, unit = difference.gain, -better(gate.metric)
    limit = unit * gate.margin or 0.0
    if gain.value is None or gain.spread is None:
        return Answer("undecided", f"{gate.metric} cannot be compared: {gain.why}.", limit)
    delta = difference.delta(better(gate.metric))
    worst = gain.spread.interval()[0]
    values = f"{_number(difference.candidate)} against {_number(difference.champion)}"
    if figure(worst + gate.margin) is not None and worst >= -gate.margin - 1e-12:
        near = gain.value < 0
        sure = "better, with confidence" if worst > 0 else "not worse by more than the margin, with confidence"
        hint = " Near miss: the value itself is worse." if near else ""
        return Answer("passed", f"{values}: {sure}.{hint}", limit, delta.delta, delta.low, delta.high, near)
    sure = (
        "worse by more than the margin, with confidence"
        if gain.spread.interval()[1] < -gate.margin
        else (f"not shown to be within the margin: it may be worse by {_number(-worst)}")
    )
    return Answer("failed", f"{values}: {sure}.", limit, delta.delta, delta.low, delta.high)


def _compared(gate: Gate, evidence: Evidence) -> Answer | list[Difference]:
    """The difference to judge, or the answer when there is none."""
    limit = -better(gate.metric) * gate.margin or 0.0
    if evidence.outcome is None:
        return Answer("not applicable", "There is no champion to compare with.", limit)
    if evidence.outcome.record.undecided:
        return Answer("undecided", f"No fair comparison: {evidence.outcome.record.undecided}.", limit)
    return [evidence.outcome.overall[gate.metric]]


def _against_slices(gate: Gate, evidence: Evidence) -> Answer:
    overall = _compared(gate, evidence)
    if isinstance(overall, Answer):
        return overall
    limit = -better(gate.metric) * gate.margin or 0.0
    assert evidence.outcome is not None and gate.slice is not None  # noqa: S101, PT018 - _compared and the caller say so
    entries = [(value, found[gate.metric]) for value, _, found in evidence.outcome.by_slice.get(gate.slice, [])]
    known = [(value, found, found.gain.spread) for value, found in entries if found.gain.spread is not None]
    silent = _unjudged(gate.slice, [(value, found.gain.why) for value, found in entries if found.gain.spread is None])
    if not known:
        return Answer("undecided", f"No value of {gate.slice} has enough rows to compare {gate.metric}.{silent}", limit)
    p_values = slices.holm([spread.p_at_least(-gate.margin) for _, _, spread in known])
    name, found, _ = min(known, key=lambda entry: entry[2].value)
    delta = found.delta(better(gate.metric))
    worse = [value for (value, _, _), p in zip(known, p_values, strict=True) if p < CONFIDENCE]
    beyond = [value for value, _, spread in known if spread.value < -gate.margin and value not in worse]
    values = f"{_number(found.candidate)} against {_number(found.champion)}"
    where = f"{gate.slice} {name} is the worst of {len(known)}: {values}"
    status: GateStatus = "failed" if worse else "passed"
    if worse:
        where += f"; worse by more than the margin with confidence (Holm over {len(known)}): {', '.join(worse)}"
    elif beyond:
        chance = f"beyond the margin, but no more than chance explains (Holm over {len(known)})"
        where += f". Near miss: {', '.join(beyond)} {chance}"
    return Answer(status, f"{where}.{silent}", limit, delta.delta, delta.low, delta.high, bool(beyond) and not worse)


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4g}"
