"""Writes the index of scikit-learn's estimators that `modelops validate` checks specs against without importing them.

Run `python -m modelops.train.catalogue` after an upgrade of scikit-learn; a test fails while the index is stale.
"""

from __future__ import annotations

import inspect
import json
import math
import sys
import warnings
from pathlib import Path
from typing import Any

import sklearn
from sklearn.utils import _param_validation as validation
from sklearn.utils import all_estimators

from modelops import spec
from modelops.core.files import write_atomic

PATH = Path(spec.__file__).with_name("estimators.json")
_TASKS = {"classifier": "classification", "regressor": "regression"}
_PLAIN = {dict: "mapping", list: "list", tuple: "list", str: "text", bool: "boolean", int: "integer", float: "number"}


def render() -> str:
    """Return the index as JSON, one line per estimator, so that an upgrade is a readable diff."""
    lines = [f'"scikit-learn": {json.dumps(sklearn.__version__)}']
    lines += [
        f"{json.dumps(path)}: {json.dumps(entry, separators=(',', ':'))}" for path, entry in sorted(_entries().items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _entries() -> dict[str, Any]:
    found = {}
    for kind, task in _TASKS.items():
        for name, estimator in all_estimators(type_filter=kind):
            found[f"{_public(estimator)}.{name}"] = _entry(estimator, task)
    return found


def _public(estimator: type) -> str:
    """Return the module that the estimator is documented in: without the private part of its path."""
    parts = estimator.__module__.split(".")
    private = next((index for index, part in enumerate(parts) if part.startswith("_")), len(parts))
    return ".".join(parts[:private])


def _entry(estimator: Any, task: str) -> dict[str, Any]:
    constraints = getattr(estimator, "_parameter_constraints", {})
    params, needs = {}, []
    for name, parameter in inspect.signature(estimator.__init__).parameters.items():
        if name == "self" or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if parameter.default == "deprecated":
            continue
        allowed = constraints.get(name, "no_validation")
        params[name] = ["any"] if isinstance(allowed, str) else _forms(allowed)
        if parameter.default is parameter.empty:
            needs.append(name)
    fit = inspect.signature(estimator.fit).parameters
    return {
        "task": task,
        "probabilities": _probabilities(estimator, task, needs),
        "weights": "sample_weight" in fit,
        "needs": needs,
        "params": params,
    }


def _probabilities(estimator: Any, task: str, needs: list[str]) -> bool:
    """Return whether the estimator with its defaults gives probabilities."""
    if task == "regression":
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(needs) or hasattr(estimator(), "predict_proba")


def _forms(allowed: list[Any]) -> list[Any]:
    """Return the forms of a parameter that can be written in YAML."""
    forms: list[Any] = []
    for constraint in allowed:
        for form in _form(validation.make_constraint(constraint)):
            if form not in forms:
                forms.append(form)
    return forms


def _form(constraint: Any) -> list[Any]:
    simple: dict[type, list[Any]] = {
        validation._Booleans: ["boolean"],
        validation._NoneConstraint: ["nothing"],
        validation._RandomStates: ["seed"],
        validation._ArrayLikes: ["list"],
        validation._VerboseHelper: ["boolean", ["integer", 0, None, "left"]],
        validation._CVObjects: [["integer", 2, None, "left"], "nothing"],
    }
    if type(constraint) in simple:
        return simple[type(constraint)]
    if isinstance(constraint, validation.Interval):
        return [_interval(constraint)]
    if isinstance(constraint, validation.Options):
        return [["choice", *sorted(constraint.options - getattr(constraint, "deprecated", set()), key=str)]]
    if isinstance(constraint, validation._InstancesOf) and constraint.type in _PLAIN:
        return [_PLAIN[constraint.type]]
    if isinstance(constraint, validation._InstancesOf) and constraint.type.__name__ in ("Integral", "Real"):
        return ["integer" if constraint.type.__name__ == "Integral" else "number"]
    return []


def _interval(constraint: Any) -> list[Any]:
    kind = {"Integral": "integer", "Real": "number", "RealNotInt": "fraction"}[constraint.type.__name__]
    limits = [None if limit is None or math.isinf(limit) else limit for limit in (constraint.left, constraint.right)]
    return [kind, *limits, constraint.closed]


def main() -> int:
    """Write the index."""
    changed = write_atomic(PATH, render())
    sys.stdout.write(f"{PATH}: {'written' if changed else 'up to date'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
