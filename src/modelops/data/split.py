"""Which rows are for training, validation and test; which a version has seen; which belong together."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pandas as pd

from modelops.core.errors import ModelopsError
from modelops.data.window import bounds
from modelops.spec.evaluation import HashSplit, TimeSplit
from modelops.spec.model import Spec

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Split:
    """Masks of shape (rows,), each row in exactly one."""

    train: Mask
    validation: Mask
    test: Mask


def split(spec: Spec, frame: pd.DataFrame) -> Split:
    """Divide the rows of a spec's own snapshot.

    By time, the last `test` of the window are the test rows and the `validation` before them the validation rows.
    By hash, a row's side follows from its key (or the column `on`, or all its columns) alone, so that it is on the
    same side in every version.

    Raises
    ------
    ModelopsError
        When a side that is needed gets no row.
    """
    how = spec.evaluate.split
    parts = _by_time(spec, how, frame) if how.by == "time" else _by_hash(spec, how, frame)
    for side, needed in (("train", True), ("test", True), ("validation", how.validation is not None)):
        if needed and not getattr(parts, side).any():
            raise ModelopsError(
                f"{spec.name}: evaluate.split leaves no {side} row of {len(frame):,}",
                hint="change evaluate.split, or take more rows with data.window",
            )
    return parts


def trained_on(spec: Spec, frame: pd.DataFrame) -> Mask:
    """Return which rows a version with this spec saw in training or validation; shape (rows,).

    Parameters
    ----------
    spec
        The version's own spec, with its snapshot.
    frame
        Rows of the same source, possibly of another snapshot.
    """
    how = spec.evaluate.split
    if how.by == "time":
        parts = _by_time(spec, how, frame)
        return parts.train | parts.validation
    parts = _by_hash(spec, how, frame)
    seen: Mask = parts.train | parts.validation
    span = bounds(spec)
    if span is None or spec.data.time is None:
        return seen
    times = frame[spec.data.time]
    inside: Mask = ((times >= span[0]) & (times < span[1])).to_numpy()
    return seen & inside


def blocks(spec: Spec, frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """Return the code of the block that each row belongs to for a block bootstrap; shape (rows,).

    Rows of one UTC day are a block; without a time column rows of one group (`evaluate.split.on`); without either
    rows are independent and the answer is None. Codes count from 0 in the order of days or first appearance.
    """
    if spec.data.time is not None:
        # without its zone (UTC) a column of times is an array of integers, with it one of objects
        days = frame[spec.data.time].dt.tz_convert(None).dt.floor("D").to_numpy()
        return np.unique(days, return_inverse=True)[1].astype(np.int64)
    how = spec.evaluate.split
    if how.by == "hash" and how.on is not None:
        return pd.factorize(frame[how.on], use_na_sentinel=False)[0].astype(np.int64)
    return None


def _by_time(spec: Spec, how: TimeSplit, frame: pd.DataFrame) -> Split:
    span = bounds(spec)
    if span is None or spec.data.time is None:
        raise ModelopsError(
            f"{spec.name}: evaluate.split is by time, and data.time names no column", hint="name it, or split by hash"
        )
    start, end = span
    test = end - how.test
    validation = test - how.validation if how.validation else test
    times = frame[spec.data.time]
    return Split(
        train=((times >= start) & (times < validation)).to_numpy(),
        validation=((times >= validation) & (times < test)).to_numpy(),
        test=((times >= test) & (times < end)).to_numpy(),
    )


def _by_hash(spec: Spec, how: HashSplit, frame: pd.DataFrame) -> Split:
    place = _place(spec, how, frame)
    validation = how.test + (how.validation or 0.0)
    return Split(
        train=place >= validation, validation=(place >= how.test) & (place < validation), test=place < how.test
    )


def _place(spec: Spec, how: HashSplit, frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a number in [0, 1) for each row that depends on its name alone."""
    names = [how.on] if how.on else list(spec.data.keys) or sorted({*spec.features.columns, spec.data.target})
    texts = [_texts(frame[name]) for name in names]
    rows = texts[0] if len(texts) == 1 else [_SEPARATOR.join(row) for row in zip(*texts, strict=True)]
    codes = {text: int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") for text in set(rows)}
    return np.array([codes[text] for text in rows], dtype=np.uint64) / 2.0**64


def _texts(column: pd.Series) -> list[str]:
    """Return values as texts that do not depend on how they are stored: 1 and 1.0 are the same."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return [str(value) for value in column.astype("int64")]
    return [_text(value) for value in column.tolist()]


def _text(value: object) -> str:
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
