"""The model card `models/<model>/README.md`: what a reviewer reads before deciding. Text and tables only, small in git.

It shows no value of a row. Values of sensitive columns never reach the records that it is made of.
"""

from __future__ import annotations

from modelops.core import digest
from modelops.records.evaluate import (
    Comparison,
    Estimate,
    EvaluateRecord,
    FairnessAudit,
    GateResult,
    SliceMetrics,
)
from modelops.records.lock import Lock
from modelops.report.differences import conclusion, heaviest_losses, metric_cells, slice_conclusion
from modelops.report.markdown import code, escape, interval, number, section, share, signed, table
from modelops.spec.evaluation import LOWER_IS_BETTER
from modelops.spec.model import Spec

MOST_SLICES = 8
MOST_COLUMNS = 10
SIGNS = {"passed": "✅", "failed": "❌", "waived": "⚠️", "undecided": "❔", "not applicable": "–"}


def render(spec: Spec, lock: Lock, evaluation: EvaluateRecord) -> str:
    """Return the card of one version.

    Parameters
    ----------
    spec
        The version's spec.
    lock
        What it resolved to.
    evaluation
        The evidence behind it. What was measured on one machine (latency) is taken from the lock, so that the card
        follows from lock and evidence alone.
    """
    name = spec.name
    parts = [
        f"<!-- written by `modelops run {name}`; do not edit: change specs/{name}.yaml and run it again -->\n",
        f"# {name}, version {lock.version}\n\n",
        _summary(spec, lock, evaluation),
        section("Verdict", gates(lock.gates)),
        section("Against the champion", _champion(spec, evaluation.champion)),
        section("Metrics", _metrics(lock, evaluation)),
        section("Slices", _slices(spec, evaluation.slices)),
        section("Fairness", "\n".join(_fairness(audit) for audit in evaluation.fairness)),
        section("What it looks at", _importance(spec, evaluation)),
        section("Training", _training(spec, lock)),
        section("Check it yourself", _check(name)),
    ]
    return "".join(parts).rstrip("\n") + "\n"


def gates(results: tuple[GateResult, ...]) -> str:
    """Return the verdict: every gate with its value, interval, limit and a sentence. Those that stop it come first."""
    if not results:
        return "The spec has no gates: nothing had to hold.\n"
    order = {"failed": 0, "undecided": 1, "waived": 2, "passed": 3, "not applicable": 4}
    rows = [
        [
            f"{SIGNS[gate.status]} {gate.status}" + (" (near miss)" if gate.near else ""),
            escape(gate.gate),
            _value(gate),
            interval(gate.low, gate.high),
            escape(gate.reason),
        ]
        for gate in sorted(results, key=lambda gate: order[gate.status])
    ]
    return table(["", "gate", "value", "95% interval", "why"], rows)


def _value(gate: GateResult) -> str:
    return "" if gate.value is None else number(gate.value)


def _summary(spec: Spec, lock: Lock, evaluation: EvaluateRecord) -> str:
    data = lock.resolved.data
    lines = [escape(spec.description)] if spec.description else []
    verdict_of = lock.gates
    lines.append(f"{_standing(verdict_of)} {_headline(spec, evaluation)}")
    blocks = f" on {evaluation.blocks} {'days' if spec.data.time else 'groups'}" if evaluation.blocks else ""
    lines.append(
        f"Owner: {spec.owner}. Snapshot {code(data.snapshot)}, {data.rows:,} rows"
        + (f" from {data.first} to {data.last}" if data.first else "")
        + f"; judged on {evaluation.test_rows:,} test rows{blocks}."
    )
    return "\n\n".join(lines) + "\n\n"


def _standing(verdict: tuple[GateResult, ...]) -> str:
    """How many gates stop the version, nearly do, or are waived."""
    stops = sum(gate.status in ("failed", "undecided") for gate in verdict)
    near, waived = sum(gate.near for gate in verdict), sum(gate.status == "waived" for gate in verdict)
    text = {0: "**Every gate holds.**", 1: "**One gate stops this version.**"}.get(
        stops, f"**{stops} gates stop this version.**"
    )
    text = "**There are no gates.**" if not verdict else text
    text += f" {near} near miss{'es' * (near > 1)}." if near else ""
    return text + (f" {waived} waived." if waived else "")


