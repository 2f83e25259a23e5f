"""`modelops release`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.cli.moved import show, show_request


@click.command("release")
@click.argument("name")
@click.option("--to", "environment", metavar="ENV", help="The environment; the model's first one by default.")
@click.option("--pull-request", is_flag=True, help="Open a pull request instead of changing this working tree.")
def command(name: str, environment: str | None, pull_request: bool) -> None:
    """Let an environment run the locked version."""
    from modelops.flow.release import release

    space = workspace()
    chosen(space, [name])
    if pull_request:
        from modelops.flow.move_request import request

        show_request(request(space, "release", name, lambda there: release(there, name, environment)))
    else:
        show(release(space, name, environment))
