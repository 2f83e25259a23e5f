"""Charts of one evaluation, from the kept predictions of the test rows. Every point stands for many rows."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from modelops.core.store import Store
from modelops.records.evaluate import EvaluateRecord
from modelops.report.svg import Bar, Series, bars, lines

Floats = NDArray[np.float64]
POINTS = 101
BINS = 10
FEWEST = 10
MOST_BARS = 20
MOST_CLASSES = 8


@dataclass(frozen=True)
class Kept:
    """The test rows' truth and answers.

    Attributes
    ----------
    truth, predicted
        Shape (rows,): classes as text, or numbers.
    probabilities
        Class to shape (rows,); empty in a regression, and for a classifier that gives none.
    """

    truth: NDArray[np.generic]
    predicted: NDArray[np.generic]
    probabilities: dict[str, Floats]


def read(store: Store, evaluation: EvaluateRecord) -> Kept:
    """Return what the evaluate stage kept of the test rows."""
    table = pq.read_table(io.BytesIO(store.path(evaluation.test).read_bytes()))
    head = "probability "
    stated = {
        name.removeprefix(head): table.column(name).to_numpy() for name in table.column_names if name.startswith(head)
    }
    return Kept(table.column("truth").to_numpy(), table.column("predicted").to_numpy(), stated)


def charts(task: str, metric: str, kept: Kept, evaluation: EvaluateRecord) -> list[str]:
    """Return the charts that fit a model, as SVG.

    Parameters
    ----------
    task
        "classification" or "regression".
    metric
        The metric that counts.
    kept
        From `read`.
    evaluation
        The evidence.
    """
    if task == "regression":
        found = [_residuals(kept), _errors(kept)]
    elif kept.probabilities:
        found = [_roc(kept), _precision(kept), _calibration(kept)]
    else:
        found = []
    found += [_importance(metric, evaluation), *_slices(metric, evaluation), *_against(metric, evaluation)]
    return [chart for chart in found if chart]


def _judged(kept: Kept) -> dict[str, tuple[NDArray[np.bool_], Floats]]:
    """For each class to draw (the last one of two): which rows are of it, and its probability."""
    names = list(kept.probabilities)
    names = names[-1:] if len(names) == 2 else names[:MOST_CLASSES]
    pairs = {name: (kept.truth == name, kept.probabilities[name]) for name in names}
    return {name: (hit, stated) for name, (hit, stated) in pairs.items() if hit.any() and not hit.all()}


def _roc(kept: Kept) -> str:
    series = []
    for name, (hit, stated) in _judged(kept).items():
        order = np.argsort(-stated, kind="stable")
        found = np.concatenate([[0.0], np.cumsum(hit[order]) / hit.sum()])
        alarms = np.concatenate([[0.0], np.cumsum(~hit[order]) / (~hit).sum()])
        grid = np.linspace(0, 1, POINTS)
        series.append(Series(name, grid.tolist(), np.interp(grid, alarms, found).tolist()))
    title = "ROC curve"
    return lines(title, "false positive rate", "true positive rate", series, diagonal=True, unit=True) if series else ""


def _precision(kept: Kept) -> str:
    series = []
    for name, (hit, stated) in _judged(kept).items():
        order = np.argsort(-stated, kind="stable")
        places = np.unique(np.linspace(min(FEWEST, len(order)), len(order), POINTS).astype(int)) - 1
        caught = np.cumsum(hit[order])[places]
        series.append(Series(name, (caught / hit.sum()).tolist(), (caught / (places + 1)).tolist()))
    return lines("Precision and recall", "recall", "precision", series, unit=True) if series else ""


def _calibration(kept: Kept) -> str:
    series = []
    for name, (hit, stated) in _judged(kept).items():
        groups = _groups(stated)
        means = [float(stated[group].mean()) for group in groups]
        series.append(Series(name, means, [float(hit[group].mean()) for group in groups], dots=True))
    title = "Calibration, in tenths of the rows"
    return lines(title, "stated probability", "share of rows", series, diagonal=True, unit=True) if series else ""


def _groups(values: Floats) -> list[NDArray[np.int64]]:
    """Positions in tenths from the smallest to the largest value; none smaller than `FEWEST`."""
    order = np.argsort(values, kind="stable")
    count = max(1, min(BINS, len(order) // FEWEST))
    return [np.asarray(group, dtype=np.int64) for group in np.array_split(order, count)]


def _residuals(kept: Kept) -> str:
    predicted, truth = kept.predicted.astype(np.float64), kept.truth.astype(np.float64)
    groups = _groups(predicted)
    across = [float(predicted[group].mean()) for group in groups]
    series = [
        Series(name, across, [float(np.quantile((truth - predicted)[group], share)) for group in groups], dots=True)
        for name, share in (("upper quarter", 0.75), ("median", 0.5), ("lower quarter", 0.25))
    ]
    return lines("Residuals, in tenths of the rows", "predicted", "truth minus predicted", series)


def _errors(kept: Kept) -> str:
    predicted, truth = kept.predicted.astype(np.float64), kept.truth.astype(np.float64)
    shares = np.linspace(0, 0.95, 39)
    found = np.quantile(np.abs(truth - predicted), shares)
    return lines(
        "Absolute errors", "share of rows", "at most this error", [Series("", shares.tolist(), found.tolist())]
    )


def _importance(metric: str, evaluation: EvaluateRecord) -> str:
    entries = [Bar(name, value) for name, value in evaluation.importance.items()][:MOST_BARS]
    return bars("What the model looks at", f"loss of {metric} when shuffled", entries, line=0.0) if entries else ""


def _slices(metric: str, evaluation: EvaluateRecord) -> list[str]:
    overall = evaluation.metrics[metric].value
    found = []
    for column in dict.fromkeys(part.column for part in evaluation.slices):
        judged = [part for part in evaluation.slices if part.column == column and metric in part.metrics]
        entries = [
            Bar(part.value, value.value, value.low, value.high)
            for part in judged
            if (value := part.metrics[metric]).value is not None
        ]
        if entries:
            found.append(bars(f"{metric} by {column}", metric, _ends(entries), line=overall))
    return found


def _ends(entries: list[Bar]) -> list[Bar]:
    """The lowest and the highest values when there are too many."""
    ordered = sorted(entries, key=lambda bar: bar.value)
    half = MOST_BARS // 2
    return ordered if len(ordered) <= MOST_BARS else [*ordered[:half], *ordered[-half:]]


def _against(metric: str, evaluation: EvaluateRecord) -> list[str]:
    champion = evaluation.champion
    if champion is None or champion.undecided:
        return []
    delta = champion.metrics[metric]
    entries = [Bar("all rows", delta.delta, delta.low, delta.high)] if delta.delta is not None else []
    parts = [
        Bar(f"{part.column} {part.value}", part.delta.delta, part.delta.low, part.delta.high)
        for part in champion.slices
        if part.delta.delta is not None
    ]
    entries += _ends(parts)
    return [bars("Candidate minus champion", metric, entries, line=0.0)] if entries else []
