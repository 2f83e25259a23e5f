"""`modelops render`."""

from __future__ import annotations

import click

from modelops.cli.context import workspace
from modelops.core import console
from modelops.core.errors import ModelopsError


@click.command("render")
@click.option("--check", is_flag=True, help="Write nothing; fail when a rendered file is not up to date.")
def command(check: bool) -> None:
    """Write every rendered file: Argo CD's own objects, and the manifests of all pinned versions."""
    from modelops.release import tree
    from modelops.spec.load import load_all

    space = workspace()
    rendered = tree.render(space.root, space.settings, load_all(space.root))
    for path in rendered.foreign:
        console.warn(f"{path} was not written by modelops and belongs to no model: left alone")
    if not rendered.stale and not rendered.leftover:
        click.echo(f"{len(rendered.texts)} rendered files are up to date")
        return
    if check:
        lines = [f"stale: {path}" for path in rendered.stale] + [f"left over: {path}" for path in rendered.leftover]
        raise ModelopsError("rendered files are not up to date\n  " + "\n  ".join(lines), hint="modelops render")
    tree.write(space.root, rendered)
    for path in rendered.stale:
        click.echo(f"written: {path}")
    for path in rendered.leftover:
        click.echo(f"deleted: {path}")
