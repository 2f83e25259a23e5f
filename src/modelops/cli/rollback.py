"""`modelops rollback`."""

from __future__ import annotations

import click

from modelops.cli.context import chosen, workspace
from modelops.cli.moved import show, show_request


@click.command("rollback")
@click.argument("name")
@click.option("--in", "environment", metavar="ENV", required=True, help="The environment.")
@click.option("--version", type=int, metavar="N", help="A version that ran there once; the one before by default.")
@click.option("--pull-request", is_flag=True, help="Open a pull request instead of changing this working tree.")
def command(name: str, environment: str, version: int | None, pull_request: bool) -> None:
    """Let an environment run what it ran before."""
    from modelops.flow.release import rollback

    space = workspace()
    chosen(space, [name])
    if pull_request:
        from modelops.flow.move_request import request

        show_request(request(space, "rollback", name, lambda there: rollback(there, name, environment, version)))
    else:
        show(rollback(space, name, environment, version))
