"""`modelops set`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.core.errors import ModelopsError


@click.command("set")
@click.argument("name")
@click.argument("assignments", nargs=-1, required=True, metavar="KEY=VALUE...")
def command(name: str, assignments: tuple[str, ...]) -> None:
    """Change values of a spec in place, for example data.snapshot=2013-06-30.

    Comments, order, quoting and line ends stay. Nothing is written when the result would not validate.
    """
    from modelops.core.files import write_atomic
    from modelops.spec.change import change

    space = workspace()
    [model] = chosen(space, [name])
    path = space.spec_path(model)
    pairs = [assignment.partition("=") for assignment in assignments]
    for key, sign, _ in pairs:
        if not sign or not key:
            raise ModelopsError(f'"{key}" sets nothing', hint="write KEY=VALUE, for example data.snapshot=2013-06-30")
    before = path.read_bytes()
    after = change(before, f"specs/{model}.yaml", [(key, value) for key, _, value in pairs], space.root)
    changed = write_atomic(path, after)
    click.echo(f"specs/{model}.yaml: {'changed' if changed else 'unchanged'}")
