"""What `release`, `promote` and `rollback` say when they are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modelops.core import console, digest

if TYPE_CHECKING:
    from modelops.flow.move_request import Requested
    from modelops.release.move import Move


def show(move: Move) -> None:
    """Say what an environment runs now and what is left to do."""
    after, folder = move.after, f"argocd/environments/{move.after.environment}/{move.after.model}"
    if not move.changed:
        click.echo(f"{after.environment} has version {after.version} of {after.model} already: nothing changed")
    else:
        before = f", after version {move.before.version}" if move.before and move.before != after else ""
        click.echo(f"{after.environment}: version {after.version} of {after.model}{before} ({_image(move)})")
        click.echo(f"  written: {folder}/release.yaml and manifests.yaml; commit and push them, Argo CD does the rest")
    for note in move.notes:
        console.note(note)


def show_request(requested: Requested) -> None:
    """Say where the pull request is."""
    after = requested.move.after
    if requested.pull is None:
        click.echo(f"{after.environment} has version {after.version} of {after.model} already: no pull request needed")
    else:
        click.echo(f"pull request {requested.pull.number}: {requested.pull.title}\n  {requested.pull.url}")
    for note in requested.move.notes:
        console.note(note)


def _image(move: Move) -> str:
    if move.after.image is None:
        return f"image not pinned, Bento {digest.short(move.after.bento)}"
    return f"image {digest.short(move.after.image)}"
