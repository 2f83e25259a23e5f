"""Which columns of the query are kept, and what kind of values each must hold."""

from __future__ import annotations

from typing import Literal

from modelops.spec.model import Spec

Kind = Literal["number", "integer", "boolean", "text", "time"]


def kept(spec: Spec) -> tuple[str, ...]:
    """Return the columns of the stored frame in canonical order: keys, time, target, then the others by name."""
    first = [*spec.data.keys, *([spec.data.time] if spec.data.time else []), spec.data.target]
    evaluate = spec.evaluate
    others = {*spec.features.columns, *spec.data.columns, *evaluate.slices}
    others.update(gate.slice for gate in evaluate.gates if gate.slice)
    if evaluate.fairness:
        others.update(evaluate.fairness.columns)
    if evaluate.split.by == "hash" and evaluate.split.on:
        others.add(evaluate.split.on)
    if spec.train.search and spec.train.search.folds.group:
        others.add(spec.train.search.folds.group)
    dropped = {name for name, column in spec.data.columns.items() if column.anonymise == "drop"}
    return tuple(name for name in dict.fromkeys([*first, *sorted(others)]) if name not in dropped)


def kinds(spec: Spec) -> dict[str, Kind]:
    """Return the kind of values that the spec asks of its columns; columns it asks nothing of are left out.

    The contract decides first, then the role: the time column, then the groups of features. A hashed column is text.
    """
    asked: dict[str, Kind] = {}
    for names, kind in _roles(spec):
        for name in names:
            asked.setdefault(name, kind)
    return asked


def _roles(spec: Spec) -> list[tuple[tuple[str, ...], Kind]]:
    contract: list[tuple[tuple[str, ...], Kind]] = []
    for name, column in spec.data.columns.items():
        declared: Kind = "text" if column.type == "category" or column.anonymise == "hash" else column.type
        contract.append(((name,), declared))
    features = spec.features
    numbers = features.numeric.columns if features.numeric else ()
    pairs = tuple(name for pair in features.interactions for name in pair)
    roles: list[tuple[tuple[str, ...], Kind]] = [
        *contract,
        ((spec.data.time,) if spec.data.time else (), "time"),
        (features.dates.columns if features.dates else (), "time"),
        (numbers + pairs, "number"),
        (features.categorical.columns if features.categorical else (), "text"),
        (features.text.columns if features.text else (), "text"),
    ]
    if spec.train.task == "regression":
        roles.append(((spec.data.target,), "number"))
    return roles


def categories(spec: Spec) -> frozenset[str]:
    """Return the feature columns that are encoded as categories."""
    return frozenset(spec.features.categorical.columns if spec.features.categorical else ())
