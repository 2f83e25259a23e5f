"""Permutation importance of the exported model's inputs (Breiman, 2001, "Random forests", section 10)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from modelops.evaluate import metrics
from modelops.evaluate.estimates import better, figure
from modelops.evaluate.scored import Scored, score
from modelops.serving.predictor import Predictor
from modelops.spec.model import Spec

MOST_ROWS = 2000
REPEATS = 3


def importance(spec: Spec, predictor: Predictor, frame: pd.DataFrame) -> dict[str, float]:
    """Return how much the first metric worsens when one column's values are shuffled, largest first.

    Parameters
    ----------
    spec
        The model's spec; its seed makes the sample and the shuffles.
    predictor
        The exported model.
    frame
        Test rows; at most `MOST_ROWS` of them are used.
    """
    generator = np.random.default_rng(spec.train.seed)
    chosen = np.sort(generator.permutation(len(frame))[:MOST_ROWS])
    sample = frame.iloc[chosen]
    names = [column.name for column in predictor.signature.inputs]
    columns = {name: sample[name].to_numpy() for name in names}
    name = _metric(spec, _scored(spec, predictor, sample, columns))
    plain = metrics.value(name, _scored(spec, predictor, sample, columns), spec.evaluate.cost)
    result = {}
    for column in names:
        losses = []
        for _ in range(REPEATS):
            shuffled = columns | {column: columns[column][generator.permutation(len(sample))]}
            value = metrics.value(name, _scored(spec, predictor, sample, shuffled), spec.evaluate.cost)
            losses.append(better(name) * (plain - value))
        mean = float(np.mean(losses))
        result[column] = (figure(mean) or 0.0) if math.isfinite(mean) else 0.0
    return dict(sorted(result.items(), key=lambda entry: (-entry[1], entry[0])))


def _metric(spec: Spec, rows: Scored) -> str:
    """The first metric that has a value on these rows."""
    defined = (name for name in spec.metrics if math.isfinite(metrics.value(name, rows, spec.evaluate.cost)))
    return next(defined, "accuracy" if rows.classes else "mae")


def _scored(spec: Spec, predictor: Predictor, sample: pd.DataFrame, columns: dict[str, np.ndarray]) -> Scored:
    return score(spec.data.target, sample[spec.data.target], predictor.predict(columns), predictor.signature.classes)
