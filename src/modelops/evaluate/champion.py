"""What a candidate is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modelops.records.data import DataRecord
from modelops.records.lock import Lock
from modelops.spec.model import Spec


@dataclass(frozen=True)
class Champion:
    """The version that runs.

    Attributes
    ----------
    lock, digest
        Its lock, and the digest of the lock's text.
    spec
        Its own spec, as of its commit.
    model
        Its model folder, as `Predictor` reads it.
    data
        The rows of the candidate's snapshot and window, seen through the champion's own query.
    unavailable
        Why its model or its rows cannot be had; empty when they can. Then `model` and `data` mean nothing.
    """

    lock: Lock
    digest: str
    spec: Spec
    model: Path
    data: DataRecord
    unavailable: str = ""
