"""Champion against candidate on the rows that neither was trained on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.data import frame as frames
from modelops.data import split as splits
from modelops.evaluate import estimates, slices
from modelops.evaluate.champion import Champion
from modelops.evaluate.estimates import Difference, Measured, Method
from modelops.evaluate.scored import Ints, Scored, score
from modelops.records.evaluate import Comparison, Flip, SliceDelta
from modelops.serving.predictor import Prediction, Predictor
from modelops.spec.model import Spec

SAMPLE = 10


class Undecided(Exception):
    """No comparison is possible; the message says why."""


@dataclass(frozen=True)
class Paired:
    """Both models on the same rows.

    Attributes
    ----------
    frame
        The candidate's rows that are compared.
    places
        Shape (rows,): where these rows are among the test rows.
    champion, candidate
        Their answers on these rows.
    blocks
        Shape (rows,), None where rows are independent.
    classes
        The candidate's classes, in the order of the codes of both; empty in a regression.
    """

    frame: pd.DataFrame
    places: Ints
    champion: Scored
    candidate: Scored
    blocks: Ints | None
    classes: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """A comparison as a record, with the distributions that gates read."""

    record: Comparison
    overall: dict[str, Difference] = field(default_factory=dict)
    by_slice: dict[str, list[tuple[str, int, dict[str, Difference]]]] = field(default_factory=dict)
    flipped: tuple[Flip, ...] = ()


def compare(
    spec: Spec, method: Method, champion: Champion, test: pd.DataFrame, candidate: Predictor, store: Store
) -> Outcome:
    """Compare the candidate with the champion.

    Parameters
    ----------
    spec
        The candidate's spec.
    method
        The metrics to compare by.
    champion
        The version that runs.
    test
        The candidate's test rows.
    candidate
        The candidate's exported model.
    store
        Where the champion's rows are.
    """
    try:
        paired = _pair(spec, champion, test, candidate, store)
    except Undecided as reason:
        return Outcome(_record(champion, undecided=str(reason)))
    overall = estimates.compare(method, paired.champion, paired.candidate, paired.blocks)
    by_slice = {column: _slices(spec, method, test, paired, column) for column in spec.evaluate.slices}
    before, after, truth = paired.champion.predicted, paired.candidate.predicted, paired.candidate.truth
    shares: dict[str, float | None] = {}
    if paired.classes:
        shares = {
            "flips": estimates.figure(float((before != after).mean())),
            "mended": estimates.figure(float(((before != truth) & (after == truth)).mean())),
            "broken": estimates.figure(float(((before == truth) & (after != truth)).mean())),
        }
    record = _record(
        champion,
        rows=len(paired.frame),
        metrics={name: found.delta(estimates.better(name)) for name, found in overall.items()},
        slices=tuple(_slice_deltas(method.names[0], by_slice)),
        **shares,
    )
    return Outcome(record, overall, by_slice, _sample(spec, paired))


def _record(champion: Champion, *, rows: int = 0, **parts: Any) -> Comparison:
    return Comparison(
        resolved=champion.lock.resolved_digest,
        version=champion.lock.version,
        snapshot=champion.lock.resolved.data.snapshot,
        rows=rows,
        **({"metrics": {}} | parts),
    )


def _pair(spec: Spec, champion: Champion, test: pd.DataFrame, candidate: Predictor, store: Store) -> Paired:
    if champion.unavailable:
        raise Undecided(champion.unavailable)
    predictor = _load(champion)
    if champion.spec.data.target != spec.data.target:
        raise Undecided(f"the target changed from {champion.spec.data.target} to {spec.data.target}")
    old, new = predictor.signature, candidate.signature
    if old.task != new.task:
        raise Undecided(f"the task changed from {old.task} to {new.task}")
    if set(map(repr, old.classes)) != set(map(repr, new.classes)):
        raise Undecided(f"the classes changed from {_listed(old.classes)} to {_listed(new.classes)}")
    if old.classes and old.classes[-1] != new.classes[-1] and len(old.classes) == 2:
        raise Undecided("the order of the classes changed, so that another one counts as positive")
    seen = frames.read(store, champion.data)
    missing = [column.name for column in old.inputs if column.name not in seen]
    if missing:
        raise Undecided(f"the champion reads columns that its query no longer gives: {', '.join(missing)}")
    ours, theirs = _join(spec, champion, test, seen)
    fresh = ~splits.trained_on(champion.spec, seen)[theirs]
    ours, theirs = ours[fresh], theirs[fresh]
    if len(ours) < spec.evaluate.min_rows:
        raise Undecided(
            f"only {len(ours)} rows remain that neither version was trained on; "
            f"evaluate.min_rows asks for {spec.evaluate.min_rows}"
        )
    return _answers(spec, predictor, candidate, test.iloc[ours], seen.iloc[theirs], ours)


def _load(champion: Champion) -> Predictor:
    try:
        return Predictor.load(champion.model)
    except Exception as error:
        raise Undecided(f"the champion's model does not load ({type(error).__name__}: {error})") from error


def _listed(classes: tuple[Any, ...]) -> str:
    return ", ".join(map(slices.text, classes[:10]))


def _join(spec: Spec, champion: Champion, test: pd.DataFrame, seen: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return positions of the same rows in both frames."""
    keys = list(spec.data.keys)
    if keys != list(champion.spec.data.keys):
        raise Undecided("the key changed, so that rows cannot be matched")
    if not keys:
        return _join_by_values(test, seen, [*spec.features.columns, spec.data.target])
    absent = [key for key in keys if key not in seen]
    if absent:
        raise Undecided(f"the champion's query no longer gives the key {', '.join(absent)}")
    left = test[keys].assign(ours=np.arange(len(test)))
    right = seen[keys].assign(theirs=np.arange(len(seen)))
    both = left.merge(right, on=keys, how="inner").sort_values("ours", kind="stable")
    return both["ours"].to_numpy(), both["theirs"].to_numpy()


