"""Evidently's report, to look at what was found. It decides nothing: it is drawn from a bounded sample."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from modelops.drift.profile import kind_of, sensitive
from modelops.spec.model import Spec

# Evidently takes minutes on a million rows and draws the same picture from a few thousand.
SAMPLE = 5_000
CATEGORIES = 50


def write(spec: Spec, reference: pd.DataFrame, current: pd.DataFrame, path: Path) -> Path | None:
    """Write an HTML page that compares two samples, column by column.

    Parameters
    ----------
    reference, current : DataFrame
        The training rows of the running version, and the new rows.
    path : Path
        The file to write, several megabytes.

    Returns
    -------
    Path or None
        The file, None when no column can be shown (all of them sensitive, free text or empty).
    """
    os.environ.setdefault("DO_NOT_TRACK", "1")
    numbers, categories = _columns(spec, reference, current)
    if not numbers and not categories:
        return None
    kept = {name: set(reference[name].value_counts().index[:CATEGORIES]) for name in categories}
    samples = [_sample(frame, numbers, kept) for frame in (current, reference)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
        new, old = (Dataset.from_pandas(sample, data_definition=definition) for sample in samples)
        threshold = spec.monitor.drift.threshold if spec.monitor.drift else None
        preset = DataDriftPreset(columns=[*numbers, *categories], method="psi", threshold=threshold)
        result = Report([preset], include_tests=True).run(new, old)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        result.save_html(str(temporary))
        temporary.replace(path)
    return path


def _columns(spec: Spec, reference: pd.DataFrame, current: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the numeric and the categorical columns that may and can be shown; Evidently fails on empty ones."""
    numbers, categories = [], []
    for name in spec.features.columns:
        if sensitive(spec, name) or reference[name].isna().all() or current[name].isna().all():
            continue
        match kind_of(spec, name, reference[name]):
            case "number":
                numbers.append(name)
            case "category":
                categories.append(name)
    return numbers, categories


def _sample(frame: pd.DataFrame, numbers: list[str], categories: dict[str, set[Any]]) -> pd.DataFrame:
    """Return some rows, always the same; categories that are not among the kept ones are put together."""
    rows = frame if len(frame) <= SAMPLE else frame.sample(SAMPLE, random_state=0)
    drawn = rows[[*numbers, *categories]].reset_index(drop=True).astype(dict.fromkeys(numbers, float))
    for name, kept in categories.items():
        values = drawn[name]
        drawn[name] = values.map(str, na_action="ignore").where(values.isin(kept) | values.isna(), "other")
    return drawn
