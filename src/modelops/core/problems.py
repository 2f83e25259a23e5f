"""Problems for their readers: people, scripts, GitHub annotations, code scanning."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from modelops import __version__
from modelops.core.codes import CODES
from modelops.core.console import escape
from modelops.core.errors import Problem

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_WIDTH = 160


def text(problems: Sequence[Problem], lines: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return one line per problem, or a block with the offending line and a caret where the files' lines are given."""
    if lines is None:
        return "".join(f"{problem} [{problem.code}]\n" for problem in problems)
    return "\n".join(_block(problem, lines.get(problem.path, ())) for problem in problems)


def _block(problem: Problem, lines: Sequence[str]) -> str:
    place = f"{problem.path}:{problem.line}:{problem.column}" if problem.line else problem.path
    level = "" if problem.level == "error" else f"{problem.level}: "
    rows = [f"{place}: {level}{problem.message} [{problem.code}]"]
    if 0 < problem.line <= len(lines):
        source, column = _cut(lines[problem.line - 1], problem.column)
        number = str(problem.line)
        rows += [f"  {number} | {source}", f"  {' ' * len(number)} | {_blank(source[: column - 1])}^"]
    if problem.hint:
        rows.append(f"  fix: {problem.hint}")
    return "\n".join(rows) + "\n"


def _cut(source: str, column: int) -> tuple[str, int]:
    """Return the part of a long line around a column, and the column in it."""
    clean = "".join(character if character.isprintable() or character == "\t" else "·" for character in source)
    if len(clean) <= _WIDTH or column <= _WIDTH // 2:
        return clean[:_WIDTH], column
    start = column - _WIDTH // 2
    return clean[start : start + _WIDTH], column - start


def _blank(source: str) -> str:
    """Return blanks as wide as a text; tabs stay tabs."""
    return "".join("\t" if character == "\t" else " " * _columns(character) for character in source)


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def as_json(problems: Sequence[Problem], files: int) -> str:
    """Return problems for a script, in one stable form."""
    items = [
        {
            "path": problem.path,
            "line": problem.line,
            "column": problem.column,
            "code": problem.code,
            "level": problem.level,
            "message": problem.message,
            "hint": problem.hint,
        }
        for problem in problems
    ]
    return json.dumps({"files": files, "problems": items}, indent=2, ensure_ascii=False) + "\n"


def github(problems: Sequence[Problem]) -> str:
    """Return workflow commands that GitHub shows beside the lines of a pull request."""
    return "".join(_annotation(problem) + "\n" for problem in problems)


def _annotation(problem: Problem) -> str:
    properties = {"file": problem.path, "title": f"{problem.code} {CODES[problem.code].title}"}
    if problem.line:
        properties |= {"line": str(problem.line), "col": str(problem.column)}
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    hint = f"; {problem.hint}" if problem.hint else ""
    return f"::{problem.level} {written}::{escape(problem.message + hint)}"


def _property(value: str) -> str:
    return escape(value).replace(":", "%3A").replace(",", "%2C")


def sarif(problems: Sequence[Problem]) -> str:
    """Return a SARIF 2.1.0 log, which GitHub code scanning and editors read."""
    used = sorted({problem.code for problem in problems})
    rules = [
        {
            "id": code,
            "name": "".join(word.capitalize() for word in CODES[code].title.replace(",", "").split()),
            "shortDescription": {"text": CODES[code].title},
            "fullDescription": {"text": CODES[code].why},
            "help": {"text": f"Wrong: {CODES[code].wrong}\nRight: {CODES[code].right}"},
        }
        for code in used
    ]
    driver = {"name": "modelops", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, used) for one in problems],
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(problem: Problem, used: list[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.path)}}
    if problem.line:
        location["region"] = {"startLine": problem.line, "startColumn": problem.column}
    hint = f"; {problem.hint}" if problem.hint else ""
    return {
        "ruleId": problem.code,
        "ruleIndex": used.index(problem.code),
        "level": problem.level,
        "message": {"text": problem.message + hint},
        "locations": [{"physicalLocation": location}],
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)
