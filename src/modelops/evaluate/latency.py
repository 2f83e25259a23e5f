"""How long the exported model takes for one row, on this machine."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd

from modelops.serving.predictor import Predictor

WARM_UP = 20
ROUNDS = 10
CALLS = 200
MOST_SECONDS = 3.0


def latency(predictor: Predictor, frame: pd.DataFrame) -> tuple[float, float]:
    """Return the median and the 99th percentile of the time for one row, in milliseconds.

    Rows are taken in turn from the frame, `CALLS` a round. The quietest of up to `ROUNDS` rounds counts (within about
    `MOST_SECONDS`): whatever else runs on the machine only adds time, as the documentation of `timeit` says, and a
    gate must judge the model, not its neighbours.
    """
    names = [column.name for column in predictor.signature.inputs]
    head = frame.iloc[:CALLS]
    rows = [{name: head[name].to_numpy()[place : place + 1] for name in names} for place in range(len(head))]
    for call in range(WARM_UP):
        predictor.predict(rows[call % len(rows)])
    deadline = time.perf_counter() + MOST_SECONDS
    rounds = [_round(predictor, rows)]
    while len(rounds) < ROUNDS and time.perf_counter() < deadline:
        rounds.append(_round(predictor, rows))
    slowest, median = min(rounds)
    return float(f"{median:.3g}"), float(f"{slowest:.3g}")


def _round(predictor: Predictor, rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the 99th percentile and the median of one round, in milliseconds."""
    taken = []
    for call in range(CALLS):
        started = time.perf_counter()
        predictor.predict(rows[call % len(rows)])
        taken.append((time.perf_counter() - started) * 1000)
    slowest, median = np.quantile(taken, [0.99, 0.5])
    return float(slowest), float(median)
