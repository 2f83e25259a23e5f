"""Champion against candidate: the headline, the metrics, the slices that got worse, the gates."""

from __future__ import annotations

from modelops.propose.case import Case
from modelops.propose.words import capital, difference, gain, judge, listed, name, score, span, value
from modelops.records.evaluate import Comparison, GateResult, SliceDelta, holds
from modelops.report.markdown import code, escape, number, section, share, table
from modelops.spec.evaluation import Gate

SHOWN = 10
SHOWN_GATES = 30
HEADLINES = {
    "better": "**The candidate is better.**",
    "worse": "**The candidate is worse.**",
    "unclear": "**No clear difference.**",
}


def fair(case: Case) -> Comparison | None:
    """Return the comparison where there was one."""
    comparison = case.candidate.resolved.champion
    return None if comparison is None or comparison.undecided else comparison


def headline(case: Case) -> str:
    """Return one paragraph on whether the candidate is better."""
    metric = case.spec.metrics[0]
    comparison = fair(case)
    delta = comparison.metrics.get(metric) if comparison else None
    if comparison is None or delta is None:
        undecided = case.candidate.resolved.champion.undecided if case.candidate.resolved.champion else ""
        why = f": {escape(undecided)}" if undecided else ""
        return f"**The candidate could not be compared with the champion**{why}."
    bounds = span(delta.low, delta.high)
    return (
        f"{HEADLINES[judge(metric, delta.low, delta.high)]} {capital(name(metric))} {score(delta.candidate)} against "
        f"{score(delta.champion)} on the same {comparison.rows:,} rows: {difference(delta.delta)}"
        + (f" (95% interval {bounds})." if bounds else ".")
    )


def outcome(case: Case) -> str:
    """Return one paragraph on the gates and on what a merge does."""
    gates_ = all_gates(case)
    failed = [gate for gate in gates_ if not holds(gate)]
    if failed:
        names = listed([code(gate.gate) for gate in failed])
        text = f"> [!CAUTION]\n> **Not mergeable**: {names} failed. This pull request is evidence, not a release."
        return text + "".join(f"\n> {line}" for line in harder(case))
    waived = [gate for gate in gates_ if gate.status == "waived"]
    held = _held(len(gates_)) + (f" ({len(waived)} waived)." if waived else ".")
    if case.environment:
        return f"{held} Merging moves **{case.environment}** to version {case.candidate.version}."
    return f"{held} Merging moves no environment yet: {escape(case.refusal)}."


def harder(case: Case) -> list[str]:
    """Return a sentence for each limit that both miss on these rows: then the rows are harder, not the model worse."""
    found = fair(case)
    lines = []
    for gate in case.spec.evaluate.gates:
        delta = found.metrics.get(gate.metric) if found else None
        if delta is None or gate.slice is not None or gate.against is not None:
            continue
        limit = _missed(gate, delta.champion)
        if limit is not None and _missed(gate, delta.candidate) is not None:
            lines.append(
                f"The champion misses the limit of {number(limit)} on these rows, too: "
                f"its {name(gate.metric)} is {score(delta.champion)}. The rows are harder than when it was accepted."
            )
    return lines


def _missed(gate: Gate, value: float | None) -> float | None:
    """Return the limit of a gate that a value is past, None for none."""
    if value is None:
        return None
    if gate.min is not None and value < gate.min:
        return gate.min
    return gate.max if gate.max is not None and value > gate.max else None


def _held(count: int) -> str:
    return {0: "The spec names no gate", 1: "The gate holds"}.get(count, f"All {count} gates hold")


def all_gates(case: Case) -> tuple[GateResult, ...]:
    """Return the gates on evidence and on measurements."""
    return case.candidate.gates


def comparison(case: Case) -> str:
    """Return the metrics side by side, with flips."""
    found = fair(case)
    if found is None:
        return ""
    champion = f"champion, version {found.version} ({escape(found.snapshot)})"
    candidate = f"candidate, version {case.candidate.version} ({escape(case.spec.data.snapshot)})"
    rows = [
        [
            name(metric),
            score(delta.champion),
            score(delta.candidate),
            difference(delta.delta),
            span(delta.low, delta.high),
            {"better": "better", "worse": "**worse**"}.get(judge(metric, delta.low, delta.high), ""),
        ]
        for metric, delta in found.metrics.items()
    ]
    text = f"On the same {found.rows:,} rows, none of which either was trained on.\n\n"
    text += table(["", champion, candidate, "difference", "95% interval", ""], rows)
    return section("Champion against candidate", text + "\n" + flips(found))


def flips(found: Comparison) -> str:
    """Return how many answers change."""
    if found.flips is None:
        return ""
    text = f"{share(found.flips)} of the rows get another answer"
    if found.mended is not None and found.broken is not None:
        text += f": {share(found.mended)} that only the candidate gets right, {share(found.broken)} only the champion"
    return text + ".\n"


def slices(case: Case) -> str:
    """Return the slices that got worse, the worst first."""
    found = fair(case)
    if found is None or not found.slices:
        return ""
    metric = case.spec.metrics[0]
    judged = [one for one in found.slices if one.metric == metric and one.delta.delta is not None]
    worse = sorted((one for one in judged if _loss(one) > 0), key=lambda one: (-_loss(one), one.column, one.value))
    clearly = sum(judge(metric, one.delta.low, one.delta.high) == "worse" for one in worse)
    if not worse:
        return section("Slices that got worse", f"None of {len(judged)} has a worse value.")
    text = f"{len(worse)} of {len(judged)} by {name(metric)}, {clearly or 'none'} of them clearly.\n\n"
    header = ["slice", "rows", "champion", "candidate", "difference", "95% interval"]
    text += table(header, [_slice_row(case, one) for one in worse[:SHOWN]])
    if len(worse) > SHOWN:
        text += f"\n{len(worse) - SHOWN} more are in the model card.\n"
    return section("Slices that got worse", text)


def _loss(one: SliceDelta) -> float:
    return -gain(one.metric, one.delta.delta or 0.0)


def _slice_row(case: Case, one: SliceDelta) -> list[str]:
    shown = "(sensitive)" if case.hides(one.column) else value(one.value)
    delta = one.delta
    return [
        f"{code(one.column)} = {shown}",
        f"{one.rows:,}",
        score(delta.champion),
        score(delta.candidate),
        difference(delta.delta),
        span(delta.low, delta.high),
    ]


def gates(case: Case) -> str:
    """Return every gate with its evidence, failed ones first."""
    ordered = sorted(all_gates(case), key=holds)
    if not ordered:
        return section("Gates", "The spec names none.")
    text = table(["gate", "status", "why"], [_gate_row(case, gate) for gate in ordered[:SHOWN_GATES]])
    if len(ordered) > SHOWN_GATES:
        text += f"\n{len(ordered) - SHOWN_GATES} more are in the lock.\n"
    return section("Gates", text)


def _gate_row(case: Case, gate: GateResult) -> list[str]:
    status = gate.status if gate.status == "passed" else f"**{gate.status}**"
    # The sentence may name a slice by its value.
    reason = "its slices are sensitive" if case.hides(gate.slice) else escape(gate.reason)
    return [code(gate.gate), status, reason]
