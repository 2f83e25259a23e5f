"""`modelops status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from modelops.cli.context import chosen, workspace
from modelops.core import digest

if TYPE_CHECKING:
    from modelops.flow.status import Running

HEADINGS = ("MODEL", "ENVIRONMENT", "VERSION", "SNAPSHOT", "SINCE", "BY", "IMAGE", "LOCKED")


@click.command("status")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], as_json: bool) -> None:
    """Say what runs where, since when, and whether a newer version is locked."""
    from modelops.flow.status import status

    space = workspace()
    rows = status(space, chosen(space, names))
    if as_json:
        click.echo(json.dumps([_plain(row) for row in rows], indent=2))
        return
    table = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _plain(row: Running) -> dict[str, Any]:
    release = row.release
    return {
        "model": row.model,
        "environment": row.environment,
        "version": release.version if release else None,
        "snapshot": release.snapshot if release else None,
        "image": release.image if release else None,
        "bento": release.bento if release else None,
        "lock": release.lock if release else None,
        "committed": row.committed,
        "since": row.since,
        "by": row.by,
        "commit": row.commit,
        "newest": row.newest,
        "current": row.current,
    }


def _cells(row: Running) -> tuple[str, ...]:
    release = row.release
    if release is None:
        return (row.model, row.environment, "–", "–", "–", "–", "–", _newest(row))
    image = digest.short(release.image) if release.image else f"not pinned, Bento {digest.short(release.bento)}"
    since = row.since[:16].replace("T", " ") if row.since else "unknown here" if row.committed else "not committed"
    version = str(release.version)
    return (row.model, row.environment, version, release.snapshot, since, row.by or "–", image, _newest(row))


def _newest(row: Running) -> str:
    if row.newest is None:
        return "none"
    if row.current:
        return "runs"
    same = row.release is not None and row.release.version == row.newest
    return f"version {row.newest}, locked anew" if same else f"version {row.newest}"
