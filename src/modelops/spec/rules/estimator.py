"""The estimator, its parameters and the search, checked against an index of scikit-learn, which is not imported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from modelops.spec import foreign
from modelops.spec.model import Spec
from modelops.spec.rules import parameter
from modelops.spec.rules.finding import Finding, Keys
from modelops.spec.training import Range
from modelops.spec.wording import closest, listed, shown, suggestion

_ESTIMATOR: Keys = ("train", "estimator")
_INDEX = Path(__file__).parent.parent / "estimators.json"


@lru_cache(maxsize=1)
def index() -> dict[str, Any]:
    """Return what is known of scikit-learn's estimators, by import path."""
    entries: dict[str, Any] = json.loads(_INDEX.read_text(encoding="utf-8"))
    entries.pop("scikit-learn")
    return entries


def check(spec: Spec) -> Iterator[Finding]:
    """Yield what is wrong with estimator, parameters and search space."""
    path = spec.train.estimator
    entry = index().get(path)
    if "." not in path or (entry is None and path.partition(".")[0] == "sklearn"):
        yield _unknown(path, spec.train.task)
        return
    if entry is None:
        entry = foreign.entry(path)
        if isinstance(entry, str):
            level = "warning" if entry.endswith("not installed here") else "error"
            hint = (
                "its parameters are checked where it is installed"
                if level == "warning"
                else "write package.module.Class"
            )
            yield Finding(_ESTIMATOR, "MO134", f"{path}: {entry}", hint, level=level)  # type: ignore[arg-type]
            return
    yield from _task(spec, entry)
    yield from _params(spec, entry)
    yield from _space(spec, entry)


def knows(spec: Spec, ability: str) -> bool | None:
    """Return whether the spec's estimator has an ability of the index, None when it is not in it."""
    entry = index().get(spec.train.estimator)
    return None if entry is None else bool(entry[ability])


def _unknown(path: str, task: str) -> Finding:
    name = path.rpartition(".")[2]
    fitting = {key.rpartition(".")[2]: key for key, entry in index().items() if entry["task"] == task}
    others = {key.rpartition(".")[2]: key for key in index()}
    exact = fitting.get(name) or others.get(name)
    close = exact or fitting.get(closest(name, list(fitting)) or "") or others.get(closest(name, list(others)) or "")
    hint = f'did you mean "{close}"?' if close else "see scikit-learn's list of classifiers and regressors"
    if "." not in path:
        return Finding(_ESTIMATOR, "MO134", f'"{path}" is no import path: write package.module.Class', hint)
    return Finding(_ESTIMATOR, "MO134", f'scikit-learn has no classifier or regressor "{path}"', hint)


def _task(spec: Spec, entry: dict[str, Any]) -> Iterator[Finding]:
    task = spec.train.task
    name = spec.train.estimator.rpartition(".")[2]
    if entry["needs"]:
        yield Finding(
            _ESTIMATOR,
            "MO134",
            f"{name} is built from other estimators ({listed(entry['needs'])}), which a spec cannot name",
            "choose an estimator of its own, for example sklearn.ensemble.HistGradientBoostingClassifier",
        )
    if entry["task"] not in (task, None):
        kind = {"classification": "classifier", "regression": "regressor"}
        twin = _twin(spec.train.estimator, task)
        hint = f'did you mean "{twin}"?' if twin else f"choose a {kind[task]}, or set `task: {entry['task']}`"
        yield Finding(_ESTIMATOR, "MO134", f"{name} is a {kind[entry['task']]}, and the task is {task}", hint)


def _twin(path: str, task: str) -> str | None:
    """Return the estimator of the same family for the other task."""
    ends = ("Regressor", "Classifier") if task == "classification" else ("Classifier", "Regressor")
    pairs = [
        ends,
        ("SVR", "SVC") if task == "classification" else ("SVC", "SVR"),
        ("LinearRegression", "LogisticRegression"),
    ]
    if task == "regression":
        pairs[2] = ("LogisticRegression", "LinearRegression")
    for old, new in pairs:
        if path.endswith(old):
            twin = path.removesuffix(old) + new
            if twin in index() and index()[twin]["task"] == task:
                return twin
    return None


