"""Gates: each names what is computed and a limit that some models pass and some do not; none contradicts another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from modelops.spec.evaluation import (
    FAIRNESS_METRICS,
    LOWER_IS_BETTER,
    MEASURED_METRICS,
    MODEL_METRICS,
    Gate,
)
from modelops.spec.model import Spec, task_metrics
from modelops.spec.rules.evaluation import metric_problem
from modelops.spec.rules.finding import Finding, Keys
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
_SIGNED = {"r2", "bias", "train_test_gap"}


def check(spec: Spec) -> Iterator[Finding]:
    """Yield what is wrong with the gates."""
    for index, gate in enumerate(spec.evaluate.gates):
        keys: Keys = ("evaluate", "gates", index)
        yield from _gate_metric(spec, keys, gate)
        yield from _gate_form(spec, keys, gate)
    yield from _contradictions(spec.evaluate.gates)


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
    alone = (*MEASURED_METRICS, *MODEL_METRICS, *FAIRNESS_METRICS, "bias")  # of bias, neither direction is better
    if gate.against is not None and gate.metric in alone:
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
