"""Estimators of other packages than scikit-learn: looked at only where a spec names one that is installed."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from functools import lru_cache
from typing import Any

_TASKS = {"classifier": "classification", "regressor": "regression"}


@lru_cache(maxsize=64)
def entry(path: str) -> dict[str, Any] | str:
    """Return what is known of an estimator in the form of the index, or a sentence about why there is nothing.

    `params` is None when the constructor takes anything, `task` is None when the class does not say.
    """
    module_name, _, name = path.rpartition(".")
    package = path.partition(".")[0]
    if package in sys.stdlib_module_names or package == "modelops":
        return f"{package} holds no estimators"
    if importlib.util.find_spec(package) is None:
        return f"{package} is not installed here"
    try:
        found = getattr(importlib.import_module(module_name), name, None)
    except Exception as error:  # whatever another package does when it is imported
        return f"{module_name} cannot be imported ({type(error).__name__})"
    if not inspect.isclass(found) or not hasattr(found, "fit") or not hasattr(found, "predict"):
        return f"{module_name} has no estimator {name}"
    return {"task": _task(found), "params": _params(found), "needs": []}


def _task(estimator: type) -> str | None:
    kind = getattr(estimator, "_estimator_type", None)
    if kind in _TASKS:
        return _TASKS[kind]
    bases = {base.__name__ for base in estimator.__mro__}
    return "classification" if "ClassifierMixin" in bases else "regression" if "RegressorMixin" in bases else None


def _params(estimator: type) -> dict[str, list[str]] | None:
    try:
        parameters = inspect.signature(estimator).parameters
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    return {name: ["any"] for name in parameters}
