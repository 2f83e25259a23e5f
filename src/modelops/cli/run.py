"""`modelops run`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.core import console
from modelops.core.errors import GatesFailed
from modelops.records.lock import Lock


@click.command("run")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--refresh", is_flag=True, help="Run even if nothing changed, to take over new library versions.")
@click.option("--check-data", is_flag=True, help="Read all data again instead of trusting remembered digests.")
def command(names: tuple[str, ...], refresh: bool, check_data: bool) -> None:
    """Train, evaluate, package and lock, only where something changed."""
    from modelops.flow.run import run

    space = workspace()
    failed = []
    for name in chosen(space, names):
        result = run(space, name, refresh=refresh, check_data=check_data)
        if not result.passed:
            failed.append(name)
            _show_gates(name, result.lock)
        elif result.written:
            click.echo(f"{name}: version {result.lock.version} locked in models/{name}/lock.yaml")
        else:
            click.echo(f"{name}: nothing changed, version {result.lock.version} stays")
    if failed:
        raise GatesFailed(
            f"gates failed: {', '.join(failed)}; models/ is as it was",
            hint=f"the evidence is in .modelops/candidates/{failed[0]}/README.md",
        )


def _show_gates(name: str, lock: Lock) -> None:
    console.note(f"{name}: version {lock.version} was not locked")
    for gate in lock.gates:
        console.note(f"  {gate.status:<15} {gate.gate}: {gate.reason}")