def _headline(spec: Spec, evaluation: EvaluateRecord) -> str:
    """The metric that counts, and what became of it since the champion."""
    first = spec.metrics[0]
    found = evaluation.metrics[first]
    if found.value is None:
        return f"{escape(first)} has no value: {escape(found.why)}."
    reach = interval(found.low, found.high)
    text = f"{escape(first)} is {number(found.value)}" + (f" (95%: {reach})." if reach else ".")
    champion = evaluation.champion
    if champion is None or champion.undecided:
        return text
    delta = champion.metrics[first]
    reach = interval(delta.low, delta.high, sign=True)
    word = conclusion(first, delta.low, delta.high)
    text += f" Against version {champion.version}: {word}, {signed(delta.delta)}" + (f" ({reach})." if reach else ".")
    return text + _losses(champion)


def _losses(champion: Comparison) -> str:
    """The slices that a reviewer must not overlook: clearly worse ones, and the heaviest losses, sure or not."""
    worse = [part for part in champion.slices if slice_conclusion(part) == "worse"]
    text = ""
    if worse:
        text = " Worse on " + ", ".join(f"{escape(part.column)} {escape(part.value)}" for part in worse) + "."
    unsure = [part for part in heaviest_losses(champion.slices) if part not in worse]
    if unsure:
        shown = [
            f"{escape(part.column)} {escape(part.value)} {signed(part.delta.delta)}"
            f" ({interval(part.delta.low, part.delta.high, sign=True)}, {part.rows:,} rows)"
            for part in unsure
        ]
        text += f" Largest losses, not shown to be more than chance: {'; '.join(shown)}."
    return text


def _metrics(lock: Lock, evaluation: EvaluateRecord) -> str:
    rows = [
        [
            code(name),
            number(found.value),
            interval(found.low, found.high) or escape(found.why),
            number(evaluation.train_metrics.get(name)),
            "lower is better" if name in LOWER_IS_BETTER else "",
        ]
        for name, found in evaluation.metrics.items()
    ]
    whole = [[code(name), number(found.value), escape(found.why)] for name, found in evaluation.model_metrics.items()]
    whole += [
        [code("latency_p50_ms"), number(lock.observed.latency_p50_ms), "one row, measured where it was evaluated"]
    ]
    whole += [
        [code("latency_p99_ms"), number(lock.observed.latency_p99_ms), "one row, measured where it was evaluated"]
    ]
    return (
        table(["metric", "test", "95% interval", "train", ""], rows)
        + "\n"
        + table(["of the model", "value", ""], whole)
    )


def _champion(spec: Spec, found: Comparison | None) -> str:
    if found is None:
        return "There is no champion yet: comparisons do not apply.\n"
    head = f"Version {found.version} (snapshot {code(found.snapshot)})"
    if found.undecided:
        return f"{head}: no fair comparison. {escape(found.undecided)}.\n"
    rows = [[code(name), *metric_cells(name, delta)] for name, delta in found.metrics.items()]
    text = f"{head}, on the same {found.rows:,} rows that neither was trained on.\n\n"
    text += table(["metric", "champion", "candidate", "difference", "95% interval", ""], rows)
    if found.flips is not None:
        text += (
            f"\nPredicted class changes on {share(found.flips)} of the rows: {share(found.mended)} become right, "
            f"{share(found.broken)} become wrong.\n"
        )
    return text + _slice_deltas(spec.metrics[0], found)


def _slice_deltas(first: str, found: Comparison) -> str:
    """The comparison on each slice, the worst first."""
    parts = [part for part in found.slices if part.metric == first]
    sign = -1 if first in LOWER_IS_BETTER else 1
    parts.sort(key=lambda part: (sign * (part.delta.delta or 0.0), part.column, part.value))
    shown = [
        [
            f"{escape(part.column)} {escape(part.value)}",
            f"{part.rows:,}",
            signed(part.delta.delta),
            interval(part.delta.low, part.delta.high, sign=True),
            slice_conclusion(part),
        ]
        for part in parts[:MOST_SLICES]
    ]
    text = ""
    if shown:
        text = f"\n{code(first)} by slice, the worst first" + _more(len(parts)) + ":\n\n"
        text += table(["slice", "rows", "difference", "95% interval", ""], shown)
        text += "\nEach interval stands alone; the last column is corrected for the number of slices (Holm), and says "
        text += "`perhaps` where only that correction takes the certainty away.\n"
    return text


