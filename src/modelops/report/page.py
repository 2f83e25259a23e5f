"""The evaluation report beside a run: one self-contained HTML page with charts, for people and for MLflow."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from modelops.core.files import write_atomic
from modelops.core.store import Store
from modelops.records.evaluate import Estimate, EvaluateRecord, GateResult
from modelops.records.lock import Lock
from modelops.report import plots
from modelops.report.card import SIGNS
from modelops.report.differences import metric_cells
from modelops.report.markdown import interval, number, share
from modelops.spec.model import Spec

NAME = "evaluation.html"
STYLE = """
:root { color-scheme: light dark; --ink: #111827; --faint: #9ca3af; --paper: #ffffff; --line: #e5e7eb }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --faint: #6b7280; --paper: #111827; --line: #374151 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 68rem;
  margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid var(--line) }
figure { display: inline-block; margin: .5rem; vertical-align: top } figcaption { font-weight: 600 }
svg { max-width: 100%; height: auto } svg text { fill: var(--ink); font-size: 11px }
.grid { stroke: var(--line) } .guide { stroke: var(--faint); stroke-dasharray: 4 3; fill: none }
"""


def write(folder: Path, spec: Spec, lock: Lock, evaluation: EvaluateRecord, store: Store) -> list[Path]:
    """Write the report of one run and return its files.

    Parameters
    ----------
    folder
        For example `.modelops/reports/<model>`.
    spec, lock, evaluation
        The run.
    store
        Where the predictions of the test rows are kept.
    """
    path = folder / NAME
    write_atomic(path, render(spec, lock, evaluation, plots.read(store, evaluation)))
    return [path]


def render(spec: Spec, lock: Lock, evaluation: EvaluateRecord, kept: plots.Kept) -> str:
    """Return the report as one HTML page that loads nothing."""
    metric = spec.metrics[0]
    title = f"{spec.name}, version {lock.version}: evaluation"
    body = [
        f"<h1>{_text(title)}</h1>",
        f"<p>{_text(spec.description)}</p>" if spec.description else "",
        f"<p>Snapshot {_text(lock.resolved.data.snapshot)}; {evaluation.test_rows:,} test rows.</p>",
        "<h2>Verdict</h2>",
        _verdict((*lock.resolved.verdict.gates, *lock.observed.gates)),
        "<h2>Metrics</h2>",
        _metrics(evaluation),
        *_comparison(evaluation),
        "<h2>Charts</h2>",
        *plots.charts(spec.train.task, metric, kept, evaluation),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_text(title)}</title>'
    page = "\n".join(part for part in body if part)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{page}\n</body></html>\n'
    )


def _verdict(gates: Sequence[GateResult]) -> str:
    rows = [
        [
            f"{SIGNS[gate.status]} {gate.status}{' (near miss)' if gate.near else ''}",
            gate.gate,
            number(gate.value),
            interval(gate.low, gate.high),
            gate.reason,
        ]
        for gate in gates
    ]
    return _table(["", "gate", "value", "95% interval", "why"], rows) if rows else "<p>The spec has no gates.</p>"


def _metrics(evaluation: EvaluateRecord) -> str:
    rows = [
        [name, number(found.value), _reach(found), number(evaluation.train_metrics.get(name))]
        for name, found in evaluation.metrics.items()
    ]
    return _table(["metric", "test", "95% interval", "train"], rows)


def _reach(found: Estimate) -> str:
    return interval(found.low, found.high) or found.why


def _comparison(evaluation: EvaluateRecord) -> list[str]:
    champion = evaluation.champion
    if champion is None:
        return []
    head = f"<h2>Against version {champion.version}</h2>"
    if champion.undecided:
        return [head, f"<p>No fair comparison: {_text(champion.undecided)}.</p>"]
    rows = [[name, *metric_cells(name, delta)] for name, delta in champion.metrics.items()]
    parts = [
        head,
        f"<p>On the same {champion.rows:,} rows that neither was trained on.</p>",
        _table(["metric", "champion", "candidate", "difference", "95% interval", ""], rows),
    ]
    if champion.flips is not None:
        outcome = f"{share(champion.mended)} become right, {share(champion.broken)} become wrong"
        parts.append(f"<p>Predicted class changes on {share(champion.flips)} of the rows: {outcome}.</p>")
    if evaluation.flipped:
        flips = [[flip.key, flip.truth, flip.champion, flip.candidate] for flip in evaluation.flipped]
        parts.append(_table(["row", "truth", "champion", "candidate"], flips))
    return parts


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(cell)}</th>" for cell in header)
    lines = ["<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _text(text: str) -> str:
    return html.escape(text)