def _join_by_values(test: pd.DataFrame, seen: pd.DataFrame, columns: list[str]) -> tuple[Ints, Ints]:
    """Without a key: rows that are equal in all columns of the candidate, the first with the first and so on."""
    absent = [column for column in columns if column not in seen]
    if absent:
        raise Undecided("without data.key, rows can only be matched when both versions read the same columns")
    names = list(dict.fromkeys(columns))
    left, right = (
        part[names].assign(turn=part.groupby(names, dropna=False, sort=False).cumcount(), place=np.arange(len(part)))
        for part in (test, seen)
    )
    both = left.merge(right, on=[*names, "turn"], how="inner", suffixes=("_ours", "_theirs")).sort_values("place_ours")
    return both["place_ours"].to_numpy(), both["place_theirs"].to_numpy()


def _answers(
    spec: Spec, old: Predictor, new: Predictor, ours: pd.DataFrame, theirs: pd.DataFrame, places: Ints
) -> Paired:
    target, classes = spec.data.target, new.signature.classes
    changed = int((ours[target].to_numpy() != theirs[target].to_numpy()).sum())
    if changed:
        raise Undecided(f"{target} means something else now: it differs on {changed} of {len(ours)} rows")
    try:
        before = score(target, theirs[target], _predict(old, theirs), old.signature.classes)
    except (ValueError, ModelopsError) as error:
        raise Undecided(f"the champion cannot predict these rows: {error}") from error
    after = score(target, ours[target], _predict(new, ours), classes)
    before = _reordered(before, old.signature.classes, classes)
    return Paired(ours, places, before, after, splits.blocks(spec, ours), classes)


def _predict(predictor: Predictor, frame: pd.DataFrame) -> Prediction:
    return predictor.predict({column.name: frame[column.name].to_numpy() for column in predictor.signature.inputs})


def _reordered(rows: Scored, old: tuple[Any, ...], new: tuple[Any, ...]) -> Scored:
    """Bring the champion's class codes into the candidate's order."""
    if old == new:
        return rows
    place = np.array([new.index(label) for label in old])
    probabilities = None
    if rows.probabilities is not None:
        probabilities = np.empty_like(rows.probabilities)
        probabilities[:, place] = rows.probabilities
    return Scored(place[rows.truth], place[rows.predicted], probabilities, rows.classes)


def _slices(
    spec: Spec, method: Method, test: pd.DataFrame, paired: Paired, column: str
) -> list[tuple[str, int, dict[str, Difference]]]:
    """Compare on each slice of the test rows, so that numbered groups keep their numbers."""
    least = spec.evaluate.min_rows
    result = []
    for part in slices.cut(test, column, least, sensitive=sensitive(spec, column)):
        inside = part.rows[paired.places]
        rows = int(inside.sum())
        if part.judged and rows >= least:
            old, new = paired.champion.take(inside), paired.candidate.take(inside)
            found = estimates.compare(method, old, new, estimates.within(inside, paired.blocks))
            result.append((part.value, rows, found))
        elif part.judged:
            few = Difference(None, None, Measured(None, None, f"only {rows} rows to compare"))
            result.append((part.value, rows, dict.fromkeys(method.names, few)))
    return result


def _slice_deltas(name: str, by_slice: dict[str, list[tuple[str, int, dict[str, Difference]]]]) -> list[SliceDelta]:
    """Keep only the metric that counts, so that the lock stays small."""
    flat = [(column, value, rows, found[name]) for column, part in by_slice.items() for value, rows, found in part]
    known = [place for place, entry in enumerate(flat) if entry[3].gain.spread is not None]
    corrected = dict(zip(known, slices.holm([_p_same(flat[place][3]) for place in known]), strict=True))
    sign = estimates.better(name)
    return [
        SliceDelta(
            column=column,
            value=value,
            rows=rows,
            metric=name,
            delta=found.delta(sign),
            p=estimates.figure(corrected.get(place)),
        )
        for place, (column, value, rows, found) in enumerate(flat)
    ]


def _p_same(found: Difference) -> float:
    """The two-sided p-value of no difference."""
    spread = found.gain.spread
    return 1.0 if spread is None else min(1.0, 2 * min(spread.p_at_least(0.0), spread.p_at_most(0.0)))


def sensitive(spec: Spec, column: str) -> bool:
    """Return whether the contract marks a column as sensitive."""
    return column in spec.data.columns and spec.data.columns[column].sensitive


def _sample(spec: Spec, paired: Paired) -> tuple[Flip, ...]:
    """Some rows whose class changes, spread evenly; no values where target or key is sensitive."""
    if not paired.classes or sensitive(spec, spec.data.target):
        return ()
    places = np.flatnonzero(paired.champion.predicted != paired.candidate.predicted)
    if len(places) > SAMPLE:
        places = places[np.linspace(0, len(places) - 1, SAMPLE).astype(int)]
    hidden = any(sensitive(spec, key) for key in spec.data.keys)

    def label(code: Any) -> str:
        return slices.text(paired.classes[int(code)])

    return tuple(
        Flip(
            key="" if hidden else ", ".join(slices.text(paired.frame[key].iloc[place]) for key in spec.data.keys),
            truth=label(paired.candidate.truth[place]),
            champion=label(paired.champion.predicted[place]),
            candidate=label(paired.candidate.predicted[place]),
        )
        for place in places
    )
