"""Cross-validation folds inside the training part."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from modelops.core.errors import ModelopsError
from modelops.spec.model import Spec
from modelops.spec.training import Folds

Fold = tuple[np.ndarray, np.ndarray]


def folds(spec: Spec, how: Folds, rows: pd.DataFrame, target: np.ndarray) -> list[Fold]:
    """Return the positions of the rows to fit on and to score on, once for each fold.

    Parameters
    ----------
    spec : Spec
        The model's spec.
    how : Folds
        `time`: fit on everything before a day, score on the days after it, k times, each later than the one before.
        `group`: rows of one group stay together. `strata`: every fold has the same share of each class.
        `rows`: at random.
    rows : pandas.DataFrame
        The training rows.
    target : numpy.ndarray, shape (rows,)
        Class codes or numbers.

    Raises
    ------
    ModelopsError
        When the rows cannot be divided so.
    """
    try:
        found = _folds(spec, how, rows, target)
    except ValueError as error:
        raise ModelopsError(f"train.search.folds: {error}", hint="lower k, or divide by something else") from error
    if spec.train.task == "classification":
        for fit_on, _ in found:
            if len(np.unique(target[fit_on])) < len(np.unique(target)):
                raise ModelopsError(
                    "train.search.folds: a fold has no row of one of the classes to fit on",
                    hint="lower k, or use by: strata",
                )
    return found


def _folds(spec: Spec, how: Folds, rows: pd.DataFrame, target: np.ndarray) -> list[Fold]:
    if how.by == "time":
        return _by_time(spec, how.k, rows)
    if how.by == "group":
        if how.group is None:
            raise ModelopsError("train.search.folds: by: group needs a column", hint="set group")
        return list(GroupKFold(how.k).split(rows, target, rows[how.group].astype(str)))
    kind = StratifiedKFold if how.by == "strata" else KFold
    return list(kind(how.k, shuffle=True, random_state=spec.train.seed).split(rows, target))


def _by_time(spec: Spec, k: int, rows: pd.DataFrame) -> list[Fold]:
    if spec.data.time is None:
        raise ModelopsError("train.search.folds: by: time needs a time column", hint="set data.time")
    days = rows[spec.data.time].dt.floor("D").to_numpy()
    ordered = np.sort(days)
    starts = np.unique([ordered[len(ordered) * place // (k + 1)] for place in range(1, k + 1)])
    if len(starts) < k or starts[0] == ordered[0]:
        raise ModelopsError(f"train.search.folds: the training rows have too few days for {k} folds", hint="lower k")
    ends = [*starts[1:], ordered[-1] + np.timedelta64(1, "D")]
    return [
        (np.flatnonzero(days < start), np.flatnonzero((days >= start) & (days < end)))
        for start, end in zip(starts, ends, strict=True)
    ]
