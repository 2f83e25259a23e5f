"""Two versions side by side, as plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from modelops.records.evaluate import Comparison, Estimate
from modelops.records.lock import Lock
from modelops.report.differences import metric_cells, slice_conclusion
from modelops.report.markdown import interval, number, share, signed
from modelops.report.text import columns


def render(names: tuple[str, str], locks: tuple[Lock, Lock], paired: Comparison) -> str:
    """Return what two locks say, what differs in how they were made, and how they do on the same rows.

    Parameters
    ----------
    names
        What to call the two.
    locks
        The older first.
    paired
        The second against the first on rows that neither was trained on, or why there is no such comparison.
    """
    first, second = locks
    rows = [["", *names], *_facts(first, second)]
    rows += [
        [name, _estimate(first.resolved.metrics.get(name)), _estimate(second.resolved.metrics.get(name))]
        for name in dict.fromkeys([*first.resolved.metrics, *second.resolved.metrics])
    ]
    rows += _changed(first.resolved.params, second.resolved.params)
    rows += _changed(first.resolved.environment, second.resolved.environment)
    text = columns(rows)
    if first.resolved.data.digest != second.resolved.data.digest:
        text += "\nThe metrics above are on each version's own test rows: do not compare them with each other.\n"
    return text + "\n" + _paired(paired)


def _facts(first: Lock, second: Lock) -> list[list[str]]:
    facts: dict[str, Callable[[Lock], str]] = {
        "version": lambda lock: str(lock.version),
        "snapshot": lambda lock: lock.resolved.data.snapshot,
        "rows": lambda lock: f"{lock.resolved.data.rows:,}",
        "gates": _gates,
        "model": lambda lock: f"{lock.resolved.model.format}, {lock.resolved.model.bytes:,} bytes",
        "latency p99": lambda lock: f"{number(lock.observed.latency_p99_ms)} ms",
        "looks at most": lambda lock: ", ".join(list(lock.resolved.importance)[:3]),
    }
    return [[title, fact(first), fact(second)] for title, fact in facts.items()]


def _gates(lock: Lock) -> str:
    counted = Counter(gate.status for gate in lock.gates)
    return ", ".join(f"{count} {status}" for status, count in counted.items()) or "none"


def _estimate(found: Estimate | None) -> str:
    if found is None:
        return "–"
    reach = interval(found.low, found.high)
    return number(found.value) + (f" ({reach})" if reach else "")


def _changed(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[list[str]]:
    """Parameters or versions that differ, one row each."""
    keys = [key for key in dict.fromkeys([*first, *second]) if first.get(key) != second.get(key)]
    return [[key, str(first.get(key, "–")), str(second.get(key, "–"))] for key in keys]


def _paired(found: Comparison) -> str:
    if found.undecided:
        return f"On the same rows: no fair comparison. {found.undecided}.\n"
    rows = [["", "first", "second", "difference", "95% interval", ""]]
    rows += [[name, *metric_cells(name, delta)] for name, delta in found.metrics.items()]
    text = f"On the same {found.rows:,} rows that neither was trained on:\n\n{columns(rows)}"
    if found.flips is not None:
        text += f"\nPredicted class changes on {share(found.flips)} of the rows: "
        text += f"{share(found.mended)} become right, {share(found.broken)} become wrong.\n"
    worse = [part for part in found.slices if slice_conclusion(part) == "worse"]
    for part in worse:
        text += f"Worse on {part.column} {part.value}: {part.metric} {signed(part.delta.delta)}"
        text += f" ({interval(part.delta.low, part.delta.high, sign=True)})\n"
    return text
