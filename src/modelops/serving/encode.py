"""From the raw values of a column to what a model reads. Training and serving use the same functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

# How many steps a cyclic part of a time has until it starts again.
PERIODS = {"minute": 60, "hour": 24, "weekday": 7, "day": 31, "month": 12, "dayofyear": 366}

_WORD = re.compile(r"\w\w+")

Values = Sequence[Any] | np.ndarray


def encode(kind: str, values: Values) -> np.ndarray:
    """Return one column as the model reads it.

    Parameters
    ----------
    kind : str
        `number`, `text`, `words`, `time`, or `<part>_sin` or `<part>_cos` with a part of `PERIODS`.
    values : sequence of length rows
        Raw values; None, NaN and NaT are missing.

    Returns
    -------
    numpy.ndarray, shape (rows,)
        float32, object (str) or datetime64[ns], as the table in `signature` says.

    Raises
    ------
    ValueError
        When a value cannot be read as this kind.
    """
    if kind == "number":
        return numbers(values)
    if kind == "text":
        return texts(values)
    if kind == "words":
        return words(values)
    moments = times(values)
    if kind == "time":
        return moments.astype("datetime64[ns]")
    part, _, wave = kind.rpartition("_")
    return _cyclic(moments, part, np.sin if wave == "sin" else np.cos)


def numbers(values: Values) -> np.ndarray:
    """Return values as float32, shape (rows,); missing ones as NaN."""
    with np.errstate(over="ignore"):
        try:
            return np.asarray(values, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise ValueError(f"not all values are numbers: {error}") from None


def rounded(values: Values, width: float) -> np.ndarray:
    """Return numbers rounded down to multiples of a width, float64, shape (rows,); multiples stay as they are."""
    counts = np.asarray(values, dtype=np.float64) / width
    nearest = np.round(counts)
    # A multiple divided by its width may come out a little below the whole number.
    whole = np.where(np.abs(counts - nearest) < 1e-9 * np.maximum(1, np.abs(counts)), nearest, np.floor(counts))
    found: np.ndarray = whole * width
    return found


def texts(values: Values) -> np.ndarray:
    """Return values as strings, shape (rows,), dtype object; missing ones as the empty string."""
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    out = np.empty(len(plain), dtype=object)
    out[:] = [value if type(value) is str else _text(value) for value in plain]
    return out


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    # A column of whole numbers arrives as floats as soon as one value is missing.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def words(values: Values) -> np.ndarray:
    """Return the words of two letters or more in lower case, joined by single blanks, shape (rows,), dtype object."""
    plain = texts(values)
    plain[:] = [" ".join(_WORD.findall(value.lower())) for value in plain]
    return plain


def times(values: Values) -> np.ndarray:
    """Return moments as datetime64[us] in UTC, shape (rows,). Naive times count as UTC."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return values.astype("datetime64[us]")
    return np.array([_moment(value) for value in values], dtype="datetime64[us]")


def _moment(value: Any) -> Any:
    if value is None or value != value:
        return np.datetime64("NaT")
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _cyclic(moments: np.ndarray, part: str, wave: Any) -> np.ndarray:
    missing = np.isnat(moments)
    position = _position(np.where(missing, np.datetime64(0, "us"), moments), part)
    angle = 2 * np.pi * position.astype(np.float64) / PERIODS[part]
    return np.where(missing, 0.0, wave(angle)).astype(np.float32)


def _position(moments: np.ndarray, part: str) -> np.ndarray:
    """Return which step of its cycle each moment is at, counted from 0."""
    days = moments.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    seconds = (moments - days).astype("timedelta64[s]").astype(np.int64)
    positions = {
        "minute": seconds // 60 % 60,
        "hour": seconds // 3600,
        "weekday": (days.astype(np.int64) + 3) % 7,  # 1970-01-01 was a Thursday; Monday is 0
        "day": (days - months).astype(np.int64),
        "month": months.astype(np.int64) % 12,
        "dayofyear": (days - moments.astype("datetime64[Y]")).astype(np.int64),
    }
    position: np.ndarray = positions[part]
    return position
