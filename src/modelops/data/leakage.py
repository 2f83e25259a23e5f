"""Notices a single feature that gives the answer away: it was most likely not known when the prediction is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from modelops.data.canonical import buffer
from modelops.records.data import Finding
from modelops.spec.model import Spec

# From here on a feature alone is too good to be true: area under the ROC curve, or share of variance explained.
_PERFECT = 0.99
_BINS = 256
# Values with fewer rows say nothing by themselves; they are put together.
_FEWEST = 20
# Rows that are looked at, evenly spread.
_SAMPLE = 20_000

Numbers = np.ndarray[tuple[int], np.dtype[Any]]


def findings(spec: Spec, frame: pa.Table) -> tuple[Finding, ...]:
    """Return a warning for each feature that alone predicts the target almost perfectly.

    The feature's values (numbers in up to 256 bins of equal share) are ranked by the mean of the target on their rows.
    For a class the measure is the area under the ROC curve of that ranking, for each class against the others;
    for a number the share of its variance between the values. Values with fewer than 20 rows are put together,
    so that a column with a value for each row does not look perfect. At most about 40,000 rows are looked at.

    Parameters
    ----------
    spec
        The model's spec.
    frame
        The stored rows.
    """
    every = max(frame.num_rows // _SAMPLE, 1)
    answers = _answers(spec, frame.column(spec.data.target), every)
    found = []
    for name in spec.features.columns:
        if frame.column(name).null_count == frame.num_rows:
            continue
        codes = _codes(frame.column(name), every)
        scores = [
            _auc(codes, answer) if spec.train.task == "classification" else _explained(codes, answer)
            for answer in answers
        ]
        if scores and min(scores) >= _PERFECT:
            found.append(_finding(spec, name, min(scores), frame.num_rows))
    return tuple(found)


def _finding(spec: Spec, name: str, score: float, rows: int) -> Finding:
    measure = "ROC AUC" if spec.train.task == "classification" else "share of variance explained"
    return Finding(
        column=name,
        rule="leakage",
        message=f"{name}: this feature alone predicts {spec.data.target} almost perfectly ({measure} {score:.3f}); "
        "is it known when the prediction is made?",
        rows=rows,
        level="warning",
    )


def _answers(spec: Spec, target: pa.ChunkedArray, every: int) -> list[Numbers]:
    """Return the target as numbers; a class as one column of zeros and ones for each class, one for two classes."""
    if spec.train.task == "regression":
        return [_floats(target)[::every]]
    codes = _distinct(target)[::every]
    classes = range(int(codes.max()) + 1)
    # Rare classes have too few rows to tell.
    usual = [code for code in classes if (codes == code).sum() >= _FEWEST]
    return [(codes == code).astype(np.float64) for code in (usual[:1] if len(classes) == 2 else usual)]


def _codes(column: pa.ChunkedArray, every: int) -> Numbers:
    """Return the bin or value of each row as a code from 0; missing is one of them."""
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_timestamp(column.type):
        numbers = _floats(column)[::every]
        bins = max(min(_BINS, len(numbers) // (2 * _FEWEST)), 1)
        edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, bins + 1)[1:-1]))
        codes = np.searchsorted(edges, numbers, side="right")
        codes[np.isnan(numbers)] = len(edges) + 1
    else:
        codes = _distinct(column)[::every]
    counts = np.bincount(codes)
    codes[counts[codes] < _FEWEST] = len(counts)
    return codes


def _distinct(column: pa.ChunkedArray) -> Numbers:
    values = pa.concat_arrays(column.chunks).dictionary_encode(null_encoding="encode")
    return buffer(values.indices, "<i4").astype(np.int64)


def _floats(column: pa.ChunkedArray) -> Numbers:
    values = pa.concat_arrays(column.chunks)
    whole = not pa.types.is_floating(values.type)
    numbers = buffer(values, "<i8" if whole else "<f8").astype(np.float64)
    numbers[buffer(values.is_valid().cast(pa.uint8()), "u1") == 0] = np.nan
    return numbers


def _auc(codes: Numbers, answer: Numbers) -> float:
    """Return the area under the ROC curve when rows are ranked by the mean answer of their code."""
    total, positive = np.bincount(codes).astype(np.float64), np.bincount(codes, weights=answer)
    order = np.argsort(positive / np.maximum(total, 1), kind="stable")
    positive, negative = positive[order], (total - positive)[order]
    if not positive.sum() or not negative.sum():
        return 0.0
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / (positive.sum() * negative.sum()))


def _explained(codes: Numbers, answer: Numbers) -> float:
    """Return the share of the answer's variance that lies between codes."""
    means = np.bincount(codes, weights=answer) / np.maximum(np.bincount(codes), 1)
    variance = float(((answer - answer.mean()) ** 2).sum())
    return 1.0 - float(((answer - means[codes]) ** 2).sum()) / variance if variance else 0.0
