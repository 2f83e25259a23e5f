"""Bad requests get one message that names the place; nothing wrong reaches the model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny_model
from modelops.serving.checks import checker
from modelops.serving.describe import describe
from modelops.serving.request import MAX_ROWS, BadRequest, Reader
from modelops.serving.signature import Input, Signature

READER = Reader(tiny_model.signature())


def body(**changes: Any) -> bytes:
    return json.dumps({"rows": [tiny_model.ROW, {**tiny_model.ROW, **changes}]}).encode()


def refused(data: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        READER.read(data)
    return caught.value


def test_good_rows_become_columns() -> None:
    columns = READER.read(body(temp=None, hour=3.0, note=None))
    assert columns == {
        "temp": [39.5, None],
        "hour": [17, 3.0],
        "origin": ["JFK", "JFK"],
        "windy": [True, True],
        "note": ["late", None],
    }


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("temp", "3.5", 'rows[1].temp: expected a number, got "3.5"'),
        ("temp", True, "rows[1].temp: expected a number, got true"),
        ("temp", [1], "rows[1].temp: expected a number, got a list"),
        ("temp", 130.5, "rows[1].temp: 130.5 is above the largest allowed value 130"),
        ("temp", -41, "rows[1].temp: -41 is below the smallest allowed value -40"),
        ("temp", 10**400, "rows[1].temp: an integer of more than 40 digits is above the largest allowed value 130"),
        ("hour", 3.5, "rows[1].hour: expected an integer, got 3.5"),
        ("hour", None, "rows[1].hour: expected an integer, got null; this column may not be missing"),
        ("hour", 24, "rows[1].hour: 24 is above the largest allowed value 23"),
        ("origin", "SFO", 'rows[1].origin: "SFO" is not one of "EWR", "JFK", "LGA"'),
        ("origin", 1, "rows[1].origin: expected text, got 1"),
        ("windy", 1, "rows[1].windy: expected true or false, got 1"),
        ("windy", "true", 'rows[1].windy: expected true or false, got "true"'),
        ("note", {"a": 1}, "rows[1].note: expected text, got an object"),
        ("note", "\ud800", "rows[1].note: the text holds half of a surrogate pair"),
        ("note", "x" * 10_001, "rows[1].note: text of 10001 characters, at most 10000 are allowed"),
        ("tmp", 3, 'rows[1]: unknown column "tmp"; did you mean "temp"?'),
        ("zzz", 3, 'rows[1]: unknown column "zzz"; the columns are temp, hour, origin, windy, note'),
    ],
)
def test_a_wrong_value_names_row_and_column(column: str, value: Any, message: str) -> None:
    problem = refused(body(**{column: value}))
    assert (problem.status, str(problem)) == (422, message)
    assert problem.body() == {"error": message, "row": 1, "column": column}


def test_a_missing_column_is_an_error_even_where_null_is_allowed() -> None:
    row = {name: value for name, value in tiny_model.ROW.items() if name != "temp"}
    problem = refused(json.dumps({"rows": [row]}).encode())
    assert problem.body() == {"error": 'rows[0]: the column "temp" is missing', "row": 0, "column": "temp"}


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        (b"", 400, "the body is not JSON: Expecting value at line 1, column 1"),
        (b'{"rows": [', 400, "the body is not JSON: Expecting value at line 1, column 11"),
        (b'{"rows": "\xff"}', 400, "the body is not UTF-8"),
        (b"[" * 100_000, 400, "the body is nested too deeply"),
        (b'{"rows": [NaN]}', 400, "the body is not JSON: NaN is no JSON number; send null where a value is unknown"),
        (
            b'{"rows": [-Infinity]}',
            400,
            "the body is not JSON: -Infinity is no JSON number; send null where a value is unknown",
        ),
        (b'{"rows": [' + b"9" * 5_000 + b"]}", 400, "the body holds an integer of thousands of digits"),
        (b'{"rows": [{"temp": 1, "temp": 2}]}', 400, '"temp" stands twice in one object'),
        (b"[]", 422, 'expected an object with the only key "rows": {"rows": [{"column": value, …}, …]}'),
        (
            b'{"rows": [], "row": 1}',
            422,
            'expected an object with the only key "rows": {"rows": [{"column": value, …}, …]}',
        ),
        (b'{"rows": {}}', 422, "rows: expected a list of objects, got an object"),
        (b'{"rows": []}', 422, "rows: expected at least one row"),
        (b'{"rows": [3]}', 422, "rows[0]: expected an object of column names and values, got 3"),
        (
            json.dumps({"rows": [0] * (MAX_ROWS + 1)}).encode(),
            413,
            "rows: 1001 rows in one request, at most 1000 are allowed",
        ),
    ],
)
def test_a_wrong_body_says_what_is_wrong(data: bytes, status: int, message: str) -> None:
    problem = refused(data)
    assert (problem.status, str(problem)) == (status, message)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1e39"])
def test_numbers_beyond_float32_are_refused(text: str) -> None:
    open_range = Reader(Signature("m", "regression", "onnx", (Input("x", "number"),)))
    with pytest.raises(BadRequest, match="too large a number"):
        open_range.read(f'{{"rows": [{{"x": {text}}}]}}'.encode())


def test_a_category_of_integers_tells_1_from_true() -> None:
    check = checker(Input("cabin", "category", nullable=False, values=(1, 2)))
    assert check(1) is None
    assert check(True) == "expected an integer, got true"
    assert check(1.0) == "expected an integer, got 1.0"
    assert check(3) == "3 is not one of 1, 2"


@pytest.mark.parametrize("value", ["yesterday", "2013-13-01", "0001-01-01T00:00:00+14:00", 20130331])
def test_a_time_must_be_iso_8601(value: Any) -> None:
    assert checker(Input("at", "time"))(value) is not None
    assert checker(Input("at", "time"))("2013-03-31T17:00:00Z") is None


def test_the_example_of_the_description_is_accepted() -> None:
    example = describe(tiny_model.signature(), "1")["example"]
    assert set(READER.read(json.dumps(example).encode())) == set(tiny_model.ROW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*tiny_model.ROW, "rows", "x"]), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_read_or_refused_with_a_short_message(plain: Any) -> None:
    for value in (plain, {"rows": plain}, {"rows": [plain]}, {"rows": [{**tiny_model.ROW, "temp": plain}]}):
        try:
            columns, problem = READER.read(json.dumps(value).encode()), None
        except BadRequest as refusal:
            columns, problem = {}, refusal
        assert problem is None or problem.status in (400, 413, 422)
        assert problem is None or 0 < len(str(problem)) < 300
        assert all(len(values) == len(columns["temp"]) for values in columns.values())
