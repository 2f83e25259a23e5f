"""Errors a user can act on. One boundary, in `modelops.cli.boundary`, turns them into lines and exit codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one place of one file.

    `line` and `column` count from 1; 0 says that the problem concerns the whole file.
    `code` is stable (`MO1xx`), so that it can be looked up with `modelops explain`.
    `hint` says what to do; it is empty when the message already does.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}: {self.message}{hint}"


class ModelopsError(Exception):
    """A mistake or a circumstance that the user can mend. Printed as one line, never as a traceback."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class InvalidFile(ModelopsError):
    """One or more files hold problems, each with its position."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class NoRows(ModelopsError):
    """The query works, and gives no row in the window."""


class GatesFailed(ModelopsError):
    """A candidate was trained and evaluated, and at least one gate did not hold."""
