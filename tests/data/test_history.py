"""History that changed after a version was locked is noticed and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from trips import make_rows, make_spec, write

from modelops.core.store import Store
from modelops.data.history import difference
from modelops.data.load import load
from modelops.records.data import DataRecord
from modelops.records.lock import Lock, LockedData, Resolved
from modelops.spec.model import Spec

TIMED = {"time": "at", "snapshot": "2024-03-31", "window": "60d"}
SPEC = make_spec({"trips": "trips.parquet"}, data=TIMED)


def locked(spec: Spec, record: DataRecord) -> Lock:
    data = LockedData(
        snapshot=record.snapshot, rows=record.rows, first=record.first, last=record.last, digest=record.digest
    )
    resolved = Resolved.model_construct(spec=spec.section_digests(), data=data)
    return Lock.model_construct(version=3, parent=None, resolved=resolved)


@pytest.fixture
def lock(tmp_path: Path, store: Store) -> Lock:
    write(make_rows(), tmp_path / "trips.parquet")
    return locked(SPEC, load(SPEC, tmp_path, store))


def changed(rows: pd.DataFrame, folder: Path, lock: Lock, store: Store, spec: Spec = SPEC) -> str | None:
    write(rows, folder / "trips.parquet")
    return difference(spec, load(spec, folder, store), lock, store)


def test_shuffled_rows_are_no_news(tmp_path: Path, store: Store, lock: Lock) -> None:
    assert changed(make_rows().sample(frac=1, random_state=1), tmp_path, lock, store) is None


def test_late_rows(tmp_path: Path, store: Store, lock: Lock) -> None:
    assert changed(make_rows(42), tmp_path, lock, store) == (
        "snapshot 2024-03-31 no longer gives the locked rows of version 3: 42 rows instead of 40; "
        "the last of 2024-03-02T17:00:00Z instead of 2024-03-02T15:00:00Z (by key: 2 new)"
    )


def test_rewritten_rows(tmp_path: Path, store: Store, lock: Lock) -> None:
    rows = make_rows()
    rows.loc[[4, 9], "distance"] = 999.5
    rows.loc[[9], "town"] = "Bonn"
    assert changed(rows, tmp_path, lock, store) == (
        "snapshot 2024-03-31 no longer gives the locked rows of version 3: "
        "other values in distance, town (by key: 2 changed in distance)"
    )


def test_vanished_rows_and_columns(tmp_path: Path, store: Store, lock: Lock) -> None:
    told = changed(make_rows().iloc[5:].drop(columns="town").assign(wind=1.0), tmp_path, lock, store)
    assert told is not None
    for part in (
        "35 rows instead of 40",
        "the first of 2024-03-01T05:00:00Z",
        "new column wind",
        "without column town",
        "5 gone",
    ):
        assert part in told


def test_on_another_machine_numbers_and_dates_are_told(tmp_path: Path, lock: Lock) -> None:
    elsewhere = Store(tmp_path / "elsewhere")
    assert changed(make_rows(39), tmp_path, lock, elsewhere) == (
        "snapshot 2024-03-31 no longer gives the locked rows of version 3: 39 rows instead of 40; "
        "the last of 2024-03-02T14:00:00Z instead of 2024-03-02T15:00:00Z"
    )
    rows = make_rows().assign(distance=1.5)
    assert changed(rows, tmp_path, lock, elsewhere) == (
        "snapshot 2024-03-31 no longer gives the locked rows of version 3: as many rows, 40, with other values"
    )


@pytest.mark.parametrize("data", [{"snapshot": "2024-04-30"}, {"query": "SELECT * FROM trips WHERE id < 30"}])
def test_other_data_on_purpose_is_no_news(tmp_path: Path, store: Store, lock: Lock, data: dict[str, Any]) -> None:
    assert (
        changed(make_rows(), tmp_path, lock, store, make_spec({"trips": "trips.parquet"}, data={**TIMED, **data}))
        is None
    )


def test_without_a_key_columns_are_named(tmp_path: Path, store: Store) -> None:
    spec = make_spec({"trips": "trips.parquet"}, data={**TIMED, "key": None})
    write(make_rows(), tmp_path / "trips.parquet")
    lock = locked(spec, load(spec, tmp_path, store))
    assert (changed(make_rows().assign(distance=1.5), tmp_path, lock, store, spec) or "").endswith(
        ": other values in distance"
    )
