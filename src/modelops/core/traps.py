"""The traps of YAML, each as a problem that says what is wrong, where, and what to write instead."""

from __future__ import annotations

import re
from typing import Any

import yaml

from modelops.core.errors import Problem

MAX_BYTES = 262_144
CODES = {"word": "MO104", "number": "MO105"}
_DEEP = 500
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def decode(data: bytes | str, path: str) -> tuple[str | None, list[Problem]]:
    """Return a file's text, None when it cannot be read as UTF-8, and what is wrong with its encoding."""
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; the limit is {MAX_BYTES:,}"
        return None, [Problem(path, 1, 1, "MO108", message, "keep data out of it: a spec is about 100 lines")]
    if isinstance(data, str):
        return data, []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        return None, [Problem(path, 1, 1, "MO109", "the file is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        byte = data[error.start]
        message = f"the file is not UTF-8: byte 0x{byte:02x} stands for no character"
        return None, [
            Problem(path, *_place(before, len(before)), "MO109", message, "save it as UTF-8 (it looks like Latin-1)")
        ]


def before_parsing(text: str, path: str) -> list[Problem]:
    """Return what is wrong with the characters of a text."""
    if text.startswith("\ufeff"):
        message = "the file starts with a byte order mark, which some readers take for a character"
        return [Problem(path, 1, 1, "MO109", message, "save it as UTF-8 without BOM")]
    problems = []
    if "\r" in text:
        problems.append(_line_ends(text, path))
    if not text.isprintable():
        found = _FORBIDDEN.search(text)
        if found:
            message = f"the character U+{ord(found[0]):04X} is not allowed in YAML, or read as a line end by some"
            problems.append(Problem(path, *_place(text, found.start()), "MO109", message, "delete it"))
    return problems


def _line_ends(text: str, path: str) -> Problem:
    at = re.search(r"\r(?!\n)", text)
    if at:
        message = "a carriage return that ends no line"
        return Problem(path, *_place(text, at.start()), "MO110", message, "delete it, or save the file with line feeds")
    first = text.index("\r")
    message = "Windows line ends (CRLF); they are kept, but git diffs and other tools may show every line as changed"
    hint = "save the file with line feeds (LF); `git add --renormalize .` does it for the whole repository"
    return Problem(path, *_place(text, first), "MO110", message, hint, level="warning")


def _place(text: str, offset: int) -> tuple[int, int]:
    line_start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - line_start + 1


def too_deep(text: str, parser: Any) -> bool:
    """Return whether brackets or dashes are nested so deep that composing the text would exhaust the stack."""
    if sum(text.count(mark) for mark in "[{-?") < _DEEP:
        return False
    events, depth = parser(text), 0
    while events.check_event():
        event = events.get_event()
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEP:
            return True
    return False


def syntax_problem(error: yaml.YAMLError, text: str, path: str) -> Problem:
    """Return the problem that a parser's error stands for, in a newcomer's words."""
    begun = any(words in str(error) for words in _POINT_AT_THE_START)
    marks = (getattr(error, "problem_mark", None), getattr(error, "context_mark", None))
    mark = (marks[1] if begun else None) or marks[0] or marks[1]
    if mark is None:
        return Problem(path, 1, 1, "MO101", f"not YAML: {str(error).splitlines()[0]}")
    lines = text.splitlines() or [""]
    line = min(mark.line, len(lines) - 1)
    column = mark.column if line == mark.line else len(lines[line])
    words = str(getattr(error, "problem", "") or getattr(error, "context", "") or "")
    code, message, hint = _explain(words, lines[line], column, error)
    return Problem(path, line + 1, min(column, len(lines[line])) + 1, code, message, hint)


# Where the beginning of what is not finished says more than the place where the reader gave up.
_POINT_AT_THE_START = ("could not find expected ':'", "found unexpected end of stream", "did not find expected ',' or")
_EXPLAINED = (
    (
        "could not find expected ':'",
        "a key without a colon and a blank after it",
        "write `key: value`; continue a long text on an indented line after `|` or `>`",
    ),
    (
        "mapping values are not allowed",
        "a second colon in one line, or a wrong indentation",
        'quote a text that holds ": ", and align keys of one level',
    ),
    (
        "did not find expected key",
        "a wrong indentation, or a quote or bracket that is not closed above",
        "align keys of one level, and close every quote and bracket",
    ),
    (
        "did not find expected ',' or",
        "a bracket that is not closed, or a missing comma",
        "close every [ and {, and put commas between items",
    ),
    ("found unexpected end of stream", "a quote that is never closed", "close it"),
    ("did not find expected node content", "a value is missing here, or a bracket is not closed", "complete it"),
    (
        "did not find expected '-' indicator",
        "a list item without its dash, or a wrong indentation",
        "start every item with `- `, aligned",
    ),
    (
        "block sequence entries are not allowed",
        "a list that starts on its key's line",
        "start the list on a line of its own, or write [a, b]",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "a name is missing after & or *",
        "quote a text that starts with & or *",
    ),
    (
        "found unknown escape character",
        "an unknown escape in double quotes",
        "use single quotes, or double the backslash",
    ),
    ("did not find expected <document start>", "text after the end of the document", "check the indentation"),
)


def _explain(words: str, line: str, column: int, error: yaml.YAMLError) -> tuple[str, str, str]:
    if line[column : column + 1] == "\t" or "\t" in line[: len(line) - len(line.lstrip())]:
        return "MO102", "a tab; YAML allows only spaces for indentation", "replace it by spaces"
    if "undefined alias" in words:
        return (
            "MO107",
            f"{words.replace('found undefined alias', 'no anchor of this name')}",
            "quote a text that starts with *",
        )
    if "duplicate anchor" in str(error):
        return "MO107", "two anchors have one name", "give each anchor a name of its own"
    if "another document" in words:
        return "MO111", "a second document starts here", "write one file per model and drop the `---`"
    if "cannot start any token" in words:
        mark = line[column : column + 1]
        return "MO101", f'a value cannot start with "{mark}"', f"quote the whole value: '{mark}…'"
    for part, message, hint in _EXPLAINED:
        if part in words:
            return "MO101", f"not YAML: {message}", hint
    return "MO101", f"not YAML: {words}", "quote texts with special characters, and check the indentation"


def no_mapping(root: yaml.Node | None, path: str) -> Problem:
    """Return the problem of a file whose top is no mapping."""
    if root is None:
        return Problem(path, 1, 1, "MO112", "the file is empty", "`modelops new` writes a first spec from a data file")
    what = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
    mark = root.start_mark
    return Problem(
        path,
        mark.line + 1,
        mark.column + 1,
        "MO112",
        f"the file holds {what}, not keys and values",
        "start with `apiVersion: modelops/v1`",
    )


def duplicate(path: str, key: yaml.Node, first: yaml.Node) -> Problem:
    """Return the problem of a key that is written twice."""
    line = first.start_mark.line + 1
    return Problem(
        path,
        key.start_mark.line + 1,
        key.start_mark.column + 1,
        "MO103",
        f'"{key.value}" is written twice; the first is on line {line}',
        "keep one of the two",
    )


def key_problem(path: str, key: yaml.Node) -> Problem:
    """Return the problem of a key that is no plain text."""
    place = (key.start_mark.line + 1, key.start_mark.column + 1)
    if isinstance(key, yaml.ScalarNode) and key.value == "<<":
        return Problem(
            path, *place, "MO107", "merge keys (<<) are not read by every reader of YAML", "write the keys out"
        )
    if isinstance(key, yaml.ScalarNode) and not key.value:
        return Problem(path, *place, "MO113", "a key is missing before the colon", "write one")
    if isinstance(key, yaml.ScalarNode):
        return tag_problem(path, key)
    return Problem(
        path,
        *place,
        "MO113",
        "a list or mapping cannot be a key",
        "write a text; put braces in quotes if you mean them",
    )


def tag_problem(path: str, node: yaml.Node) -> Problem:
    """Return the problem of a value with an explicit type."""
    tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
    return Problem(
        path,
        node.start_mark.line + 1,
        node.start_mark.column + 1,
        "MO107",
        f"tags ({tag}) are not used here",
        "drop it; quote the value if you mean text",
    )


def depth_problem(path: str, line: int, column: int) -> Problem:
    """Return the problem of a file that is nested too deep."""
    return Problem(path, line, column, "MO108", "nested too deep", "a spec needs no more than 8 levels")


def cycle_problem(path: str, line: int, column: int) -> Problem:
    """Return the problem of an anchor that holds itself."""
    return Problem(path, line, column, "MO107", "an anchor that contains itself", "write the value out")


def expansion_problem(path: str, line: int, column: int) -> Problem:
    """Return the problem of aliases that multiply."""
    return Problem(path, line, column, "MO107", "aliases that expand to too many values", "write the values out")
