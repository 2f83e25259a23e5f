"""Metrics, slices, fairness and gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from modelops.spec.evaluation import (
    CLASSIFICATION_METRICS,
    FAIRNESS_METRICS,
    LOWER_IS_BETTER,
    MEASURED_METRICS,
    MODEL_METRICS,
    REGRESSION_METRICS,
    Gate,
    HashSplit,
)
from modelops.spec.model import Spec, task_metrics
from modelops.spec.rules import estimator
from modelops.spec.rules.finding import Finding, Keys, repeated
from modelops.spec.wording import listed, shown, suggestion

_SHARES = {
    "roc_auc",
    "average_precision",
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "brier",
    "calibration_error",
}
_NEEDS_PROBABILITIES = {"roc_auc", "average_precision", "log_loss", "brier", "calibration_error"}
_SIGNED = {"r2", "bias", "train_test_gap"}


def check(spec: Spec) -> Iterator[Finding]:
    """Yield what is wrong with how the model is judged."""
    yield from _metrics(spec)
    yield from _decisions(spec)
    yield from _folds(spec)
    yield from _fairness(spec)
    for index, gate in enumerate(spec.evaluate.gates):
        keys: Keys = ("evaluate", "gates", index)
        yield from _gate_metric(spec, keys, gate)
        yield from _gate_form(spec, keys, gate)
    yield from _contradictions(spec.evaluate.gates)
    split = spec.evaluate.split
    if isinstance(split, HashSplit) and split.test + (split.validation or 0) >= 1:
        yield Finding(
            ("evaluate", "split", "validation"),
            "MO137",
            f"test and validation take all rows ({shown(split.test)} + {shown(split.validation)})",
            "leave some to train on",
        )


def expired(spec: Spec, today: date) -> Iterator[Finding]:
    """Yield a warning for each waiver that no longer counts."""
    for index, gate in enumerate(spec.evaluate.gates):
        if gate.waive is not None and gate.waive.until < today:
            yield Finding(
                ("evaluate", "gates", index, "waive", "until"),
                "MO138",
                f"the waiver ended on {gate.waive.until}",
                "remove it, or let somebody answer for the gate again",
                level="warning",
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


def _gate_metric(spec: Spec, keys: Keys, gate: Gate) -> Iterator[Finding]:
    extra = (*MEASURED_METRICS, *MODEL_METRICS)
    if gate.metric in FAIRNESS_METRICS:
        if spec.evaluate.fairness is None:
            yield Finding(
                (*keys, "metric"), "MO137", f"{gate.metric} needs evaluate.fairness", "say which columns define groups"
            )
        return
    if gate.metric in spec.metrics or gate.metric in extra:
        if gate.metric == "fold_spread" and spec.train.search is None:
            yield Finding(
                (*keys, "metric"),
                "MO137",
                "fold_spread needs train.search: nothing is cross-validated",
                "remove the gate",
            )
        return
    task = spec.train.task
    if gate.metric in task_metrics(task):
        hint = f'add "{gate.metric}" to evaluate.metrics'
        yield Finding(
            (*keys, "metric"),
            "MO137",
            f'"{gate.metric}" is not computed: evaluate.metrics is {listed(spec.metrics)}',
            hint,
        )
        return
    found = metric_problem((*keys, "metric"), gate.metric, task, (*task_metrics(task), *extra))
    if found:
        yield found


def _gate_form(spec: Spec, keys: Keys, gate: Gate) -> Iterator[Finding]:
    limited = gate.min is not None or gate.max is not None
    if gate.against is None and not limited:
        yield Finding(keys, "MO137", "the gate says no limit", "add `min`, `max` or `against: champion`")
    if gate.against is not None and limited:
        yield Finding(keys, "MO137", "a gate either has limits or compares with the champion", "make two gates of it")
    if gate.against is None and "margin" in gate.model_fields_set:
        yield Finding(
            (*keys, "margin"),
            "MO137",
            "a margin belongs to `against: champion`",
            "add it, or remove the margin",
            on_key=True,
        )
    if gate.against is not None and gate.metric in (*MEASURED_METRICS, *MODEL_METRICS, *FAIRNESS_METRICS):
        yield Finding(
            (*keys, "against"),
            "MO137",
            f"{gate.metric} is not compared with the champion",
            "give it a `max`",
            on_key=True,
        )
    if gate.min is not None and gate.max is not None and gate.min > gate.max:
        yield Finding(
            (*keys, "min"),
            "MO137",
            f"min {shown(gate.min)} is above max {shown(gate.max)}: nothing passes",
            "swap them",
        )
    yield from _gate_slice(spec, keys, gate)
    yield from _gate_direction(keys, gate)


def _gate_slice(spec: Spec, keys: Keys, gate: Gate) -> Iterator[Finding]:
    if gate.slice is None:
        return
    if gate.metric in (*MEASURED_METRICS, *MODEL_METRICS):
        yield Finding(
            (*keys, "slice"),
            "MO137",
            f"{gate.metric} is measured on the whole model, not on slices",
            "remove the slice",
            on_key=True,
        )
    elif gate.metric in FAIRNESS_METRICS:
        columns = spec.evaluate.fairness.columns if spec.evaluate.fairness else ()
        if columns and gate.slice not in columns:
            hint = suggestion(gate.slice, columns, otherwise=f'add "{gate.slice}" to evaluate.fairness.columns')
            yield Finding((*keys, "slice"), "MO137", f'"{gate.slice}" is not declared in evaluate.fairness', hint)
    elif gate.slice not in spec.evaluate.slices:
        hint = suggestion(gate.slice, spec.evaluate.slices, otherwise=f'add "{gate.slice}" to evaluate.slices')
        yield Finding((*keys, "slice"), "MO137", f'"{gate.slice}" is not declared in evaluate.slices', hint)


def _gate_direction(keys: Keys, gate: Gate) -> Iterator[Finding]:
    lower = gate.metric in LOWER_IS_BETTER
    if gate.metric != "bias" and lower and gate.min is not None and gate.max is None:
        yield Finding(
            (*keys, "min"),
            "MO137",
            f"{gate.metric} is better when it is lower, and `min` keeps good models out",
            "write `max`",
            on_key=True,
        )
    if gate.metric != "bias" and not lower and gate.max is not None and gate.min is None:
        yield Finding(
            (*keys, "max"),
            "MO137",
            f"{gate.metric} is better when it is higher, and `max` keeps good models out",
            "write `min`",
            on_key=True,
        )
    for end in ("min", "max"):
        limit = getattr(gate, end)
        if limit is None:
            continue
        if gate.metric in _SHARES and not 0 <= limit <= 1:
            hint = f"write {shown(limit / 100)}" if 1 < limit <= 100 else ""
            yield Finding(
                (*keys, end), "MO137", f"{gate.metric} lies between 0 and 1, and the limit is {shown(limit)}", hint
            )
        elif limit < 0 and gate.metric not in _SIGNED:
            yield Finding((*keys, end), "MO137", f"{gate.metric} is never below 0", "raise the limit")
        elif gate.metric == "r2" and limit > 1:
            yield Finding((*keys, end), "MO137", "r2 is never above 1", "lower the limit")


def _contradictions(gates: Sequence[Gate]) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], int] = {}
    for index, gate in enumerate(gates):
        keys: Keys = ("evaluate", "gates", index)
        same = (gate.metric, gate.slice, gate.against, gate.min is not None, gate.max is not None)
        if same in seen and (gate.against or gate.min is not None or gate.max is not None):
            yield Finding(
                keys,
                "MO137",
                f"evaluate.gates[{seen[same]}] already limits {gate.metric} in this way",
                "keep the stricter one",
            )
        seen.setdefault(same, index)
        for other_index, other in enumerate(gates[:index]):
            if (other.metric, other.slice) != (gate.metric, gate.slice):
                continue
            low = max((limit for limit in (gate.min, other.min) if limit is not None), default=None)
            high = min((limit for limit in (gate.max, other.max) if limit is not None), default=None)
            alone = any(one.min is not None and one.max is not None and one.min > one.max for one in (gate, other))
            if low is not None and high is not None and low > high and not alone:
                yield Finding(
                    keys,
                    "MO137",
                    f"contradicts evaluate.gates[{other_index}]: {gate.metric} cannot be at least {shown(low)} and at"
                    f" most {shown(high)}",
                    "change one of the two",
                )
