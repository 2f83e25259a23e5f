from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelops.core.document import Document, parse
from modelops.core.errors import InvalidFile, ModelopsError
from modelops.core.scalars import plain, written
from modelops.spec.edit import parse_keys, set_scalar

VALID = sorted((Path(__file__).parent.parent / "specs" / "valid").glob("*.yaml"))
TEXT = """\
# first
name:   churn # the name
owner: "@acme/growth"
data: {snapshot: 2023-06-30, window: 90d} # a day
list:
  - 'one'   # quoted
  - two
query: |
  SELECT 1
"""


def _scalars(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else None
    if items is None:
        yield keys
        return
    for key, item in items:
        yield from _scalars(item, (*keys, key))


def _at(value: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        value = value[key]
    return value


def _document(text: str) -> Document:
    document = parse(text, "spec")
    assert not [problem for problem in document.problems if problem.level == "error"]
    return document


PLACES = [(path, keys) for path in VALID for keys in _scalars(_document(path.read_text(encoding="utf-8")).value)]


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(
    place=st.sampled_from(PLACES),
    value=st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            ["2023-06-30", "0.5", "true", "no", "1e3", "012", "", "~", "a: b", "a #b", "[x", "it's", 'say "x"', "*.csv"]
        ),
    ),
    windows=st.booleans(),
)
def test_an_edit_changes_the_chosen_characters_and_nothing_else(
    place: tuple[Path, tuple[str | int, ...]], value: str, windows: bool
) -> None:
    path, keys = place
    before = path.read_text(encoding="utf-8")
    before = before.replace("\n", "\r\n") if windows else before
    node = _document(before).node(keys)
    assert node is not None
    try:
        after = set_scalar(before, keys, value)
    except ModelopsError:
        return
    start, end = node.start_mark.index, node.end_mark.index
    assert after.startswith(before[:start])
    assert after.endswith(before[end:])
    now = _at(_document(after).value, keys)
    assert now in (value, plain(value).value)
    assert set_scalar(after, keys, value) == after


def test_most_scalars_of_valid_specs_can_be_edited() -> None:
    refused = []
    for path, keys in PLACES:
        try:
            set_scalar(path.read_text(encoding="utf-8"), keys, "x")
        except ModelopsError:
            refused.append((path.stem, keys))
    assert {name for name, _ in refused} == {"anchors", "block-style", "database"}
    assert len(refused) < 10


@pytest.mark.parametrize(
    ("keys", "value", "line"),
    [
        ("name", "retention", "name:   retention # the name"),
        ("owner", "@acme/risk", 'owner: "@acme/risk"'),
        ("data.snapshot", "2023-07-31", "data: {snapshot: 2023-07-31, window: 90d} # a day"),
        ("list[0]", "it's", "  - 'it''s'   # quoted"),
        ("list[1]", "no", '  - "no"'),
        ("list[1]", "a: b", '  - "a: b"'),
    ],
)
def test_comments_order_quoting_and_blanks_stay(keys: str, value: str, line: str) -> None:
    after = set_scalar(TEXT, parse_keys(keys), value)
    assert line in after.splitlines()
    assert len([1 for new, old in zip(after.splitlines(), TEXT.splitlines(), strict=True) if new != old]) == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("nam", 'nam is not written in the spec\n  did you mean "name"?'),
        ("data", "data is not a single value\n  name one of the values in it"),
        ("list[5]", "list[5] is not written in the spec\n  list has 2 items, counted from 0"),
        ("query", "query is a text of several lines\n  edit it by hand"),
        ("name.first", "name.first is not written in the spec\n  name is a single value"),
    ],
)
def test_what_cannot_be_edited_is_said(keys: str, message: str) -> None:
    with pytest.raises(ModelopsError) as error:
        set_scalar(TEXT, parse_keys(keys), "x")
    assert str(error.value) == message


@pytest.mark.parametrize("keys", ["", ".", "a..b", "a[x]", "a.", "[", "a[1"])
def test_keys_of_another_form_are_refused(keys: str) -> None:
    with pytest.raises(ModelopsError, match="names no key"):
        parse_keys(keys)


def test_keys_are_read() -> None:
    assert parse_keys("evaluate.gates[0].min") == ("evaluate", "gates", 0, "min")


def test_a_text_that_is_no_yaml_is_not_edited() -> None:
    with pytest.raises(InvalidFile):
        set_scalar("a: [", ("a",), "x")


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(text=st.text(max_size=15))
def test_a_written_text_reads_as_itself_everywhere(text: str) -> None:
    scalar = written(text)
    document = _document(f"block: {scalar}\nflow: [{scalar}, {{key: {scalar}}}]\n")
    assert document.value == {"block": text, "flow": (text, {"key": text})}
