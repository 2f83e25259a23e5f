"""Durations as people write them: `90d`, `2h`, `15m`, `30s`, `2w`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PATTERN = re.compile(r"^([1-9][0-9]{0,5})([smhdw])$")


def parse_duration(value: object) -> timedelta:
    """Return the duration a text like `90d` stands for.

    Raises
    ------
    ValueError
        When the text is anything else.
    """
    if isinstance(value, timedelta):
        return value
    match = _PATTERN.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a whole number and a unit (s, m, h, d or w), for example 90d")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def format_duration(value: timedelta) -> str:
    """Return the shortest text for a duration, in the largest unit up to days that divides it."""
    seconds = int(value.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "pattern": _PATTERN.pattern}),
]


def parse_day(value: object) -> object:
    """Return the day a text like `2013-09-30` stands for; anything else is left to the type check.

    The YAML reader leaves dates as text, and strict validation takes no text for a date.
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("there is no such day in the calendar") from None
    return value


Day = Annotated[date, BeforeValidator(parse_day)]
