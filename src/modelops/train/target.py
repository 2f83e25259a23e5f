"""The target as numbers: class codes, or float64 values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from modelops.core.errors import ModelopsError
from modelops.spec.model import Spec

Class = str | int | float | bool


@dataclass(frozen=True)
class Target:
    """The target of some rows: `values` of shape (rows,) are codes into `classes`, or numbers without classes."""

    values: np.ndarray
    classes: tuple[Class, ...]


def target(spec: Spec, rows: pd.DataFrame) -> Target:
    """Return the target of the training rows.

    Raises
    ------
    ModelopsError
        When it is missing somewhere, has one class only, or does not fit the task.
    """
    column = rows[spec.data.target]
    missing = int(column.isna().sum())
    if missing:
        raise ModelopsError(
            f'data.target: "{spec.data.target}" is missing in {missing:,} of {len(column):,} training rows',
            hint="leave those rows out in data.query",
        )
    return _classes(spec, column) if spec.train.task == "classification" else _numbers(spec, column)


def _classes(spec: Spec, column: pd.Series) -> Target:
    labels, codes = np.unique(column.to_numpy(), return_inverse=True)
    if len(labels) < 2:
        raise ModelopsError(
            f'data.target: "{spec.data.target}" has one class only in the training rows ({labels[0]})',
            hint="take more rows with data.window, or check data.query",
        )
    if len(labels) > max(len(column) / 2, 10):
        raise ModelopsError(
            f'data.target: "{spec.data.target}" has {len(labels):,} classes in {len(column):,} training rows',
            hint="to predict a number, set train.task: regression",
        )
    return Target(codes.astype(np.int64), tuple(label.item() if hasattr(label, "item") else label for label in labels))


def _numbers(spec: Spec, column: pd.Series) -> Target:
    if column.dtype.kind not in "biuf":
        raise ModelopsError(
            f'data.target: "{spec.data.target}" is no number, but train.task is regression',
            hint="set train.task: classification, or predict a number",
        )
    values = column.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise ModelopsError(
            f'data.target: "{spec.data.target}" holds infinite numbers', hint="leave those rows out in data.query"
        )
    return Target(values, ())
