"""`modelops plan`."""

from __future__ import annotations

import json

import click

from modelops.cli.context import chosen, workspace


@click.command("plan")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--base", metavar="REF", help="Select the models whose files changed since this commit, as a pull request does."
)
@click.option("--json", "as_json", is_flag=True, help="Print the matrix for GitHub Actions.")
def command(names: tuple[str, ...], base: str | None, as_json: bool) -> None:
    """Say what changed and which stages must run; check paths, queries and columns of data that must be read again."""
    from modelops.flow.plan import plan

    space = workspace()
    models = plan(space, chosen(space, names), base)
    if as_json:
        include = [{"model": model.model, "runs_on": model.runs_on} for model in models if model.selected]
        click.echo(json.dumps({"include": include, "empty": not include}))
        return
    for model in models:
        click.echo(f"{model.model}: {', '.join(model.stages) if model.stages else 'up to date'}")
        for reason in model.reasons:
            click.echo(f"  {reason}")
        for package, (locked, installed) in model.libraries.items():
            click.echo(f"  {package} was {locked}, is {installed}; modelops run {model.model} --refresh takes it over")
