"""`modelops compare`."""

from __future__ import annotations

import json

import click

from modelops.cli.context import chosen, workspace


@click.command("compare")
@click.argument("one", metavar="NAME[@WHICH]")
@click.argument("other", required=False, metavar="[NAME@WHICH]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(one: str, other: str | None, as_json: bool) -> None:
    """Put two versions of a model side by side, and on the same rows.

    WHICH is a version number, champion, candidate, lock, an environment, or a git revision. A name alone stands for
    the champion and the newest candidate or lock.
    """
    from modelops.flow.compare import compare
    from modelops.report import sides

    space = workspace()
    chosen(space, [text.partition("@")[0] for text in (one, other) if text is not None])
    found = compare(space, one, other)
    locks = (found.first.lock, found.second.lock)
    if as_json:
        plain = {
            "first": {"lock": found.first.digest, **locks[0].model_dump(mode="json")},
            "second": {"lock": found.second.digest, **locks[1].model_dump(mode="json")},
            "paired": found.paired.model_dump(mode="json"),
        }
        click.echo(json.dumps(plain, indent=2))
        return
    names = (f"version {locks[0].version}", f"version {locks[1].version}")
    click.echo(sides.render(names, locks, found.paired), nl=False)
