"""`modelops train`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.core.digest import short


@click.command("train")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def command(names: tuple[str, ...]) -> None:
    """Fit and export models. Does nothing for one that is trained already; writes no lock."""
    from modelops.flow.one import trained

    space = workspace()
    for name in chosen(space, names):
        result = trained(space, name)
        done = "nothing to do, " if result.known else ""
        model = result.record.model
        click.echo(
            f"{name}: {done}{model.format} model {short(model.digest)}, {model.bytes:,} bytes, "
            f"parity {model.parity:.1e}, {result.record.train_rows:,} training rows"
        )
