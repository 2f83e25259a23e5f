"""`modelops new`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from modelops.cli.context import workspace


@click.command("new")
@click.argument("name")
@click.option("--data", required=True, metavar="FILE", help="CSV, Parquet or JSON lines, or a glob in quotes.")
@click.option("--target", required=True, metavar="COLUMN", help="The column to predict.")
@click.option("--time", metavar="COLUMN", help="When a row happened: the newest rows become the test rows.")
@click.option("--key", "keys", multiple=True, metavar="COLUMN", help="Names a row; several times for several columns.")
@click.option("--task", type=click.Choice(["classification", "regression"]), help="By default, as the target looks.")
@click.option("--owner", metavar="@TEAM", help="Who answers for the model. [default: from CODEOWNERS]")
def command(
    name: str,
    data: str,
    target: str,
    time: str | None,
    keys: tuple[str, ...],
    task: Literal["classification", "regression"] | None,
    owner: str | None,
) -> None:
    """Write a valid first spec from a data file, with types, ranges, categories and first gates."""
    from modelops.core.console import note
    from modelops.flow.new import Wish, new

    space = workspace()
    path, choice = new(space, Wish(name, data, target, time, keys, task, owner), Path.cwd())
    click.echo(
        f"{path.relative_to(space.root)}: {choice.task} of {choice.target.name}, {len(choice.features)} features"
    )
    for column, reason in choice.left_out.items():
        click.echo(f"  left out: {column} ({reason})")
    for value in choice.rare:
        note(f'  "{value}" is the answer in very few rows: too few to learn from and to test on')
    click.echo(f"next: modelops run {name}")
