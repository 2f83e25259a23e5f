"""What a person or a CI log sees: steps with their time, notes, groups and annotations.

Results go to standard output, everything else to standard error, so that `--json` stays clean.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click


def in_actions() -> bool:
    """Return whether this runs as a GitHub Actions step."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def note(text: str) -> None:
    """Tell a person something on standard error."""
    click.echo(text, err=True)


def warn(text: str) -> None:
    """Tell a person about something that is not an error, as an annotation in CI."""
    if in_actions():
        click.echo(f"::warning::{escape(text)}", err=True)
    else:
        click.echo(click.style("warning: ", fg="yellow") + text, err=True)


def escape(text: str) -> str:
    """Escape a message for a workflow command, as GitHub's toolkit does: %, carriage return, line feed."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


@dataclass
class Step:
    """A running step; set `result` to say what came of it."""

    result: str = ""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Print `name … result (seconds)` around some work; a failure prints `failed` and goes on upwards."""
    running = Step()
    started = time.perf_counter()
    if sys.stderr.isatty() and not in_actions():
        click.echo(f"  {name} …", err=True, nl=False)
    try:
        yield running
    except BaseException:
        running.result = running.result or click.style("failed", fg="red")
        raise
    finally:
        seconds = time.perf_counter() - started
        if sys.stderr.isatty() and not in_actions():
            click.echo("\r\033[K", err=True, nl=False)
        click.echo(f"  {name:<24} {running.result} ({seconds:.1f} s)", err=True)


def summary(markdown: str) -> None:
    """Append Markdown to the job summary when there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(markdown.rstrip("\n") + "\n")
