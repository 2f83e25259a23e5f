"""From the body of a request to columns: strict, with one message that names the row and the column.

What passes here can be fed to the model without a second look: every column of the signature is there, every value
has its type, is finite in float32, and lies within the contract's limits.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from modelops.serving.signature import Input, Signature

MAX_ROWS = 1_000
MAX_BYTES = 4 * 2**20
MAX_TEXT = 10_000
MAX_NUMBER = 3.4028234e38  # beyond it, float32 is infinite

# Returns what is wrong with a value, None when nothing is.
Check = Callable[[Any], str | None]


class BadRequest(Exception):
    """A request that the caller must mend.

    `status` is the HTTP status; `row` counts from 0; `column` is a column of the signature or of the request.
    """

    def __init__(self, status: int, message: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.row = row
        self.column = column

    def body(self) -> dict[str, Any]:
        """Return the answer as plain JSON."""
        place = {"row": self.row, "column": self.column}
        return {"error": str(self), **{key: value for key, value in place.items() if value is not None}}


class Reader:
    """Reads the bodies of requests to one model."""

    def __init__(self, signature: Signature) -> None:
        self._checks: dict[str, Check] = {column.name: checker(column) for column in signature.inputs}

    def read(self, body: bytes | bytearray) -> dict[str, list[Any]]:
        """Return the values of every column of the signature, each of length rows.

        Raises
        ------
        BadRequest
            400 when the body is not JSON, 413 when it has too many rows, 422 when its content is not what the
            signature says.
        """
        rows = _rows(_parse(body))
        for index, row in enumerate(rows):
            if type(row) is not dict or row.keys() != self._checks.keys():
                raise self._wrong_columns(index, row)
        return {name: self._column(name, check, rows) for name, check in self._checks.items()}

    def _column(self, name: str, check: Check, rows: list[dict[str, Any]]) -> list[Any]:
        values = [row[name] for row in rows]
        for index, value in enumerate(values):
            problem = check(value)
            if problem is not None:
                raise BadRequest(422, f"rows[{index}].{name}: {problem}", index, name)
        return values

    def _wrong_columns(self, index: int, row: Any) -> BadRequest:
        if type(row) is not dict:
            message = f"rows[{index}]: expected an object of column names and values, got {_show(row)}"
            return BadRequest(422, message, index)
        for name in row:
            if name not in self._checks:
                near = difflib.get_close_matches(name, self._checks, 1)
                hint = f'; did you mean "{near[0]}"?' if near else f"; the columns are {', '.join(self._checks)}"
                return BadRequest(422, f"rows[{index}]: unknown column {_show(name)}{hint}", index, name[:100])
        missing = next(name for name in self._checks if name not in row)
        return BadRequest(422, f'rows[{index}]: the column "{missing}" is missing', index, missing)


def _parse(body: bytes | bytearray) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError:
        raise BadRequest(400, "the body is nested too deeply") from None
    except UnicodeDecodeError:
        raise BadRequest(400, "the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(400, f"the body is not JSON: {error.msg} at {place}") from None
    except ValueError as error:  # an integer of thousands of digits
        raise BadRequest(400, f"the body is not JSON: {error}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(400, f"{_show(twice)} stands twice in one object")
    return plain


def _no_constant(text: str) -> Any:
    raise BadRequest(400, f"the body is not JSON: {text} is no JSON number; send null where a value is unknown")


def _rows(plain: Any) -> list[Any]:
    if type(plain) is not dict or plain.keys() != {"rows"}:
        raise BadRequest(422, 'expected an object with the only key "rows": {"rows": [{"column": value, …}, …]}')
    rows = plain["rows"]
    if type(rows) is not list:
        raise BadRequest(422, f"rows: expected a list of objects, got {_show(rows)}")
    if not rows:
        raise BadRequest(422, "rows: expected at least one row")
    if len(rows) > MAX_ROWS:
        raise BadRequest(413, f"rows: {len(rows)} rows in one request, at most {MAX_ROWS} are allowed")
    return rows


def checker(column: Input) -> Check:
    """Return the function that says what is wrong with a value of this column."""
    check = _CHECKERS[column.type](column)
    if column.nullable:
        return lambda value: None if value is None else check(value)
    return check


def _number(column: Input) -> Check:
    low = -MAX_NUMBER if column.min is None else max(column.min, -MAX_NUMBER)
    high = MAX_NUMBER if column.max is None else min(column.max, MAX_NUMBER)
    whole = column.type == "integer"
    allowed = None if column.values is None else frozenset(column.values)

    def check(value: Any) -> str | None:
        kind = type(value)
        if kind is not float and kind is not int:
            return _wrong_type("an integer" if whole else "a number", value)
        if not low <= value <= high:
            return _out_of_range(column, value)
        if whole and kind is float and not value.is_integer():
            return _wrong_type("an integer", value)
        if allowed is not None and value not in allowed:
            return _not_allowed(column.values, value)
        return None

    return check


def _boolean(column: Input) -> Check:
    allowed = (True, False) if column.values is None else column.values

    def check(value: Any) -> str | None:
        if type(value) is not bool:
            return _wrong_type("true or false", value)
        return None if value in allowed else _not_allowed(column.values, value)

    return check


def _category(column: Input) -> Check:
    if column.values is None:
        return _text(column)
    # 1, 1.0 and true are equal in Python, and different values to a caller.
    allowed = frozenset((type(value), value) for value in column.values)
    kinds = frozenset(type(value) for value in column.values)
    names = {str: "text", int: "an integer", bool: "true or false"}
    expected = " or ".join(names[kind] for kind in (str, int, bool) if kind in kinds)

    def check(value: Any) -> str | None:
        kind = type(value)
        if kind not in kinds:
            return _wrong_type(expected, value)
        return None if (kind, value) in allowed else _not_allowed(column.values, value)

    return check


def _text(column: Input) -> Check:
    allowed = None if column.values is None else frozenset(column.values)

    def check(value: Any) -> str | None:
        if type(value) is not str:
            return _wrong_type("text", value)
        if len(value) > MAX_TEXT:
            return f"text of {len(value)} characters, at most {MAX_TEXT} are allowed"
        if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            return "the text holds half of a surrogate pair"
        return None if allowed is None or value in allowed else _not_allowed(column.values, value)

    return check


def _time(column: Input) -> Check:  # noqa: ARG001 - the table calls all of them alike
    def check(value: Any) -> str | None:
        if type(value) is not str:
            return _wrong_type("a time as ISO 8601 text", value)
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return f"{_show(value)} is no time; expected ISO 8601 such as 2013-03-31T17:00:00Z"
        return None

    return check


_CHECKERS: dict[str, Callable[[Input], Check]] = {
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
    "category": _category,
    "text": _text,
    "time": _time,
}


def _wrong_type(expected: str, value: Any) -> str:
    if value is None:
        return f"expected {expected}, got null; this column may not be missing"
    return f"expected {expected}, got {_show(value)}"


def _out_of_range(column: Input, value: float) -> str:
    if column.min is not None and value < column.min:
        return f"{_show(value)} is below the smallest allowed value {column.min:g}"
    if column.max is not None and value > column.max:
        return f"{_show(value)} is above the largest allowed value {column.max:g}"
    return f"{_show(value)} is too large a number"


def _not_allowed(values: tuple[Any, ...] | None, value: Any) -> str:
    allowed = values or (True, False)
    listed = ", ".join(_show(entry) for entry in allowed[:20])
    more = f" and {len(allowed) - 20} more" if len(allowed) > 20 else ""
    return f"{_show(value)} is not one of {listed}{more}"


def _show(value: Any) -> str:
    """Return a value as JSON, short enough for a message."""
    if type(value) is dict:
        return "an object"
    if type(value) is list:
        return "a list"
    if type(value) is float and value in (float("inf"), float("-inf")):
        return "a number beyond every float"
    if type(value) is int and abs(value) > 10**40:
        return "an integer of more than 40 digits"
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:57] + '…"'
