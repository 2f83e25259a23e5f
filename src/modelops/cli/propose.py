"""`modelops propose`."""

from __future__ import annotations

import json
from datetime import datetime

import click

from modelops.cli.context import chosen, workspace
from modelops.cli.each import each
from modelops.core import console
from modelops.records.proposal import Proposal


@click.command("propose")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day (UTC) of data, and the snapshot to propose; yesterday by default, the last complete day.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as JSON lines.")
def command(names: tuple[str, ...], as_of: datetime | None, as_json: bool) -> None:
    """Open, update or close retrain pull requests. Works in a tree of its own, from origin's default branch."""
    from modelops.flow.propose import propose
    from modelops.flow.watched import NotLocked, yesterday

    space = workspace()
    day = as_of.date() if as_of else yesterday()

    each(chosen(space, names), names, lambda name: _tell(propose(space, name, day), as_json=as_json), NotLocked)


def _tell(proposal: Proposal, *, as_json: bool) -> None:
    click.echo(json.dumps(proposal.model_dump(mode="json")) if as_json else describe(proposal))
    if proposal.outcome in ("opened", "updated"):
        console.summary(f"- {describe(proposal)}")


def describe(proposal: Proposal) -> str:
    """Return what a person reads in a terminal."""
    gates = {True: "", False: ", gates FAILED", None: ""}[proposal.passed]
    place = f" pull request #{proposal.number}" if proposal.number and proposal.outcome != "quiet" else ""
    address = f"\n  {proposal.url}" if proposal.url and proposal.outcome in ("opened", "updated", "unchanged") else ""
    return f"{proposal.model}: {proposal.outcome}{place}{gates}: {proposal.reason}{address}"
