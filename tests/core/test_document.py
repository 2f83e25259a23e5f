from __future__ import annotations

import pytest

from modelops.core import scalars
from modelops.core.document import parse
from modelops.core.errors import Problem


def _only(data: bytes | str) -> Problem:
    [problem] = parse(data, "f.yaml").problems
    return problem


def _said(problem: Problem) -> tuple[int, int, str]:
    return problem.line, problem.column, problem.code


def test_values_are_plain_and_positions_are_known() -> None:
    document = parse("a: 1\nb: [x, {c: 0.5}]\nd:\n  e: ~\n", "f.yaml")
    assert document.value == {"a": 1, "b": ("x", {"c": 0.5}), "d": {"e": None}}
    assert document.place(("b", 1, "c")) == (2, 12)
    assert document.place(("b", 1, "c"), key=True) == (2, 9)
    assert document.place(("d", "missing")) == (4, 3)
    assert document.problems == ()


def test_a_byte_order_mark_is_named() -> None:
    assert _said(_only(b"\xef\xbb\xbfa: 1\n")) == (1, 1, "MO109")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_another_unicode_encoding_is_named(encoding: str) -> None:
    problem = _only("a: 1\n".encode(encoding))
    assert _said(problem) == (1, 1, "MO109")
    assert "not UTF-8" in problem.message


def test_latin_1_is_named_with_the_place_of_the_character() -> None:
    problem = _only("a: 1\nb: größe\n".encode("latin-1"))
    assert _said(problem) == (2, 6, "MO109")


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x85", "\u2028", "\ufeff"])
def test_control_characters_and_odd_line_ends_are_named(character: str) -> None:
    assert _said(_only(f"a: 1\nb: x{character}y\n")) == (2, 5, "MO109")


def test_windows_line_ends_are_a_warning_and_values_are_the_same() -> None:
    document = parse("a: 1\r\nb: |\r\n  x\r\n  y\r\n", "f.yaml")
    [problem] = document.problems
    assert (*_said(problem), problem.level) == (1, 5, "MO110", "warning")
    assert document.value == {"a": 1, "b": "x\ny\n"}


def test_a_lone_carriage_return_is_an_error() -> None:
    problem = _only("a: 1\rb: 2\n")
    assert (*_said(problem), problem.level) == (1, 5, "MO110", "error")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_named(text: str) -> None:
    assert _only(text).code == "MO112"


def test_a_file_over_the_limit_is_not_parsed() -> None:
    problem = _only(b"a: " + b"x" * 262_144)
    assert problem.code == "MO108"
    assert "262,147 bytes" in problem.message


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "- " * 100_000, "{a: " * 60_000, "? " * 100_000, "a: " + "[" * 45 + "]" * 45]
)
def test_nesting_that_would_exhaust_the_stack_is_refused(text: str) -> None:
    assert _only(text).code in ("MO101", "MO108")


def test_anchors_that_expand_without_end_are_refused() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 12):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    problem = _only(text)
    assert problem.code == "MO107"
    assert "too many values" in problem.message


def test_an_anchor_in_itself_is_refused() -> None:
    assert _said(_only("a: &a [*a]\n")) == (1, 4, "MO107")


def test_an_anchor_that_stays_small_is_read() -> None:
    document = parse("a: &x [1, 2]\nb: *x\n", "f.yaml")
    assert document.value == {"a": (1, 2), "b": (1, 2)}
    assert document.problems == ()


def test_every_duplicate_is_found_at_any_depth() -> None:
    document = parse("a: 1\nb: {c: 1, c: 2}\na: 2\nl:\n  - d: 1\n    d: 2\n", "f.yaml")
    assert [_said(problem) for problem in document.problems] == [(2, 11, "MO103"), (3, 1, "MO103"), (6, 5, "MO103")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-3", -3),
        ("+4", 4),
        ("0", 0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1.0e-3", 0.001),
        ("-2.5E+2", -250.0),
        ("true", True),
        ("False", False),
        ("NULL", None),
        ("~", None),
        ("", None),
        ("y", "y"),
        ("n", "n"),
        ("nothing", "nothing"),
        ("90d", "90d"),
        ("1.2.3", "1.2.3"),
        ("1e", "1e"),
        ("2023-01-01", "2023-01-01"),
        ("-", "-"),
        ("1/2", "1/2"),
    ],
)
def test_words_with_one_meaning_are_read(text: str, value: object) -> None:
    word = scalars.plain(text)
    assert (type(word.value), word.value, word.message) == (type(value), value, "")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("NO", 'write false if you mean the boolean, "NO" if you mean the text'),
        ("On", 'write true if you mean the boolean, "On" if you mean the text'),
        ("1e3", 'write 1000 if you mean the number, "1e3" if you mean the text'),
        ("1e-3", 'write 0.001 if you mean the number, "1e-3" if you mean the text'),
        ("1.5e300", 'write 1.5e+300 if you mean the number, "1.5e300" if you mean the text'),
        ("012", 'write 12 if you mean the number, "012" if you mean the text'),
        ("0o14", 'write 12 if you mean the number, "0o14" if you mean the text'),
        ("1_000.5", 'write 1000.5 if you mean the number, "1_000.5" if you mean the text'),
        ("12:30:45", 'write "12:30:45" if you mean the text'),
        ("1e999", 'write "1e999" if you mean the text'),
    ],
)
def test_words_that_readers_of_yaml_disagree_about_are_refused_with_both_ways_out(text: str, hint: str) -> None:
    assert scalars.plain(text).kind in ("word", "number")
    assert scalars.plain(text).hint == hint


@pytest.mark.parametrize("number", [1000.0, 0.001, 1e-7, 1.5e300, 1e22, 123456.789, -2e-10])
def test_a_spelt_number_reads_as_that_number_in_both_versions_of_yaml(number: float) -> None:
    yaml = pytest.importorskip("yaml")
    text = scalars.spell(number)
    assert scalars.plain(text).value == number
    assert yaml.safe_load(text) == number