def _params(spec: Spec, entry: dict[str, Any]) -> Iterator[Finding]:
    train = spec.train
    for name, value in train.params.items():
        keys: Keys = ("train", "params", name)
        if name in ("random_state", "random_seed"):
            yield Finding(
                keys,
                "MO135",
                f"{name} is set by train.seed",
                f"remove it, and write `seed: {shown(value)}` under train",
                on_key=True,
            )
        elif name == "class_weight" and train.class_weight is not None:
            yield Finding(
                keys, "MO135", "class_weight is set by train.class_weight, too", "keep one of the two", on_key=True
            )
        elif entry["params"] is not None and name not in entry["params"]:
            yield _no_parameter(spec, entry, keys)
        elif entry["params"] is not None:
            wrong = parameter.wrong(entry["params"][name], value)
            if wrong:
                hint = parameter.meant(entry["params"][name], value)
                yield Finding(keys, "MO135", f"train.params.{name} {wrong}, not {parameter.named(value)}", hint)


def _no_parameter(spec: Spec, entry: dict[str, Any], keys: Keys) -> Finding:
    name = spec.train.estimator.rpartition(".")[2]
    known = sorted(set(entry["params"]) - {"random_state"})
    hint = suggestion(str(keys[-1]), known, otherwise=f"it has {listed(known, limit=30)}")
    return Finding(keys, "MO135", f'{name} has no parameter "{keys[-1]}"', hint, on_key=True)


def _space(spec: Spec, entry: dict[str, Any]) -> Iterator[Finding]:
    search = spec.train.search
    if search is None:
        return
    for name, space in search.space.items():
        keys: Keys = ("train", "search", "space", name)
        if name in spec.train.params:
            yield Finding(
                keys,
                "MO136",
                f'"{name}" is both fixed in train.params and searched',
                "keep one of the two",
                on_key=True,
            )
        if name in ("random_state", "random_seed"):
            yield Finding(keys, "MO136", f"{name} is set by train.seed", "a seed is not searched", on_key=True)
            continue
        known = entry["params"]
        if known is not None and name not in known:
            yield _no_parameter(spec, entry, keys)
            continue
        forms = ["any"] if known is None else known[name]
        yield from _range(spec, keys, space, forms) if isinstance(space, Range) else _values(keys, space, forms)


def _values(keys: Keys, values: tuple[Any, ...], forms: list[Any]) -> Iterator[Finding]:
    if not values:
        yield Finding(keys, "MO136", f"the list of values for {keys[-1]} is empty", "list at least two values")
    for index_, value in enumerate(values):
        wrong = parameter.wrong(forms, value)
        if wrong:
            hint = parameter.meant(forms, value)
            yield Finding((*keys, index_), "MO136", f"{keys[-1]} {wrong}, not {parameter.named(value)}", hint)


def _range(spec: Spec, keys: Keys, space: Range, forms: list[Any]) -> Iterator[Finding]:
    if space.low >= space.high:
        yield Finding(
            (*keys, "low"),
            "MO136",
            f"low {shown(space.low)} is not below high {shown(space.high)}",
            "swap them, or list values",
        )
        return
    if space.log and space.low <= 0:
        yield Finding((*keys, "low"), "MO136", "a logarithmic scale starts above 0", "raise low, or leave `log` out")
    if spec.train.search and spec.train.search.method == "grid":
        yield Finding(
            keys,
            "MO136",
            "a grid needs a list of values, not a range",
            "write [0.01, 0.1], or choose another method",
            on_key=True,
        )
    whole = space.integer
    if whole and not (float(space.low).is_integer() and float(space.high).is_integer()):
        yield Finding((*keys, "low"), "MO136", "whole numbers are searched between whole numbers", "round low and high")
        return
    if not whole and parameter.only_whole(forms):
        yield Finding(keys, "MO136", f"{keys[-1]} takes whole numbers only", "add `integer: true`", on_key=True)
        return
    for end in ("low", "high"):
        value = getattr(space, end)
        wrong = parameter.wrong(forms, int(value) if whole else float(value))
        if wrong:
            yield Finding((*keys, end), "MO136", f"{keys[-1]} {wrong}, not {shown(value)}")
