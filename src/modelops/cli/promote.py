"""`modelops promote`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.cli.moved import show, show_request


@click.command("promote")
@click.argument("name")
@click.option("--to", "environment", metavar="ENV", required=True, help="The environment to move to.")
@click.option("--pull-request", is_flag=True, help="Open a pull request instead of changing this working tree.")
def command(name: str, environment: str, pull_request: bool) -> None:
    """Let an environment run exactly what the one before it runs."""
    from modelops.flow.release import promote

    space = workspace()
    chosen(space, [name])
    if pull_request:
        from modelops.flow.move_request import request

        show_request(request(space, "promote", name, lambda there: promote(there, name, environment)))
    else:
        show(promote(space, name, environment))
