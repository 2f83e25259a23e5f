"""`modelops sync`."""

from __future__ import annotations

import click

from modelops.cli.context import workspace


@click.command("sync")
def command() -> None:
    """Send runs that were logged while the tracking server was away, and let `champion` name what runs now."""
    from modelops.flow.champion import resolve
    from modelops.train.sync import sync

    space = workspace()
    versions = {name: resolve(space, name) for name in space.models}
    champions = {name: version.lock.resolved.model.digest for name, version in versions.items() if version}
    sent = sync(space.data_root, space.settings, champions)
    runs = "1 run" if sent.logged == 1 else f"{sent.logged} runs"
    click.echo(f"{runs} sent" if sent.logged else "nothing waits to be sent")
