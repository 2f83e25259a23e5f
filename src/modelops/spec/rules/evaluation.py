"""Metrics, decisions, folds and fairness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelops.spec.evaluation import (
    CLASSIFICATION_METRICS,
    MEASURED_METRICS,
    MODEL_METRICS,
    REGRESSION_METRICS,
    HashSplit,
)
from modelops.spec.model import Spec, task_metrics
from modelops.spec.rules import estimator
from modelops.spec.rules.finding import Finding, Keys, repeated
from modelops.spec.wording import listed, shown, suggestion

_NEEDS_PROBABILITIES = {"roc_auc", "average_precision", "log_loss", "brier", "calibration_error"}


def check(spec: Spec) -> Iterator[Finding]:
    """Yield what is wrong with how the model is judged."""
    yield from _metrics(spec)
    yield from _decisions(spec)
    yield from _folds(spec)
    yield from _fairness(spec)
    split = spec.evaluate.split
    if isinstance(split, HashSplit) and split.test + (split.validation or 0) >= 1:
        yield Finding(
            ("evaluate", "split", "validation"),
            "MO137",
            f"test and validation take all rows ({shown(split.test)} + {shown(split.validation)})",
            "leave some to train on",
        )


def metric_problem(keys: Keys, name: str, task: str, known: Sequence[str]) -> Finding | None:
    """Return what is wrong with the name of a metric, None when it is one of the known ones."""
    if name in known:
        return None
    others = {"classification": REGRESSION_METRICS, "regression": CLASSIFICATION_METRICS}[task]
    if name in others:
        other = "regression" if task == "classification" else "classification"
        return Finding(
            keys,
            "MO133",
            f'"{name}" is a metric of {other}, and the task is {task}',
            f"choose from {listed(task_metrics(task))}",
        )
    if name in (*MEASURED_METRICS, *MODEL_METRICS):
        return Finding(
            keys, "MO133", f'"{name}" is measured for gates only', "remove it here; a gate may name it all the same"
        )
    hint = suggestion(name, known, otherwise=f"choose from {listed(known, limit=20)}")
    return Finding(keys, "MO133", f'there is no metric "{name}"', hint)


def _metrics(spec: Spec) -> Iterator[Finding]:
    evaluate, task = spec.evaluate, spec.train.task
    yield from repeated(("evaluate", "metrics"), evaluate.metrics, "the metric")
    for index, name in enumerate(evaluate.metrics):
        keys: Keys = ("evaluate", "metrics", index)
        found = metric_problem(keys, name, task, task_metrics(task))
        if found:
            yield found
        elif name == "cost" and evaluate.cost is None:
            yield Finding(
                keys,
                "MO133",
                'the metric "cost" needs evaluate.cost',
                "for example `cost: {false_positive: 1, false_negative: 5}`",
            )
        elif (
            name in _NEEDS_PROBABILITIES
            and spec.train.calibrate is None
            and estimator.knows(spec, "probabilities") is False
        ):
            yield from _improbable(spec, keys, name)
    if task == "regression" and evaluate.cost is not None:
        yield Finding(
            ("evaluate", "cost"),
            "MO133",
            "only classes can be mistaken: cost needs the task classification",
            "remove it",
            on_key=True,
        )
    search = spec.train.search
    if search is not None and search.metric is not None:
        found = metric_problem(("train", "search", "metric"), search.metric, task, task_metrics(task))
        if found:
            yield found


def _improbable(spec: Spec, keys: Keys, name: str) -> Iterator[Finding]:
    """Yield a finding unless parameters may give the estimator probabilities."""
    known = estimator.index().get(spec.train.estimator, {})
    if (
        known.get("task") != "classification"
        or spec.train.params.get("probability") is True
        or "loss" in spec.train.params
    ):
        return
    short = spec.train.estimator.rpartition(".")[2]
    yield Finding(
        keys,
        "MO133",
        f'"{name}" needs probabilities, which {short} does not give',
        "add `calibrate: {method: sigmoid}` under train, or choose other metrics",
    )


def _decisions(spec: Spec) -> Iterator[Finding]:
    train = spec.train
    if train.task == "regression":
        for name in ("class_weight", "calibrate", "threshold"):
            if getattr(train, name) is not None:
                yield Finding(
                    ("train", name),
                    "MO133",
                    f"train.{name} is for classification, and the task is regression",
                    "remove it",
                    on_key=True,
                )
        return
    threshold = train.threshold
    if threshold is None:
        return
    keys: Keys = ("train", "threshold")
    if (threshold.recall is None) == (threshold.cost is None):
        what = "both `recall` and `cost`" if threshold.recall is not None else "neither `recall` nor `cost`"
        yield Finding(keys, "MO133", f"train.threshold has {what}", "write exactly one of the two", on_key=True)
    if spec.evaluate.split.validation is None:
        yield Finding(
            keys,
            "MO133",
            "train.threshold is chosen on validation rows, and there are none",
            "add `validation` to evaluate.split",
            on_key=True,
        )


def _folds(spec: Spec) -> Iterator[Finding]:
    search = spec.train.search
    if search is None:
        return
    folds = search.folds
    if folds.by == "group" and folds.group is None:
        yield Finding(
            ("train", "search", "folds", "by"),
            "MO136",
            "folds by group need the column of the groups",
            "add `group: <column>`",
        )
    if folds.by != "group" and folds.group is not None:
        yield Finding(
            ("train", "search", "folds", "group"),
            "MO136",
            f"a group is named, and folds are made by {folds.by}",
            "write `by: group`, or remove it",
            on_key=True,
        )
    if folds.by == "strata" and spec.train.task == "regression":
        yield Finding(
            ("train", "search", "folds", "by"),
            "MO136",
            "strata are classes, and the task is regression",
            "use rows, time or group",
        )


def _fairness(spec: Spec) -> Iterator[Finding]:
    fairness = spec.evaluate.fairness
    if fairness is None:
        return
    keys: Keys = ("evaluate", "fairness", "columns")
    yield from repeated(keys, fairness.columns, "the column")
    if spec.data.target in fairness.columns:
        yield Finding(
            (*keys, fairness.columns.index(spec.data.target)), "MO131", "the target cannot define groups", "remove it"
        )
    if fairness.positive is not None and spec.train.task == "regression":
        yield Finding(
            (*keys[:-1], "positive"),
            "MO133",
            "a favourable outcome is a class, and the task is regression",
            "remove it",
            on_key=True,
        )
