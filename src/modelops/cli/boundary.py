"""The one place where errors become words and exit codes.

1 a mistake that the user can mend, 2 wrong usage, 3 something unexpected (with a report to attach), 130 interrupted.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import click

from modelops import __version__
from modelops.core.console import escape, in_actions
from modelops.core.errors import InvalidFile, ModelopsError, Problem

INTERRUPTED = 130


def boundary(action: Callable[[], object]) -> int:
    """Run an action and return the exit code that its outcome deserves."""
    try:
        result = action()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; nothing was left half-written", err=True)
        return INTERRUPTED
    except ModelopsError as error:
        _show(error)
        return error.exit_code
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as error:
        return _unexpected(error)
    return result if isinstance(result, int) else 0


def _show(error: ModelopsError) -> None:
    if isinstance(error, InvalidFile):
        for problem in error.problems:
            click.echo(_annotation(problem) if in_actions() else str(problem), err=True)
    elif in_actions():
        click.echo(f"::error::{escape(str(error))}", err=True)
    else:
        click.echo(click.style("error: ", fg="red") + str(error), err=True)


def _annotation(problem: Problem) -> str:
    place = f"file={problem.path},line={problem.line},col={problem.column}" if problem.line else f"file={problem.path}"
    return f"::{problem.level} {place},title={problem.code}::{escape(problem.message)}"


def _closed_pipe() -> int:
    """Leave quietly when the reader of a pipe went away, as `modelops status | head` does."""
    sys.stdout = None
    return 0


def _unexpected(error: Exception) -> int:
    """Write a report and name it in one line."""
    disk_full = isinstance(error, OSError) and error.errno == 28
    if disk_full:
        click.echo(
            "error: the disk is full; nothing was left half-written\n  free some space and run it again", err=True
        )
        return 1
    report = "\n".join(
        [
            f"modelops {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {sys.argv[1:]}",
            "",
            *traceback.format_exception(error),
        ]
    )
    with tempfile.NamedTemporaryFile("w", prefix="modelops-", suffix=".log", delete=False, encoding="utf-8") as stream:
        stream.write(report)
    click.echo(f"unexpected {type(error).__name__}: {error}\n  please report it with {Path(stream.name)}", err=True)
    return 3
