"""The evaluate stage: evidence on one candidate, made again only when something it depends on changed."""

from __future__ import annotations

import io
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from modelops.core import digest
from modelops.core.store import Store
from modelops.data import frame as frames
from modelops.data import split as splits
from modelops.evaluate import comparison, estimates, fairness, gates, metrics, slices
from modelops.evaluate.champion import Champion
from modelops.evaluate.estimates import Measured, Method, figure
from modelops.evaluate.importance import importance
from modelops.evaluate.latency import latency
from modelops.evaluate.scored import Scored, score
from modelops.records.data import DataRecord
from modelops.records.evaluate import Comparison, EvaluateRecord, FairnessAudit, SliceMetrics
from modelops.records.train import TrainRecord
from modelops.serving.predictor import Predictor
from modelops.spec.evaluation import MEASURED_METRICS, MODEL_METRICS, Gate
from modelops.spec.model import Spec

VERSION = 3
STAGE = "evaluate"


def evaluate(
    spec: Spec,
    data: DataRecord,
    train: TrainRecord,
    champion: Champion | None,
    store: Store,
    *,
    today: date,
    refresh: bool = False,
) -> EvaluateRecord:
    """Return the evidence on a candidate: metrics, slices, the comparison with the champion, the verdict.

    Parameters
    ----------
    spec
        The candidate's spec.
    data, train
        What the stages before left.
    champion
        The version that runs, None for a first model.
    store
        Where rows and models are.
    today
        The day (UTC) on which waivers must still hold.
    refresh
        Measure again, whatever is remembered.

    Raises
    ------
    ModelopsError
        When the test rows cannot be evaluated at all: a class that the model never saw, a row without a target.
    """
    key = _key(spec, data, train, champion, today)
    known = None if refresh else store.get_record(STAGE, key)
    if known is not None:
        record = EvaluateRecord.model_validate_json(known)
        if store.has(record.test):
            return record
    with tempfile.TemporaryDirectory(prefix="modelops-") as folder:
        predictor = Predictor.load(store.checkout(train.files, Path(folder)))
        record = _evaluate(spec, data, train, champion, store, predictor, today)
    store.put_record(STAGE, key, record.model_dump_json())
    return record


def paired(spec: Spec, data: DataRecord, train: TrainRecord, champion: Champion, store: Store) -> Comparison:
    """Return only the comparison of a candidate with another version, on rows that neither was trained on.

    Raises
    ------
    ModelopsError
        When the candidate's test rows cannot be evaluated.
    """
    frame = frames.read(store, data)
    test = frame[splits.split(spec, frame).test].reset_index(drop=True)
    method = Method(spec.metrics, spec.evaluate.cost, spec.train.seed)
    with tempfile.TemporaryDirectory(prefix="modelops-") as folder:
        predictor = Predictor.load(store.checkout(train.files, Path(folder)))
        return comparison.compare(spec, method, champion, test, predictor, store).record


def _key(spec: Spec, data: DataRecord, train: TrainRecord, champion: Champion | None, today: date) -> str:
    plain = spec.model_dump(mode="json", by_alias=True)
    return digest.of_value(
        {
            "version": VERSION,
            "spec": {part: plain[part] for part in ("data", "features", "train", "evaluate")},
            "waivers": [gates.active(gate, today) for gate in spec.evaluate.gates],
            "data": data.frame,
            "files": train.files,
            "folds": list(train.cross_validation),
            "champion": None if champion is None else [champion.digest, champion.data.frame, champion.unavailable],
        }
    )


def _evaluate(
    spec: Spec,
    data: DataRecord,
    train: TrainRecord,
    champion: Champion | None,
    store: Store,
    predictor: Predictor,
    today: date,
) -> EvaluateRecord:
    started = time.perf_counter()
    frame = frames.read(store, data)
    parts = splits.split(spec, frame)
    test = frame[parts.test].reset_index(drop=True)
    method = Method(_names(spec), spec.evaluate.cost, spec.train.seed)
    rows = _score(spec, predictor, test)
    blocks = splits.blocks(spec, test)
    overall = estimates.measure(method, rows, blocks)
    seen = _score(spec, predictor, frame[parts.train])
    on_train = {name: figure(metrics.value(name, seen, spec.evaluate.cost)) for name in spec.metrics}
    whole = _model_metrics(spec, train, overall, on_train)
    parted = {column: _slices(spec, method, test, rows, blocks, column) for column in _columns(spec)}
    outcome = None if champion is None else comparison.compare(spec, method, champion, test, predictor, store)
    times = latency(predictor, test)
    audits = fairness.audit(spec, method, test, rows, blocks, predictor.signature.classes)
    evidence = _evidence(overall | whole, times, parted, outcome, audits)
    gate_results = [gates.judge(part, evidence, today) for part in _gates(spec)]
    return EvaluateRecord(
        metrics={name: overall[name].estimate() for name in spec.metrics},
        train_metrics=on_train,
        slices=tuple(_slice_metrics(spec, parted)),
        champion=None if outcome is None else outcome.record,
        gates=gate_results[0],
        measured_gates=gate_results[1],
        importance=importance(spec, predictor, test),
        latency_p50_ms=times[0],
        latency_p99_ms=times[1],
        test=_keep(spec, test, rows, predictor, store),
        seconds=round(time.perf_counter() - started, 3),
        test_rows=len(test),
        blocks=None if blocks is None else len(np.unique(blocks)),
        model_metrics={name: found.estimate() for name, found in whole.items()},
        fairness=tuple(audit for audit, _ in audits),
        flipped=() if outcome is None else outcome.flipped,
    )


