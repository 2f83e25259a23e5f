"""Changes values of a spec so that the result is valid, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modelops.core.errors import InvalidFile, Problem
from modelops.spec import check, edit


def change(data: bytes, path: str, assignments: Sequence[tuple[str, str]], root: Path) -> bytes:
    """Return a spec's content with some scalars replaced.

    Parameters
    ----------
    data, path
        The file's content, and its name for messages.
    assignments
        Keys such as `data.snapshot`, each with its new value. A value that would read as a number or boolean is
        quoted where the key takes a text.
    root
        The repository whose settings and owners the result must fit.

    Raises
    ------
    InvalidFile
        When the spec has problems already, or would have them.
    ModelopsError
        When a key names no scalar.
    """
    near, _ = check.around(root)
    spec, problems = check.check_spec(data, path, near)
    if spec is None and not _only_the_day(problems):
        raise InvalidFile([problem for problem in problems if problem.level == "error"])
    text = data.decode("utf-8")
    for key, value in assignments:
        keys = edit.parse_keys(key)
        plain = edit.set_scalar(text, keys, value)
        place = _line(plain, text)
        if any(problem.code == "MO122" and problem.line == place for problem in check.check_spec(plain, path, near)[1]):
            plain = edit.set_scalar(text, keys, value, quote=True)
        text = plain
    spec, problems = check.check_spec(text, path, near)
    if spec is None:
        raise InvalidFile([problem for problem in problems if problem.level == "error"])
    return text.encode("utf-8")


def _only_the_day(problems: Sequence[Problem]) -> bool:
    """Return whether the spec's only errors are values out of place, which an edit may mend."""
    return all(
        problem.code.startswith("MO1") and problem.code >= "MO120" for problem in problems if problem.level == "error"
    )


def _line(after: str, before: str) -> int:
    """Return the line, from 1, of the first difference between two texts."""
    for index, (new, old) in enumerate(zip(after, before, strict=False)):
        if new != old:
            return after.count("\n", 0, index) + 1
    return after.count("\n") + 1
