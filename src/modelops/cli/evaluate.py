"""`modelops evaluate`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.core.errors import GatesFailed


@click.command("evaluate")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def command(names: tuple[str, ...]) -> None:
    """Judge models: metrics with intervals, comparison with the champion, gates. Writes no lock."""
    from modelops.flow.one import evaluated

    space = workspace()
    failed = []
    for name in chosen(space, names):
        result = evaluated(space, name)
        click.echo(
            f"{name}: {'nothing to do, ' if result.known else ''}gates {'passed' if result.record.passed else 'failed'}"
        )
        for metric, estimate in result.record.metrics.items():
            interval = "" if estimate.low is None else f"  [{estimate.low:.4g}, {estimate.high:.4g}]"
            value = estimate.why if estimate.value is None else f"{estimate.value:.4g}"
            click.echo(f"  {metric:<24} {value}{interval}")
        for gate in (*result.record.gates, *result.record.measured_gates):
            click.echo(f"  {gate.status:<15} {gate.gate}: {gate.reason}")
        if not result.record.passed:
            failed.append(name)
    if failed:
        raise GatesFailed(f"gates failed: {', '.join(failed)}")
