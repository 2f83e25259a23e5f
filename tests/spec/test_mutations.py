"""Ten thousand mutations of valid specs: no traceback, and every problem lies inside the file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from modelops.core.errors import Problem
from modelops.spec import check
from modelops.spec.rules.surroundings import Surroundings

VALID = sorted((Path(__file__).parent.parent / "specs" / "valid").glob("*.yaml"))
ROUNDS = 10
EACH = 1000
WORDS = [
    "yes",
    "no",
    "null",
    "~",
    "1e3",
    "012",
    "2023-01-01",
    ".inf",
    ".nan",
    "[]",
    "{}",
    "[1, a]",
    "{a: 1}",
    "true",
    "-1",
    "0",
    "1.5",
    "text",
    '"',
    "'",
    "&a",
    "*a",
    "!!str x",
    "<<",
    "---",
    "...",
    "\t",
    "\x00",
    "\x85",
    "\u2028",
    "\ufeff",
    "é",
    "|",
    ">",
    "- ",
    ": ",
    "? ",
    "#",
    "%",
    "@",
    "`",
    "99999999999999999999",
    "0d",
    "1000000w",
    "champion",
    "${X}",
    "*",
    "\r",
    "\r\n",
    "9999-12-31",
    "0001-01-01T00:00:00+23:00",
    "[[[[[[[[",
    "}",
    "]",
    ",",
]


def _mutated(text: str, draw: random.Random) -> str:
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        text = draw.choice((_character, _word, _value, _line, _cut))(text, draw)
    return text


def _character(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return (
        text[:at] + draw.choice(["", chr(draw.randrange(32, 127)), draw.choice(WORDS)]) + text[at + draw.randrange(3) :]
    )


def _word(text: str, draw: random.Random) -> str:
    words = text.split(" ")
    words[draw.randrange(len(words))] = draw.choice([*WORDS, draw.choice(words)])
    return " ".join(words)


def _value(text: str, draw: random.Random) -> str:
    """Replace what stands between a colon and the next comma, bracket or line end."""
    colons = [index for index, one in enumerate(text) if one == ":"]
    if not colons:
        return text
    start = draw.choice(colons) + 1
    ends = [end for end in (text.find(mark, start) for mark in ",}\n") if end >= 0]
    return f"{text[:start]} {draw.choice(WORDS)}{text[min(ends, default=len(text)) :]}"


def _line(text: str, draw: random.Random) -> str:
    lines = text.splitlines(keepends=True) or ["\n"]
    source, target = draw.randrange(len(lines)), draw.randrange(len(lines))
    moved = draw.choice([lines[source], " " + lines[source], lines[source].strip() + "\n"])
    if draw.random() < 0.5:
        del lines[source]
    lines.insert(target, moved)
    return "".join(lines)


def _cut(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return text[at:] if draw.random() < 0.3 else text[:at]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_mutation_never_gives_a_traceback_and_every_problem_is_in_the_file(seed: int, near: Surroundings) -> None:
    draw = random.Random(seed)  # noqa: S311 - a seed, no secret
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in VALID]
    rejected = 0
    for _ in range(EACH):
        name, text = draw.choice(texts)
        text = _mutated(text, draw)
        spec, problems = check.check_spec(text.encode(), f"specs/{name}", near)
        errors = [problem for problem in problems if problem.level == "error"]
        assert (spec is None) == bool(errors), text
        for problem in problems:
            _assert_inside(problem, text)
        rejected += bool(errors)
    assert rejected > EACH / 2


def _assert_inside(problem: Problem, text: str) -> None:
    lines = text.split("\n")
    assert 1 <= problem.line <= len(lines), (problem, text)
    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, (problem, text)
    assert problem.code.startswith("MO1"), problem
    assert problem.message, problem


@pytest.mark.parametrize("seed", range(3))
def test_bytes_that_are_no_text_never_give_a_traceback(seed: int, near: Surroundings) -> None:
    draw = random.Random(seed)  # noqa: S311 - a seed, no secret
    whole = VALID[0].read_bytes()
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(draw.randrange(1, 4)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        _, problems = check.check_spec(bytes(data), "specs/mutant.yaml", near)
        for problem in problems:
            assert problem.line >= 1
            assert problem.column >= 1
