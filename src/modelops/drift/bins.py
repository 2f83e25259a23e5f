"""Columns as counts: bins between quantiles for numbers, groups of at least k rows for categories."""

from __future__ import annotations

import hashlib
from collections import Counter
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
    codes, names = named(values, salt)
    counted: Counter[str] = Counter()
    for name, rows in zip(names, np.bincount(codes[codes >= 0], minlength=len(names)).tolist(), strict=True):
        counted[name] += rows
    kept = sorted((group for group in counted.items() if group[1] >= K), key=lambda group: (-group[1], group[0]))
    large = dict(kept[:LARGEST_CATEGORIES])
    return Categories(
        kind="category",
        counts=large,
        other=counted.total() - sum(large.values()),
        missing=int((codes < 0).sum()),
        hashed=salt is not None,
    )


def named(values: pd.Series, salt: str | None = None) -> tuple[np.ndarray, list[str]]:
    """Return each row's code, shape (rows,), -1 where missing, and the codes' categories as text or salted digests."""
    codes, distinct = pd.factorize(values)
    names = [_text(value) for value in distinct]
    if salt is not None:
        names = [hashlib.sha256(f"{salt}\0{name}".encode()).hexdigest()[:12] for name in names]
    return codes, names


def _text(value: Any) -> str:
    """Write 1 and 1.0 alike: a missing value turns a column of integers into floats."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


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
        return _category_codes(profile, values, salt)
    if isinstance(profile, Times):
        return values.isna().to_numpy().astype(np.int64)
    present = words(values) if profile.kind == "text" else as_numbers(values)
    code = np.searchsorted(np.array(profile.edges), present, side="left")
    return np.where(np.isfinite(present), code, len(profile.counts))


def _category_codes(profile: Categories, values: pd.Series, salt: str | None) -> np.ndarray:
    groups = {name: index for index, name in enumerate(profile.counts)}
    if groups and set(groups) <= {"true", "false"}:
        # A missing value turns a column of booleans into floats.
        groups |= {number: groups[name] for number, name in (("1", "true"), ("0", "false")) if name in groups}
    other, missing = len(profile.counts), len(profile.counts) + 1
    codes, names = named(values, salt if profile.hashed else None)
    # The last place is where the code of missing values, -1, points.
    places = np.array([*(groups.get(name, other) for name in names), missing])
    found: np.ndarray = places[codes]
    return found
