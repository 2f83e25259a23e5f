"""Serving and monitoring: what must make sense together before a cluster or a schedule sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelops.spec.evaluation import LOWER_IS_BETTER
from modelops.spec.model import Spec, task_metrics
from modelops.spec.operation import Performance, Replicas, Resources
from modelops.spec.rules.evaluation import metric_problem
from modelops.spec.rules.finding import Finding, Keys, repeated
from modelops.spec.units import format_duration as text
from modelops.spec.wording import listed, shown

_UNITS = {
    "": 1.0,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}
_MEMORY = (64 * 2.0**20, 2.0**40)
_CORES = (0.01, 256.0)
_QUANTITY = re.compile(r"([0-9.]+)([A-Za-z]*)")


def check(spec: Spec) -> Iterator[Finding]:
    """Yield what is wrong with serving and monitoring."""
    yield from _serve(spec)
    yield from _rollout(spec)
    yield from _monitor(spec)
    if spec.monitor.performance is not None:
        yield from _performance(spec, spec.monitor.performance)


def _serve(spec: Spec) -> Iterator[Finding]:
    serve = spec.serve
    keys: Keys = ("serve",)
    yield from _replicas((*keys, "replicas"), serve.replicas)
    yield from _resources((*keys, "resources"), serve.resources)
    if not isinstance(serve.environments, dict):
        yield from repeated((*keys, "environments"), serve.environments, "the environment")
        return
    for name, override in serve.environments.items():
        where = (*keys, "environments", name)
        if override.replicas is not None:
            yield from _replicas((*where, "replicas"), override.replicas)
        if override.resources is not None:
            yield from _resources((*where, "resources"), override.resources)


def _replicas(keys: Keys, replicas: Replicas) -> Iterator[Finding]:
    if replicas.min > replicas.max:
        unset = "max" not in replicas.model_fields_set
        hint = f"add `max: {replicas.min}` or more" if unset else "swap them"
        yield Finding((*keys, "min"), "MO142", f"at least {replicas.min} pods, and at most {replicas.max}", hint)


def _resources(keys: Keys, resources: Resources) -> Iterator[Finding]:
    cores, memory = bytes_or_cores(resources.cpu), bytes_or_cores(resources.memory)
    if not _CORES[0] <= cores <= _CORES[1]:
        yield Finding(
            (*keys, "cpu"),
            "MO142",
            f"{resources.cpu} is no sensible number of cores",
            "write 500m for half a core, or 2",
        )
    if not _MEMORY[0] <= memory <= _MEMORY[1]:
        yield Finding(
            (*keys, "memory"),
            "MO142",
            f"{resources.memory} is {_size(memory)}, which cannot be meant",
            "write 512Mi or 2Gi",
        )


def bytes_or_cores(quantity: str) -> float:
    """Return the number that a Kubernetes quantity stands for."""
    found = _QUANTITY.fullmatch(quantity)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0


def _size(amount: float) -> str:
    return f"{amount:,.0f} bytes" if amount >= 1 else "less than a byte"


def _rollout(spec: Spec) -> Iterator[Finding]:
    rollout = spec.serve.rollout
    if rollout is None:
        return
    keys: Keys = ("serve", "rollout", "steps")
    if rollout.strategy == "blue-green" and "steps" in rollout.model_fields_set:
        yield Finding(
            keys, "MO142", "blue-green has no steps: it switches at once", "remove them, or use canary", on_key=True
        )
    if rollout.strategy == "canary" and not rollout.steps:
        yield Finding(keys, "MO142", "a canary needs at least one step", "for example [20, 50]")
    for index in range(1, len(rollout.steps)):
        if rollout.steps[index] <= rollout.steps[index - 1]:
            yield Finding(
                (*keys, index),
                "MO142",
                f"step {rollout.steps[index]} does not rise above {rollout.steps[index - 1]}",
                "list rising percentages",
            )


def _monitor(spec: Spec) -> Iterator[Finding]:
    monitor = spec.monitor
    keys: Keys = ("monitor",)
    if monitor.confirm is not None and monitor.confirm.windows > monitor.confirm.of:
        yield Finding(
            (*keys, "confirm", "windows"),
            "MO143",
            f"{monitor.confirm.windows} of {monitor.confirm.of} windows is never reached",
            "swap them",
        )
    if monitor.schedule is not None and monitor.cooldown is not None and monitor.schedule.max_age < monitor.cooldown:
        yield Finding(
            (*keys, "cooldown"),
            "MO143",
            f"the rest of {text(monitor.cooldown)} is longer than the oldest allowed snapshot"
            f" ({text(monitor.schedule.max_age)})",
            "shorten it",
        )
    after = spec.data.labels_after
    if monitor.window is not None and after is not None and after >= monitor.window and monitor.performance is not None:
        yield Finding(
            (*keys, "window"),
            "MO143",
            f"no target is known within {text(monitor.window)}: they are final after {text(after)}",
            "lengthen monitor.window",
        )


def _performance(spec: Spec, performance: Performance) -> Iterator[Finding]:
    keys: Keys = ("monitor", "performance")
    found = metric_problem((*keys, "metric"), performance.metric, spec.train.task, task_metrics(spec.train.task))
    if found:
        yield found
        return
    if performance.metric not in spec.metrics:
        yield Finding(
            (*keys, "metric"),
            "MO143",
            f'"{performance.metric}" is not computed: evaluate.metrics is {listed(spec.metrics)}',
            f'add "{performance.metric}" to evaluate.metrics',
        )
    end = "max" if performance.metric in LOWER_IS_BETTER else "min"
    other = "min" if end == "max" else "max"
    limit = getattr(performance, end)
    if limit is None:
        yield Finding(keys, "MO143", f"performance of {performance.metric} needs `{end}`", f"add `{end}`", on_key=True)
        return
    if getattr(performance, other) is not None:
        yield Finding(
            (*keys, other), "MO143", f"{performance.metric} never triggers by `{other}`", "remove it", on_key=True
        )
    for index, gate in enumerate(spec.evaluate.gates):
        bound = getattr(gate, end)
        if gate.metric != performance.metric or gate.slice is not None or bound is None:
            continue
        if (end == "min" and limit > bound) or (end == "max" and limit < bound):
            yield Finding(
                (*keys, end),
                "MO143",
                f"{shown(limit)} is stricter than evaluate.gates[{index}] ({end} {shown(bound)}): a model that has just"
                " passed would trigger at once",
                f"write {shown(bound)} or {'less' if end == 'min' else 'more'}",
            )
