"""Columns as counts: bins between quantiles for numbers, groups of at least k rows for categories."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from modelops.records.profile import Categories, ColumnProfile, Numbers, Times

# Groups with fewer rows are folded: a profile must not point at anybody.
K = 10
BINS = 10
LARGEST_CATEGORIES = 200
QUANTILES = (0.05, 0.5, 0.95)


def numbers(values: np.ndarray, kind: Any = "number") -> Numbers:
    """Return the profile of some numbers of shape (rows,), NaN or infinite where missing."""
    present = values[np.isfinite(values)]
    edges = _edges(present)
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    edges, counts = _fold(edges, counts)
    return Numbers(
        kind=kind,
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        missing=len(values) - len(present),
        quantiles=quantiles(present),
    )


def quantiles(present: np.ndarray) -> tuple[float, float, float] | None:
    """Return the 5%, 50% and 95% quantiles of finite numbers, None without any."""
    if len(present) < K:
        return None
    low, middle, high = np.quantile(present, QUANTILES).tolist()
    return low, middle, high


def _edges(present: np.ndarray) -> np.ndarray:
    """Return edges at equal quantiles; a value that fills a whole bin gets a bin of its own.

    Without that a column such as rain, mostly zero, or a constant one would have nothing to compare.
    """
    bins = min(BINS, len(present) // K)
    if bins < 2:
        return np.array([])
    cuts = np.quantile(present, np.arange(1, bins) / bins)
    values, times = np.unique(cuts, return_counts=True)
    heavy = values[times > 1]
    return np.unique(np.concatenate([values, np.nextafter(heavy, -np.inf)]))


def _fold(edges: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join bins with fewer than k rows, but more than none, to the bin on their left (the first one: right)."""
    kept, totals = list(edges), [int(count) for count in counts]
    position = 0
    while position < len(totals) and len(totals) > 1:
        if 0 < totals[position] < K:
            left = max(position - 1, 0)
            totals[left : left + 2] = [totals[left] + totals[left + 1]]
            del kept[left]
            position = left
        else:
            position += 1
    return np.array(kept, dtype=float), np.array(totals, dtype=np.int64)


def categories(values: pd.Series, salt: str | None = None) -> Categories:
    """Return the profile of some categories, None where missing; with a salt, values are stored as digests."""
    counted = as_text(values, salt).value_counts()
    kept = sorted(((int(rows), str(name)) for name, rows in counted.items() if rows >= K), key=lambda x: (-x[0], x[1]))
    large = {name: rows for rows, name in kept[:LARGEST_CATEGORIES]}
    return Categories(
        kind="category",
        counts=large,
        other=int(counted.sum()) - sum(large.values()),
        missing=int(values.isna().sum()),
        hashed=salt is not None,
    )


def as_text(values: pd.Series, salt: str | None = None) -> pd.Series:
    """Return the present categories as text, or as salted digests of it."""
    present = values[values.notna()]
    distinct = {value: _text(value) for value in pd.unique(present)}
    if salt is not None:
        distinct = {
            value: hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()[:12] for value, text in distinct.items()
        }
    return present.map(distinct)


def _text(value: Any) -> str:
    """Write 1 and 1.0 alike: a missing value turns a column of integers into floats."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _truth(profile: Categories, values: pd.Series) -> pd.Series:
    """Make booleans of zeros and ones again: a missing value turns a column of booleans into floats."""
    if pd.api.types.is_float_dtype(values) and profile.counts and set(profile.counts) <= {"true", "false"}:
        return values.map({0.0: False, 1.0: True})
    return values


def words(values: pd.Series) -> np.ndarray:
    """Return the number of words of each text, NaN where missing."""
    return np.array([len(text.split()) if isinstance(text, str) else np.nan for text in values], dtype=float)


def as_numbers(values: pd.Series) -> np.ndarray:
    """Return numbers or booleans as float64 of shape (rows,), NaN where missing."""
    return values.to_numpy(dtype=float, na_value=np.nan)


def times(values: pd.Series) -> Times:
    """Return the profile of a column of times: present and missing."""
    missing = int(values.isna().sum())
    return Times(kind="time", counts=(len(values) - missing,), missing=missing)


def reference_counts(profile: ColumnProfile) -> np.ndarray:
    """Return the profile's counts of shape (bins,): its bins or groups, then `other` for categories, then missing."""
    if isinstance(profile, Categories):
        return np.array([*profile.counts.values(), profile.other, profile.missing])
    return np.array([*profile.counts, profile.missing])


def codes(profile: ColumnProfile, values: pd.Series, salt: str | None = None) -> np.ndarray:
    """Return the index, in `reference_counts`, of each row's bin; shape (rows,), int64."""
    if isinstance(profile, Categories):
        groups = {name: index for index, name in enumerate(profile.counts)}
        code = np.full(len(values), len(groups) + 1)
        text = as_text(_truth(profile, values), salt if profile.hashed else None)
        code[values.notna().to_numpy()] = text.map(groups).fillna(len(groups)).to_numpy(dtype=np.int64)
        return code
    if isinstance(profile, Times):
        return values.isna().to_numpy().astype(np.int64)
    present = words(values) if profile.kind == "text" else as_numbers(values)
    code = np.searchsorted(np.array(profile.edges), present, side="left")
    return np.where(np.isfinite(present), code, len(profile.counts))
