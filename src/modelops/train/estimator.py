"""From `train.estimator` and `train.params` of a spec to an unfitted estimator."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.utils.class_weight import compute_sample_weight

from modelops.core.errors import ModelopsError
from modelops.spec.model import Spec
from modelops.spec.training import Train


def build(spec: Spec, params: dict[str, Any]) -> BaseEstimator:
    """Return the unfitted estimator of a spec with these parameters, the seed and the calibration set.

    Raises
    ------
    ModelopsError
        When there is no such estimator, it does not fit the task, or it has no such parameter.
    """
    maker = _find(spec.train.estimator)
    try:
        estimator = maker(**params)
    except TypeError as error:
        raise _wrong_params(spec.train.estimator, maker, params, error) from error
    if "random_state" in estimator.get_params(deep=False) and "random_state" not in params:
        estimator.set_params(random_state=spec.train.seed)
    _check_task(spec.train, estimator)
    if spec.train.calibrate is None:
        return estimator
    # One model, fitted on all rows, with one correction learned from predictions across the folds.
    calibrate = spec.train.calibrate
    return CalibratedClassifierCV(estimator, method=calibrate.method, cv=calibrate.folds, ensemble=False)


def _find(path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        top = path.partition(".")[0]
        hint = f"install the package that brings {top}" if error.name == top else "check the import path"
        raise ModelopsError(f"train.estimator: no module {error.name} ({path})", hint=hint) from error
    except AttributeError as error:
        names = [name for name in dir(importlib.import_module(module)) if not name.startswith("_")]
        close = difflib.get_close_matches(name, names, n=1)
        hint = f'did you mean "{module}.{close[0]}"?' if close else ""
        raise ModelopsError(f"train.estimator: {module} has no {name}", hint=hint) from error
    if not (isinstance(found, type) and hasattr(found, "fit") and hasattr(found, "get_params")):
        raise ModelopsError(
            f"train.estimator: {path} is no scikit-learn estimator", hint="it needs fit, predict and get_params"
        )
    return found


def _wrong_params(path: str, maker: Any, params: dict[str, Any], error: TypeError) -> ModelopsError:
    known = set(maker._get_param_names()) if hasattr(maker, "_get_param_names") else set()
    unknown = sorted(set(params) - known) if known else []
    if not unknown:
        return ModelopsError(f"train.params: {path}: {error}")
    close = difflib.get_close_matches(unknown[0], sorted(known), n=1)
    hint = f'did you mean "{close[0]}"?' if close else f"it has: {', '.join(sorted(known))}"
    return ModelopsError(f'train.params: {path} has no parameter "{unknown[0]}"', hint=hint)


def _check_task(train: Train, estimator: BaseEstimator) -> None:
    other = is_regressor(estimator) if train.task == "classification" else is_classifier(estimator)
    if other:
        kind = "regressor" if train.task == "classification" else "classifier"
        raise ModelopsError(
            f"train.estimator: {train.estimator} is a {kind}, but train.task is {train.task}",
            hint="change the one or the other",
        )


def takes_sparse(estimator: BaseEstimator) -> bool:
    """Return whether an estimator accepts sparse matrices."""
    return bool(estimator.__sklearn_tags__().input_tags.sparse)


def row_weights(spec: Spec, codes: np.ndarray, classes: tuple[Any, ...]) -> np.ndarray | None:
    """Return the weight of each row, shape (rows,), by its class; None when classes have no weights.

    Raises
    ------
    ModelopsError
        When `train.class_weight` names a class that is not there.
    """
    weights = spec.train.class_weight
    if weights is None:
        return None
    if weights == "balanced":
        balanced: np.ndarray = compute_sample_weight("balanced", codes)
        return balanced
    names = [str(label).lower() if isinstance(label, bool) else str(label) for label in classes]
    unknown = sorted(set(weights) - set(names))
    if unknown:
        raise ModelopsError(
            f'train.class_weight: the target has no class "{unknown[0]}"', hint=f"its classes are: {', '.join(names)}"
        )
    by_code = np.array([weights.get(name, 1.0) for name in names])
    weight: np.ndarray = by_code[codes]
    return weight
