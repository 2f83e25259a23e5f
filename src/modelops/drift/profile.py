"""The reference profile: what training rows look like, small enough for git and free of rows."""

from __future__ import annotations

import pandas as pd

from modelops.drift import bins
from modelops.records.profile import ColumnProfile, Profile
from modelops.serving.predictor import Prediction
from modelops.spec.model import Spec


def build(spec: Spec, frame: pd.DataFrame, predictions: Prediction, importance: dict[str, float]) -> Profile:
    """Return the profile of the rows a version was fitted on.

    Parameters
    ----------
    frame : DataFrame of the training rows
        At least the feature columns and the target.
    predictions : Prediction of length rows
        What the exported model says about these rows.
    importance : dict of column to importance
        In units of the first metric.
    """
    return Profile(
        model=spec.name,
        snapshot=spec.data.snapshot,
        rows=len(frame),
        columns={name: column(spec, name, frame[name]) for name in spec.features.columns},
        prediction=prediction(predictions),
        target=target(spec, frame[spec.data.target]),
        importance={name: float(importance[name]) for name in spec.features.columns if name in importance},
    )


def column(spec: Spec, name: str, values: pd.Series) -> ColumnProfile:
    """Return the profile of one feature column."""
    match kind_of(spec, name, values):
        case "number":
            return bins.numbers(bins.as_numbers(values))
        case "text":
            return bins.numbers(bins.words(values), kind="text")
        case "time":
            return bins.times(values)
    return bins.categories(values, salt(spec, name))


def kind_of(spec: Spec, name: str, values: pd.Series) -> str:
    """Return how a column is compared: the features say so, else the contract, else the values."""
    features = spec.features
    groups = {
        "number": features.numeric,
        "category": features.categorical,
        "time": features.dates,
        "text": features.text,
    }
    for kind, group in groups.items():
        if group and name in group.columns:
            return kind
    if name in spec.data.columns:
        kind = spec.data.columns[name].type
        return {"integer": "number", "boolean": "category"}.get(kind, kind)
    if pd.api.types.is_datetime64_any_dtype(values):
        return "time"
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return "number" if numeric else "category"


def sensitive(spec: Spec, name: str) -> bool:
    """Return whether a column's values must not show."""
    return name in spec.data.columns and spec.data.columns[name].sensitive


def salt(spec: Spec, name: str) -> str | None:
    """Return what the values of a sensitive column are hashed with, None for other columns."""
    return f"{spec.name}/{name}" if sensitive(spec, name) else None


def output(predictions: Prediction) -> pd.Series:
    """Return what is compared of a model's output: the last class's probability, the class, or the number."""
    probabilities = predictions.probabilities
    if probabilities is not None and probabilities.shape[1] == 2:
        return pd.Series(probabilities[:, 1])
    return pd.Series(predictions.values)


def prediction(predictions: Prediction) -> ColumnProfile:
    """Return the profile of a model's output."""
    values = output(predictions)
    if pd.api.types.is_float_dtype(values):
        return bins.numbers(bins.as_numbers(values))
    return bins.categories(values)


def target(spec: Spec, values: pd.Series) -> ColumnProfile:
    """Return the profile of the target."""
    if spec.train.task == "regression":
        return bins.numbers(bins.as_numbers(values))
    return bins.categories(values, salt(spec, spec.data.target))
