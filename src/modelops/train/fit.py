"""Fitting one pipeline: features, then the estimator."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from modelops.core.errors import ModelopsError
from modelops.serving.signature import Input
from modelops.spec.model import Spec
from modelops.train.engine import engine_of
from modelops.train.estimator import build, row_weights, takes_sparse
from modelops.train.features import transformer
from modelops.train.target import Class


@dataclass(frozen=True)
class Training:
    """Everything that fitting needs.

    `rows` are the encoded training rows, shape (rows, encoded columns); `target` their class codes or numbers,
    shape (rows,).
    """

    spec: Spec
    columns: tuple[Input, ...]
    rows: pd.DataFrame
    target: np.ndarray
    classes: tuple[Class, ...]
    code: ModuleType | None


def pipeline(training: Training, params: dict[str, Any]) -> Pipeline:
    """Return the unfitted pipeline of features and estimator with these parameters.

    Raises
    ------
    ModelopsError
        When the spec asks for something that cannot be made.
    """
    estimator: BaseEstimator = build(training.spec, params)
    sparse = takes_sparse(estimator)
    features = transformer(training.spec, training.columns, training.rows, training.code, sparse=sparse)
    return Pipeline([("features", features), ("estimator", estimator)])


def fit(training: Training, params: dict[str, Any]) -> tuple[Pipeline, tuple[str, ...]]:
    """Fit on the training rows.

    Returns
    -------
    Pipeline
        The fitted pipeline.
    tuple of str
        What the libraries warned of, each once.

    Raises
    ------
    ModelopsError
        When the estimator or a transformer fails.
    """
    fitted = pipeline(training, params)
    arguments = fit_arguments(training)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with engine_of(fitted.named_steps["estimator"]):
                fitted.fit(training.rows, training.target, **arguments)
        except ModelopsError:
            raise
        except Exception as error:
            raise fit_failed(training.spec, error) from error
    return fitted, tuple(dict.fromkeys(first_line(str(warning.message)) for warning in caught if _matters(warning)))


def fit_arguments(training: Training) -> dict[str, np.ndarray]:
    """Return what the pipeline's `fit` gets besides rows and target."""
    weights = row_weights(training.spec, training.target, training.classes)
    return {} if weights is None else {"estimator__sample_weight": weights}


def fit_failed(spec: Spec, error: Exception) -> ModelopsError:
    """Return a failure inside the estimator as one line."""
    text = first_line(str(error)) or type(error).__name__
    hint = ""
    if "contains NaN" in text:
        hint = "set features.numeric.impute, or take an estimator that accepts missing values"
    elif "sample_weight" in text:
        hint = "this estimator takes no weights: leave train.class_weight out"
    return ModelopsError(f"{spec.name}: {spec.train.estimator} failed in fit: {text}", hint=hint)


def first_line(text: str) -> str:
    """Return the first line of a message that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _matters(warning: warnings.WarningMessage) -> bool:
    return not issubclass(warning.category, (DeprecationWarning, FutureWarning, PendingDeprecationWarning))
