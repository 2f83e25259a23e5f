"""`modelops validate`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelops.core.errors import Problem

if TYPE_CHECKING:
    from modelops.spec.model import Spec


@click.command("validate")
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github", "sarif"]),
    help="For people, scripts, GitHub annotations, code scanning. [default: github in GitHub Actions, else text]",
)  # fmt: skip
@click.option("--data", "with_data", is_flag=True, help="Also check paths, query and columns against the data.")
def command(names: tuple[str, ...], form: str | None, with_data: bool) -> int:
    """Say every problem of every spec and of modelops.yaml, with file, line and column.

    Without a name, all files of the repository are checked. Exit 0 when there is no error, 1 otherwise.
    """
    from modelops.core.console import in_actions, note
    from modelops.spec.survey import survey

    found = survey(Path.cwd(), names)
    problems = found.problems
    if with_data:
        problems = sorted({*problems, *_data_problems(found.root, found.specs)})
    form = form or ("github" if in_actions() else "text")
    click.echo(_written(form, problems, found.sources), nl=False)
    note(_summary(problems, len(found.sources)))
    return 1 if any(problem.level == "error" for problem in problems) else 0


def _data_problems(root: Path, specs: Mapping[str, Spec]) -> list[Problem]:
    from modelops.data.check import check

    return [problem for path, spec in specs.items() for problem in check(spec, root, path)]


def _written(form: str, problems: list[Problem], sources: dict[str, str]) -> str:
    from modelops.core import problems as reports

    if form == "json":
        return reports.as_json(problems, len(sources))
    if form == "github":
        return reports.github(problems)
    if form == "sarif":
        return reports.sarif(problems)
    if not sys.stdout.isatty():
        return reports.text(problems)
    return reports.text(problems, {path: text.split("\n") for path, text in sources.items()})


def _summary(problems: list[Problem], files: int) -> str:
    errors = sum(problem.level == "error" for problem in problems)
    warnings = len(problems) - errors
    checked = f"{files} file{'s' * (files != 1)} checked"
    counts = [
        f"{count} {word}{'s' * (count != 1)}" for count, word in ((errors, "error"), (warnings, "warning")) if count
    ]
    if not counts:
        return f"{checked}: no problems"
    return f"{checked}: {', '.join(counts)}; `modelops explain {problems[0].code}` says more about the first"
