"""`modelops package`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.core.digest import short


@click.command("package")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--push", is_flag=True, help="Also build and push the locked version's image, and pin it.")
def command(names: tuple[str, ...], push: bool) -> None:
    """Build models into Bentos."""
    from modelops.flow import image
    from modelops.flow.one import packaged

    space = workspace()
    for name in chosen(space, names):
        if push:
            click.echo(f"{name}: image {space.settings.image(name)}@{image.push(space, name)} is pinned in the lock")
            continue
        result = packaged(space, name)
        done = "nothing to do, " if result.known else ""
        click.echo(f"{name}: {done}Bento {result.record.tag}, content {short(result.record.bento)}")
        if result.record.image is None:
            click.echo(f"  no image was built; build it with: {result.record.image_command}")
