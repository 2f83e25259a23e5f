"""Whether new rows differ from those a version learned from, column by column, and whether that asks for a retrain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from modelops.data.split import blocks
from modelops.drift import bins, effect
from modelops.drift import profile as profiles
from modelops.drift.triggers import age_trigger, drift_trigger, prediction_trigger
from modelops.records.drift import ColumnDrift, DriftRecord, Moved
from modelops.records.profile import Categories, ColumnProfile, Profile, Times
from modelops.serving.predictor import Prediction
from modelops.spec.model import Spec
from modelops.spec.operation import Drift

FEWEST_ROWS = 1000
SHOWN_CATEGORIES = 3


@dataclass(frozen=True)
class Measured:
    """A column's drift, and whether it has drifted in each resample, shape (RESAMPLES,) (None with one block)."""

    drift: ColumnDrift
    resampled: np.ndarray | None


def detect(spec: Spec, profile: Profile, current: pd.DataFrame, predictions: Prediction, as_of: date) -> DriftRecord:
    """Compare new rows with a version's profile.

    Parameters
    ----------
    spec : Spec
        The version's spec; its `monitor` section is the policy.
    current : DataFrame
        The new rows: feature columns, the target where it is known, the time column where there is one.
    predictions : Prediction of length rows
        What the version says about them.
    as_of : date
        The last day (UTC, inclusive) that is looked at.

    Returns
    -------
    DriftRecord
        With a note instead of a score when there are too few rows to tell drift from chance.
    """
    found = _frame(spec, profile, current, as_of)
    age = age_trigger(spec, profile.snapshot, as_of)
    if len(current) < FEWEST_ROWS:
        note = f"too few rows to tell drift from chance: {len(current):,}, at least {FEWEST_ROWS:,} are needed"
        return found.model_copy(update={"note": note, "triggers": age})
    policy = spec.monitor.drift or Drift()
    day = _days(spec, current)
    columns = _columns(spec, profile, current, policy, day)
    drifts = tuple(sorted((each.drift for each in columns), key=lambda one: (-one.weight, one.column)))
    score = sum(one.weight for one in drifts if one.drifted)
    low, high = _score_interval(columns)
    prediction = _measure("prediction", profile.prediction, profiles.output(predictions), 1.0, policy, day).drift
    # Without the key there is evidence, but nothing to act on.
    triggers = (
        (*drift_trigger(drifts, score, policy), *prediction_trigger(prediction, policy)) if spec.monitor.drift else ()
    )
    return found.model_copy(
        update={
            "score": round(score, 6),
            "score_low": low,
            "score_high": high,
            "severity": round(sum(one.weight * one.psi for one in drifts), 6),
            "columns": drifts,
            "prediction": prediction,
            "target": _target(spec, profile, current, policy, day),
            "triggers": (*triggers, *age),
        }
    )


def _frame(spec: Spec, profile: Profile, current: pd.DataFrame, as_of: date) -> DriftRecord:
    """Return the record with nothing measured yet."""
    times = pd.Series(dtype="datetime64[us, UTC]") if spec.data.time is None else current[spec.data.time].dropna()
    return DriftRecord(
        model=spec.name,
        as_of=as_of.isoformat(),
        snapshot=profile.snapshot,
        rows=len(current),
        reference_rows=profile.rows,
        first=times.min().isoformat() if len(times) else None,
        last=times.max().isoformat() if len(times) else None,
    )


def _days(spec: Spec, current: pd.DataFrame) -> np.ndarray | None:
    """Return codes 0 … n-1 of the day of each row, None when rows are independent."""
    return None if spec.data.time is None else blocks(spec, current)


def _columns(
    spec: Spec, profile: Profile, current: pd.DataFrame, policy: Drift, day: np.ndarray | None
) -> list[Measured]:
    weights = weigh(profile, policy)
    return [
        _measure(
            name,
            column,
            current[name],
            weights[name],
            policy,
            day,
            salt=profiles.salt(spec, name),
        )
        for name, column in profile.columns.items()
    ]


