"""How long the exported model takes for one row, on this machine."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from modelops.serving.predictor import Predictor

WARM_UP = 20
CALLS = 1000
MOST_SECONDS = 2.0


def latency(predictor: Predictor, frame: pd.DataFrame) -> tuple[float, float]:
    """Return the median and the 99th percentile of the time for one row, in milliseconds.

    Rows are taken in turn from the frame. At most `CALLS` calls, and no more than about `MOST_SECONDS`.
    """
    names = [column.name for column in predictor.signature.inputs]
    head = frame.iloc[:200]
    rows = [{name: head[name].to_numpy()[place : place + 1] for name in names} for place in range(len(head))]
    for call in range(WARM_UP):
        predictor.predict(rows[call % len(rows)])
    taken = []
    deadline = time.perf_counter() + MOST_SECONDS
    for call in range(CALLS):
        started = time.perf_counter()
        predictor.predict(rows[call % len(rows)])
        ended = time.perf_counter()
        taken.append((ended - started) * 1000)
        if ended > deadline:
            break
    median, slowest = np.quantile(taken, [0.5, 0.99])
    return float(f"{median:.3g}"), float(f"{slowest:.3g}")
