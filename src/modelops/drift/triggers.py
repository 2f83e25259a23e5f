"""What asks for a retrain: enough drifted columns, moved predictions, an old snapshot."""

from __future__ import annotations

from datetime import date, timedelta

from modelops.records.drift import ColumnDrift, Trigger
from modelops.spec.model import Spec
from modelops.spec.operation import Drift

SHOWN_COLUMNS = 8


def drift_trigger(columns: tuple[ColumnDrift, ...], score: float, policy: Drift) -> tuple[Trigger, ...]:
    """Return the trigger of enough drifted columns."""
    if score < policy.share:
        return ()
    drifted = [one.column for one in columns if one.drifted]
    names = ", ".join(drifted[:SHOWN_COLUMNS])
    if len(drifted) > SHOWN_COLUMNS:
        names += f" and {len(drifted) - SHOWN_COLUMNS} more"
    by = "columns by importance" if policy.weigh_by == "importance" else "columns"
    reason = f"{score:.0%} of the {by} drifted (limit {policy.share:.0%}): {names}"
    return (Trigger(kind="data drift", value=round(score, 6), limit=policy.share, reason=reason),)


def prediction_trigger(prediction: ColumnDrift, policy: Drift) -> tuple[Trigger, ...]:
    """Return the trigger of predictions that moved."""
    if not prediction.drifted:
        return ()
    reason = f"the predictions moved: PSI {prediction.psi:.2f} (limit {policy.threshold:g})"
    return (Trigger(kind="prediction drift", value=prediction.psi, limit=policy.threshold, reason=reason),)


def age_trigger(spec: Spec, snapshot: str, as_of: date) -> tuple[Trigger, ...]:
    """Return the trigger of a snapshot that is older than `monitor.schedule.max_age`."""
    schedule = spec.monitor.schedule
    if schedule is None or spec.data.time is None:
        return ()
    age = as_of - date.fromisoformat(snapshot[:10])
    if age <= schedule.max_age:
        return ()
    most = schedule.max_age / timedelta(days=1)
    reason = f"the snapshot is {age.days} days old (limit {most:g})"
    return (Trigger(kind="age", value=age.days, limit=most, reason=reason),)