def weigh(profile: Profile, policy: Drift) -> dict[str, float]:
    """Return each column's weight; they add up to 1. Columns that do not help the model weigh nothing."""
    names = list(profile.columns)
    raw = {name: max(profile.importance.get(name, 0.0), 0.0) for name in names}
    total = sum(raw.values())
    if policy.weigh_by == "columns" or total <= 0:
        return dict.fromkeys(names, 1 / len(names))
    return {name: value / total for name, value in raw.items()}


def _measure(
    name: str,
    reference: ColumnProfile,
    values: pd.Series,
    weight: float,
    policy: Drift,
    day: np.ndarray | None,
    salt: str | None = None,
) -> Measured:
    before = bins.reference_counts(reference)
    codes = bins.codes(reference, values, salt)
    blocks_of_rows = day if day is not None else np.arange(len(codes)) % effect.RESAMPLES
    by_block = effect.by_block(codes, len(before), blocks_of_rows, int(blocks_of_rows.max()) + 1)
    after = by_block.sum(axis=0)
    index = float(effect.psi(before, after))
    low, high, resampled = None, None, None
    if len(by_block) > 1:
        draws = effect.resampled_psi(before, by_block, effect.draws(len(by_block)), index)
        low, high = (round(bound, 6) for bound in effect.interval(draws))
        resampled = draws >= policy.threshold
    drift = ColumnDrift(
        column=name,
        kind=reference.kind,
        weight=round(weight, 6),
        drifted=index >= policy.threshold,
        psi=round(index, 6),
        low=low,
        high=high,
        missing_before=round(before[-1] / max(before.sum(), 1), 6),
        missing_after=round(after[-1] / max(after.sum(), 1), 6),
        **_details(reference, values, before, after, hide=salt is not None),
    )
    return Measured(drift, resampled)


def _details(
    reference: ColumnProfile, values: pd.Series, before: np.ndarray, after: np.ndarray, *, hide: bool
) -> dict[str, Any]:
    """Return what only one kind of column has; nothing of a sensitive column's values."""
    if isinstance(reference, Times):
        return {}
    if isinstance(reference, Categories):
        p, q = before / max(before.sum(), 1), after / max(after.sum(), 1)
        named = [Moved(value=v, before=round(p[i], 6), after=round(q[i], 6)) for i, v in enumerate(reference.counts)]
        named.sort(key=lambda one: (-abs(one.after - one.before), one.value))
        unseen = round(max(q[-2] - p[-2], 0.0), 6)
        return {"moved": () if hide else tuple(named[:SHOWN_CATEGORIES]), "unseen": unseen}
    details = {"ks": round(effect.ks(before[:-1], after[:-1]), 6)}
    if hide:
        return details
    present = bins.words(values) if reference.kind == "text" else bins.as_numbers(values)
    after_quantiles = bins.quantiles(present[np.isfinite(present)])
    return details | {"quantiles_before": reference.quantiles, "quantiles_after": after_quantiles}


def _score_interval(columns: list[Measured]) -> tuple[float | None, float | None]:
    """Return the interval of the weighted share of drifted columns; every column sees the same resampled days."""
    drawn = [each.drift.weight * each.resampled for each in columns if each.resampled is not None]
    if not drawn:
        return None, None
    low, high = effect.interval(np.sum(drawn, axis=0))
    return round(low, 6), round(high, 6)


def _target(
    spec: Spec, profile: Profile, current: pd.DataFrame, policy: Drift, day: np.ndarray | None
) -> ColumnDrift | None:
    """Return the target's drift on the rows where it is known already, None with too few of them."""
    name = spec.data.target
    known = current[name].notna().to_numpy() if name in current else np.zeros(len(current), dtype=bool)
    if known.sum() < FEWEST_ROWS:
        return None
    some = day if day is None or known.all() else np.unique(day[known], return_inverse=True)[1]
    return _measure(name, profile.target, current[name][known], 0.0, policy, some, salt=profiles.salt(spec, name)).drift
