"""What a fitted model depends on, as one digest. Imports no library, so that asking for a known model costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelops.core import digest
from modelops.records.data import DataRecord
from modelops.spec.model import Spec

STAGE = "train"
VERSION = 3


def metric_name(spec: Spec) -> str:
    """Return the metric that the search optimises: its own, else the first of the spec."""
    search = spec.train.search
    return search.metric if search and search.metric else spec.metrics[0]


def folder(root: Path, model: str) -> Path:
    """Return the folder of a model's own code."""
    return root / "models" / model


def code_digest(root: Path, model: str) -> str:
    """Return the digest of `models/<model>/*.py`."""
    where = folder(root, model)
    return digest.of_tree(where, where.glob("*.py"))


def key(spec: Spec, data: DataRecord, root: Path) -> str:
    """Return the digest of everything that the fitted model depends on."""
    return digest.of_value(_depends(spec, data, root))


def search_key(spec: Spec, data: DataRecord, root: Path) -> str:
    """Return the digest of everything that a trial's scores depend on: raising the number of trials goes on."""
    depends = _depends(spec, data, root)
    search = spec.train.search
    about = None if search is None else {"folds": search.folds.model_dump(mode="json"), "metric": metric_name(spec)}
    return digest.of_value({**depends, "train": {**depends["train"], "search": about}})


def _depends(spec: Spec, data: DataRecord, root: Path) -> dict[str, Any]:
    plain = spec.model_dump(mode="json", by_alias=True)
    section = plain["train"]
    return {
        "stage": STAGE,
        "version": VERSION,
        "name": spec.name,
        "data": data.digest,
        "rows": {
            name: plain["data"][name]
            for name in ("key", "time", "target", "snapshot", "window", "labels_after", "columns")
        },
        "features": plain["features"],
        "train": {name: value for name, value in section.items() if name not in {"engine", "runs_on"}},
        "split": plain["evaluate"]["split"],
        "metric": metric_name(spec) if spec.train.search else None,
        "code": code_digest(root, spec.name),
    }
