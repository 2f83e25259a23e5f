"""`modelops leaderboard`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from modelops.cli.context import chosen, workspace
from modelops.core import digest

if TYPE_CHECKING:
    from modelops.flow.leaderboard import Entry


@click.command("leaderboard")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--metric", help="Rank by this metric instead of the first of the spec.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], metric: str | None, as_json: bool) -> None:
    """Rank the versions of a model, each by its own test rows."""
    from modelops.flow.leaderboard import leaderboard
    from modelops.report.text import columns

    space = workspace()
    boards = {name: leaderboard(space, name, metric) for name in chosen(space, names)}
    if as_json:
        plain = {name: [_plain(entry, by) for entry in entries] for name, (by, entries) in boards.items()}
        click.echo(json.dumps(plain, indent=2))
        return
    rows = [
        ["MODEL", "RANK", "VERSION", "SNAPSHOT", "METRIC", "VALUE", "95% INTERVAL", "GATES", "RUNS IN", "SINCE", "LOCK"]
    ]
    for name, (by, entries) in boards.items():
        rows += [[name, str(rank), *_cells(entry, by)] for rank, entry in enumerate(entries, start=1)]
    click.echo(columns(rows), nl=False)


def _cells(entry: Entry, metric: str) -> list[str]:
    from modelops.report.markdown import interval, number

    lock = entry.lock
    found = lock.resolved.metrics.get(metric)
    return [
        str(lock.version),
        lock.resolved.data.snapshot,
        metric,
        number(found.value) if found else "–",
        interval(found.low, found.high) if found else "",
        "hold" if lock.passed else "do not hold",
        ", ".join(entry.runs_in) or "–",
        entry.since[:10] or "not committed",
        digest.short(entry.digest),
    ]


def _plain(entry: Entry, metric: str) -> dict[str, Any]:
    found = entry.lock.resolved.metrics.get(metric)
    return {
        "version": entry.lock.version,
        "snapshot": entry.lock.resolved.data.snapshot,
        "lock": entry.digest,
        "metric": metric,
        "estimate": found.model_dump(mode="json") if found else None,
        "metrics": {name: value.model_dump(mode="json") for name, value in entry.lock.resolved.metrics.items()},
        "passed": entry.lock.passed,
        "runs_in": list(entry.runs_in),
        "since": entry.since or None,
    }