def _evidence(
    values: dict[str, Measured],
    times: tuple[float, float],
    parted: dict[str, list[tuple[slices.Slice, dict[str, Measured]]]],
    outcome: comparison.Outcome | None,
    audits: list[tuple[FairnessAudit, dict[str, Measured]]],
) -> gates.Evidence:
    """Put together what gates read."""
    timed = {name: Measured(value, None) for name, value in zip(MEASURED_METRICS, times, strict=True)}
    judged = {
        column: [(part.value, found) for part, found in entries if part.judged] for column, entries in parted.items()
    }
    measures = {audit.column: found for audit, found in audits}
    return gates.Evidence(values | timed, judged, outcome, measures)


def _gates(spec: Spec) -> tuple[list[Gate], list[Gate]]:
    """The gates whose values repeat, and those on measurements of this machine."""
    every = spec.evaluate.gates
    return [gate for gate in every if not gates.measured(gate)], [gate for gate in every if gates.measured(gate)]


def _names(spec: Spec) -> tuple[str, ...]:
    """The metrics to report and those that only gates name."""
    gated = [gate.metric for gate in spec.evaluate.gates if gate.metric in metrics.METRICS or gate.metric == "cost"]
    return tuple(dict.fromkeys([*spec.metrics, *gated]))


def _columns(spec: Spec) -> list[str]:
    """The columns to slice by: those to report and those that only gates name."""
    return list(dict.fromkeys([*spec.evaluate.slices, *(gate.slice for gate in spec.evaluate.gates if gate.slice)]))


def _score(spec: Spec, predictor: Predictor, frame: pd.DataFrame) -> Scored:
    names = [column.name for column in predictor.signature.inputs]
    answer = predictor.predict({name: frame[name].to_numpy() for name in names})
    return score(spec.data.target, frame[spec.data.target], answer, predictor.signature.classes)


def _model_metrics(
    spec: Spec, train: TrainRecord, overall: dict[str, Measured], on_train: dict[str, float | None]
) -> dict[str, Measured]:
    """Properties of the model as a whole, by the names in `MODEL_METRICS`."""
    first = spec.metrics[0]
    there, here = on_train[first], overall[first].value
    gap = None if there is None or here is None else estimates.better(first) * (there - here)
    folds = train.cross_validation
    spread = max(folds) - min(folds) if len(folds) > 1 else None
    values: dict[str, tuple[float | None, str]] = {
        "model_bytes": (float(train.model.bytes), ""),
        "train_test_gap": (gap, "" if gap is not None else f"{first} has no value on one of the parts"),
        "fold_spread": (spread, "" if spread is not None else "there was no cross-validation (train.search)"),
        "parity": (train.model.parity, ""),
    }
    return {name: Measured(values[name][0], None, values[name][1]) for name in MODEL_METRICS}


def _slices(
    spec: Spec, method: Method, test: pd.DataFrame, rows: Scored, blocks: np.ndarray | None, column: str
) -> list[tuple[slices.Slice, dict[str, Measured]]]:
    hidden = comparison.sensitive(spec, column)
    result = []
    for part in slices.cut(test, column, spec.evaluate.min_rows, sensitive=hidden):
        inside = estimates.within(part.rows, blocks)
        result.append((part, estimates.measure(method, rows.take(part.rows), inside)))
    return result


def _slice_metrics(spec: Spec, parted: dict[str, list[tuple[slices.Slice, dict[str, Measured]]]]) -> list[SliceMetrics]:
    return [
        SliceMetrics(
            column=column,
            value=part.value,
            rows=int(part.rows.sum()),
            metrics={name: found[name].estimate() for name in spec.metrics} if part.judged else {},
        )
        for column, entries in parted.items()
        for part, found in entries
    ]


def _keep(spec: Spec, test: pd.DataFrame, rows: Scored, predictor: Predictor, store: Store) -> str:
    """Keep the test rows' keys, truth and predictions as a Parquet blob; pages draw their plots from it."""
    classes = predictor.signature.classes
    kept = test[list(spec.data.keys)].copy()
    kept["truth"] = [slices.text(classes[code]) for code in rows.truth] if classes else rows.truth
    kept["predicted"] = [slices.text(classes[code]) for code in rows.predicted] if classes else rows.predicted
    if rows.probabilities is not None:
        for place, label in enumerate(classes):
            kept[f"probability {slices.text(label)}"] = rows.probabilities[:, place]
    buffer = io.BytesIO()
    kept.to_parquet(buffer, index=False, compression="zstd")
    return store.put_bytes(buffer.getvalue())
