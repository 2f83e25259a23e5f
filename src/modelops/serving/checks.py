"""What is wrong with a value of a column: one function per column, made once from the signature."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from modelops.serving.signature import Input

MAX_TEXT = 10_000
MAX_NUMBER = 3.4028234e38  # beyond it, float32 is infinite
YEARS = range(1678, 2262)  # what 64 bits of nanoseconds can hold

# Returns what is wrong with a value, None when nothing is.
Check = Callable[[Any], str | None]


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
        return None if allowed is None or value in allowed else _not_allowed(column.values, value)

    return check


def _boolean(column: Input) -> Check:
    allowed = (True, False) if column.values is None else column.values

    def check(value: Any) -> str | None:
        if type(value) is not bool:
            return _wrong_type("true or false", value)
        return None if value in allowed else _not_allowed(allowed, value)

    return check


def _category(column: Input) -> Check:
    if column.values is None:
        return _text(column)
    # 1, 1.0 and true are equal in Python, and different values to a caller.
    allowed = frozenset((type(value), value) for value in column.values)
    names = {str: "text", int: "an integer", bool: "true or false"}
    kinds = [kind for kind in names if any(type(value) is kind for value in column.values)]
    expected = " or ".join(names[kind] for kind in kinds)

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


def _time(_column: Input) -> Check:
    def check(value: Any) -> str | None:
        if type(value) is not str:
            return _wrong_type("a time as ISO 8601 text", value)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return f"{show(value)} is no time; expected ISO 8601 such as 2013-03-31T17:00:00Z"
        return None if moment.year in YEARS else f"the year must lie between {YEARS[0]} and {YEARS[-1]}"

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
    return f"expected {expected}, got {show(value)}"


def _out_of_range(column: Input, value: float) -> str:
    if column.min is not None and value < column.min:
        return f"{show(value)} is below the smallest allowed value {column.min:g}"
    if column.max is not None and value > column.max:
        return f"{show(value)} is above the largest allowed value {column.max:g}"
    return f"{show(value)} is too large a number"


def _not_allowed(allowed: tuple[Any, ...] | None, value: Any) -> str:
    values = allowed or ()
    more = f" and {len(values) - 20} more" if len(values) > 20 else ""
    return f"{show(value)} is not one of {', '.join(map(show, values[:20]))}{more}"


def show(value: Any) -> str:
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
