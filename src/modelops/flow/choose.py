"""Chooses task, features, estimator, metrics and first gates for what a file holds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

from modelops.core.errors import ModelopsError
from modelops.data.inspect import Column, File
from modelops.spec.wording import listed, suggestion

Task = Literal["classification", "regression"]
_KEY = re.compile(r"(^|_|\b)(id|key|uuid|guid|index)$|^unnamed: ?0$|^column0+$", re.IGNORECASE)
_SMALL = 500
_CLASSES = 50
_RARE = 8


@dataclass(frozen=True)
class Choice:
    """What goes into a first spec.

    `left_out` maps a column that is no feature to the reason.
    """

    task: Task
    target: Column
    keys: tuple[str, ...]
    numeric: tuple[Column, ...]
    categorical: tuple[Column, ...]
    dates: tuple[Column, ...]
    text: tuple[Column, ...]
    left_out: dict[str, str]
    linear: bool
    metrics: tuple[str, ...]
    gates: tuple[str, ...]
    slices: tuple[str, ...] = field(default=())

    @property
    def rare(self) -> tuple[str, ...]:
        """Classes with so few rows that some part of a split may lack them."""
        counted = zip(self.target.values, self.target.counts, strict=True)
        return tuple(value for value, rows in counted if rows < _RARE) if self.task == "classification" else ()

    @property
    def features(self) -> tuple[Column, ...]:
        """All features, in the order of the groups."""
        return (*self.numeric, *self.categorical, *self.dates, *self.text)


def choose(file: File, target: str, keys: tuple[str, ...], time: str | None, task: Task | None) -> Choice:
    """Return what fits a file.

    Parameters
    ----------
    file
        What it holds.
    target, keys, time
        Names of its columns that a person gave, all of which exist.
    task
        What a person wants; what the target looks like without it.

    Raises
    ------
    ModelopsError
        When nothing can be learned from it, with the reason.
    """
    wanted = next(column for column in file.columns if column.name == target)
    _learnable(file, wanted)
    task = task or _task(file, wanted)
    _fits(file, wanted, task)
    keys = keys or _key(file, target, time)
    groups, left_out = _groups(file, {target, *keys, *([time] if time else [])})
    if not any(groups.values()):
        left_out |= dict.fromkeys(keys, "names a row")
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        hint = f"left out: {reasons}" if reasons else "it has no other column"
        raise ModelopsError(f"there is nothing to predict {target} from", hint=hint)
    linear = bool(groups["text"]) or (file.rows < _SMALL and not any(column.missing for column in groups["dates"]))
    metrics, gates = _judged(file, wanted, task)
    slices = tuple(column.name for column in groups["categorical"] if 2 <= column.distinct <= 6)[:2]
    return Choice(
        task=task,
        target=wanted,
        keys=keys,
        left_out=left_out,
        linear=linear,
        metrics=metrics,
        gates=gates,
        slices=slices if file.rows >= 2 * _SMALL else (),
        **{name: tuple(columns) for name, columns in groups.items()},
    )


def check_names(file: File, target: str, keys: tuple[str, ...], time: str | None) -> None:
    """Make sure that the columns a person named exist.

    Raises
    ------
    ModelopsError
        When one does not.
    """
    names = [column.name for column in file.columns]
    for role, name in (("--target", target), *(("--key", key) for key in keys), *([("--time", time)] if time else [])):
        if name not in names:
            hint = suggestion(name, names, otherwise=f"it has {listed(names, limit=20)}")
            raise ModelopsError(f'{role}: the file has no column "{name}"', hint=hint)


def _learnable(file: File, target: Column) -> None:
    if file.rows == 0:
        raise ModelopsError("the file has no rows", hint="give a file with rows")
    if target.distinct == 0:
        raise ModelopsError(f'--target: "{target.name}" has no value in any row', hint="choose another target")
    if target.distinct == 1:
        raise ModelopsError(
            f'--target: "{target.name}" has one value only, so there is nothing to learn', hint="choose another target"
        )
    if target.kind == "time":
        raise ModelopsError(
            f'--target: "{target.name}" is a time', hint="predict a number, for example the days until then"
        )


def _task(file: File, target: Column) -> Task:
    if target.kind in ("text", "boolean") or target.distinct == 2:
        return "classification"
    codes = target.whole and target.distinct <= 10 and target.low in (0, 1) and target.high is not None
    dense = codes and target.high is not None and target.high - (target.low or 0) < target.distinct
    return "classification" if dense and file.rows >= 10 * target.distinct else "regression"


def _fits(file: File, target: Column, task: Task) -> None:
    if task == "regression" and target.kind in ("text", "boolean"):
        raise ModelopsError(f'--target: "{target.name}" is no number', hint="use --task classification")
    if task == "classification" and target.distinct > max(_CLASSES, 2):
        raise ModelopsError(
            f'--target: "{target.name}" has {target.distinct:,} different values in {file.rows:,} rows, too many for'
            " classes",
            hint="choose another target" if target.kind == "text" else "use --task regression",
        )


def _key(file: File, target: str, time: str | None) -> tuple[str, ...]:
    """Return the first column whose name and values say that it names rows."""
    for column in file.columns:
        if column.name not in (target, time) and _names_rows(file, column):
            return (column.name,)
    return ()


def _names_rows(file: File, column: Column) -> bool:
    """Return whether a column is unique and called like a key, or counts the rows."""
    if column.missing or column.distinct != file.rows or column.kind not in ("integer", "text"):
        return False
    counts = column.kind == "integer" and file.rows > 20 and column.low in (0, 1)
    return bool(_KEY.search(column.name)) or (counts and column.high == file.rows - 1 + (column.low or 0))


def _groups(file: File, taken: set[str]) -> tuple[dict[str, list[Column]], dict[str, str]]:
    groups: dict[str, list[Column]] = {"numeric": [], "categorical": [], "dates": [], "text": []}
    left_out: dict[str, str] = {}
    for column in file.columns:
        if column.name in taken:
            continue
        group = _group(file, column)
        if group in groups:
            groups[group].append(column)
        else:
            left_out[column.name] = group
    return groups, left_out


def _group(file: File, column: Column) -> str:
    """Return the group of features that a column belongs to, or why it is none."""
    if column.distinct == 0:
        return "no value"
    if column.distinct == 1:
        return "one value only"
    if column.kind == "time":
        return "dates"
    if column.kind in ("number", "integer", "boolean"):
        return "names rows" if file.rows > 20 and _names_rows(file, column) else "numeric"
    if column.words >= 3 and column.distinct > _CLASSES:
        return "text"
    if column.distinct > max(20, (file.rows - column.missing) / 2):
        return "almost a value of its own in every row"
    return "categorical" if column.distinct <= 1000 else "more than 1,000 categories"


def _judged(file: File, target: Column, task: Task) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return metrics, and gates that only a broken model or broken data fails."""
    if task == "regression":
        spread = max((target.high or 0) - (target.low or 0), 1e-9)
        return ("mae", "rmse", "r2"), (f"{{metric: mae, max: {_round_up(spread / 2)}}}",)
    if target.distinct == 2:
        return ("roc_auc", "average_precision", "brier", "log_loss"), ("{metric: roc_auc, min: 0.4}",)
    share = (max(target.counts) if target.counts else 0) / max(file.rows - target.missing, 1)
    floor = max(math.floor(share * 50) / 100, 0.0)
    return ("accuracy", "f1", "log_loss"), (f"{{metric: accuracy, min: {floor}}}",)


def _round_up(value: float) -> str:
    """Return a number with two digits that is at least the given one."""
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return f"{math.ceil(value / scale) * scale:.12g}"