def _more(count: int) -> str:
    return f" ({MOST_SLICES} of {count})" if count > MOST_SLICES else ""


def _slices(spec: Spec, parts: tuple[SliceMetrics, ...]) -> str:
    first = spec.metrics[0]
    sign = -1 if first in LOWER_IS_BETTER else 1
    text = ""
    for column in dict.fromkeys(part.column for part in parts):
        judged = [part for part in parts if part.column == column and part.metrics]
        folded = sum(part.rows for part in parts if part.column == column and not part.metrics)
        judged.sort(key=lambda part: (sign * (part.metrics[first].value or 0.0), part.value))
        rows = [
            [
                escape(part.value),
                f"{part.rows:,}",
                number(part.metrics[first].value),
                interval(part.metrics[first].low, part.metrics[first].high) or escape(part.metrics[first].why),
            ]
            for part in judged[:MOST_SLICES]
        ]
        if folded:
            rows.append(["(too few rows each)", f"{folded:,}", "", ""])
        if rows:
            text += f"{code(first)} by {code(column)}, the worst first" + _more(len(judged)) + ":\n\n"
            text += table([escape(column), "rows", first, "95% interval"], rows) + "\n"
    return text


def _fairness(audit: FairnessAudit) -> str:
    rows = [
        [escape(group.group), f"{group.rows:,}", share(group.favoured.value), share(group.found.value)]
        for group in audit.groups
    ]
    if audit.folded:
        rows.append(["(too few rows each)", f"{audit.folded:,}", "", ""])
    measures: list[tuple[str, Estimate, str]] = [
        ("demographic parity", audit.demographic_parity, "largest difference of the shares, 0 is even"),
        ("disparate impact", audit.disparate_impact, "smallest ratio of the shares, 1 is even; below 0.8 look closer"),
        ("equal opportunity", audit.equal_opportunity, "largest difference of true positive rates, 0 is even"),
    ]
    lines = [
        [title, number(found.value), interval(found.low, found.high) or escape(found.why), meaning]
        for title, found, meaning in measures
    ]
    return (
        f"{code(audit.column)}, where {code(audit.positive)} is the favourable answer:\n\n"
        + table([escape(audit.column), "rows", "get it", "of those who deserve it"], rows)
        + "\n"
        + table(["measure", "value", "95% interval", ""], lines)
    )


def _importance(spec: Spec, evaluation: EvaluateRecord) -> str:
    if not evaluation.importance:
        return ""
    entries = list(evaluation.importance.items())
    rows = [[code(name), number(value)] for name, value in entries[:MOST_COLUMNS]]
    more = f" ({MOST_COLUMNS} of {len(entries)} columns)" if len(entries) > MOST_COLUMNS else ""
    return f"How much {code(spec.metrics[0])} worsens when a column's values are shuffled{more}:\n\n" + table(
        ["column", "loss"], rows
    )


def _training(spec: Spec, lock: Lock) -> str:
    resolved = lock.resolved
    params = ", ".join(f"{name}={value}" for name, value in sorted(resolved.params.items()))
    rows = [
        ["estimator", code(spec.train.estimator)],
        ["parameters", code(params) if params else "the estimator's own"],
        ["threshold", number(resolved.threshold) if resolved.threshold is not None else ""],
        [
            "model",
            f"{resolved.model.format}, {resolved.model.bytes:,} bytes, {code(digest.short(resolved.model.digest))}",
        ],
        ["rows", code(digest.short(resolved.data.digest))],
        ["platform", code(resolved.platform)],
    ]
    return table(["", ""], [row for row in rows if row[1]])


def _check(name: str) -> str:
    return (
        f"`modelops verify {name}` trains this version again and compares every figure; "
        f"`modelops compare {name}` puts two versions side by side. Charts are in the run's own report, "
        f"`.modelops/reports/{name}/evaluation.html`, and in MLflow.\n"
    )
