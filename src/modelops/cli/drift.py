"""`modelops drift`."""

from __future__ import annotations

import json
from datetime import datetime

import click

from modelops.cli.context import chosen, workspace
from modelops.cli.each import each
from modelops.records.drift import ColumnDrift, DriftRecord

SHOWN = 12


@click.command("drift")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day (UTC) of data to look at; yesterday by default, the last complete day.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON lines.")
def command(names: tuple[str, ...], as_of: datetime | None, as_json: bool) -> None:
    """Say which models see other data than they learned from. Exit code 0 either way."""
    from modelops.flow.drift import drift
    from modelops.flow.watched import NotLocked, yesterday

    space = workspace()
    day = as_of.date() if as_of else yesterday()

    def look(name: str) -> None:
        record = drift(space, name, day)
        click.echo(json.dumps(record.model_dump(mode="json")) if as_json else describe(record))

    each(chosen(space, names), names, look, NotLocked)


def describe(record: DriftRecord) -> str:
    """Return what a person reads in a terminal."""
    version = f"version {record.version}, " if record.version else ""
    lines = [f"{record.model} ({version}snapshot {record.snapshot}) as of {record.as_of}: {_verdict(record)}"]
    lines += [f"  {trigger.kind}: {trigger.reason}" for trigger in record.triggers]
    drifted = [one for one in record.columns if one.drifted]
    lines += [f"    {_line(one)}" for one in drifted[:SHOWN]]
    if len(drifted) > SHOWN:
        lines.append(f"    and {len(drifted) - SHOWN} more (--json)")
    lines += [f"  the contract is broken: {finding}" for finding in record.findings]
    if record.report:
        lines.append(f"  report: {record.report}")
    return "\n".join(lines)


def _verdict(record: DriftRecord) -> str:
    if record.score is None:
        return record.note
    action = "a retrain is called for" if record.found else "nothing calls for a retrain"
    return f"{record.score:.0%} of the columns by weight drifted in {record.rows:,} rows; {action}"


def _line(one: ColumnDrift) -> str:
    bounds = "" if one.low is None or one.high is None else f" [{one.low:.2f}, {one.high:.2f}]"
    change = ""
    if one.quantiles_before and one.quantiles_after:
        change = f"  median {one.quantiles_before[1]:.4g} → {one.quantiles_after[1]:.4g}"
    return f"{one.column:<20} importance {one.weight:>4.0%}  PSI {one.psi:.2f}{bounds}{change}"
