"""Parts of the test rows that are judged by themselves, and the correction for looking at many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modelops.evaluate.scored import Bools

OTHER = "(other)"
MISSING = "(missing)"


@dataclass(frozen=True)
class Slice:
    """The rows where `column` has one value.

    Attributes
    ----------
    column, value
        What holds on its rows, as text.
    rows
        Shape (rows,): which rows they are.
    judged
        False for the fold of values that have too few rows each.
    """

    column: str
    value: str
    rows: Bools
    judged: bool = True


def cut(frame: pd.DataFrame, column: str, least: int, *, sensitive: bool) -> list[Slice]:
    """Cut a frame by the values of a column.

    Parameters
    ----------
    frame
        The test rows.
    column
        Name of the column.
    least
        Values with fewer rows are folded into one slice, which is not judged.
    sensitive
        Whether the values must not show: they are then numbered, the largest group first.
    """
    values = np.array([text(value) for value in frame[column].tolist()], dtype=object)
    names, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    large = [place for place in range(len(names)) if counts[place] >= least]
    if sensitive:
        large.sort(key=lambda place: (-counts[place], names[place]))
    shown = [f"group {number}" if sensitive else str(names[place]) for number, place in enumerate(large, start=1)]
    result = [Slice(column, name, places == place) for name, place in zip(shown, large, strict=True)]
    if len(large) < len(names):
        result.append(Slice(column, OTHER, ~np.isin(places, large), judged=False))
    return result


def text(value: Any) -> str:
    """Return a column's value as people read it."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NaT:
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for how many there are, by Holm's step-down method.

    The chance of one false alarm or more among all of them stays below the level, whatever their dependence
    (Holm, 1979, "A simple sequentially rejective multiple test procedure").
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected
