"""`modelops demo`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from modelops.cli.context import workspace
from modelops.core.workspace import Workspace


@click.command("demo")
@click.option("--into", type=click.Path(path_type=Path), help="A new folder to work in; a temporary one by default.")
def command(into: Path | None) -> None:
    """Show the whole loop on the flights data, in a scratch repository that is left behind to look at."""
    from modelops.flow.demo import CHAPTERS, Story
    from modelops.flow.scratch import make_scratch

    started = time.perf_counter()
    space = workspace()
    scratch = make_scratch(space.root, space.settings, into)
    story = Story(scratch)
    click.echo(f"A scratch copy of this repository is in {scratch.root}")
    click.echo("Its environments accept images without a digest, because nothing is built or pushed here.")
    for number, chapter in enumerate(CHAPTERS, 1):
        click.echo(f"\n{click.style(f'{number}. {chapter.title}', bold=True)}   $ {chapter.command}")
        begun = time.perf_counter()
        result = chapter.tell(story)
        click.echo(f"   {result} ({time.perf_counter() - begun:.1f} s)")
    click.echo(f"\nThe whole loop took {time.perf_counter() - started:.0f} s. Look around:\n")
    for what, how in _left_behind(scratch, story.proposal.number if story.proposal else 1):
        click.echo(f"  {what:<22} {how}")


def _left_behind(scratch: Workspace, number: int) -> list[tuple[str, str]]:
    """Return what the demo leaves, and how to open it."""
    root = scratch.root
    bin_folder = Path(sys.executable).parent
    return [
        ("the repository", f"cd {root} && git log --graph --oneline"),
        ("the pull request", f"{root.parent}/origin.git/pulls/{number}.md"),
        ("the lock", f"{root}/models/flight-delay/lock.yaml"),
        ("the model card", f"{root}/models/flight-delay/README.md"),
        ("the manifests", f"{root}/argocd/environments/*/flight-delay/manifests.yaml"),
        ("the reports", f"{root}/.modelops/reports/flight-delay/*.html"),
        ("the experiments", f"cd {root} && {bin_folder}/mlflow ui --backend-store-uri sqlite:///.modelops/mlflow.db"),
        ("what runs where", f"cd {root} && {bin_folder}/modelops status"),
    ]
