"""What identifies people is gone before anything is stored, logged or digested."""

from __future__ import annotations

import hashlib
import hmac
import io
from pathlib import Path
from typing import Any

import pytest
from trips import make_rows, make_spec, write

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.data import frame
from modelops.data.load import load
from modelops.spec.model import Spec

KEY = "a key for tests only"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELOPS_HASH_KEY", KEY)


def hashed(value: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()[:32]


def private(**rules: Any) -> Spec:
    columns = {
        "town": {"type": "category", "missing": 1, **rules.get("town", {})},
        "distance": {"type": "number", "missing": 1, **rules.get("distance", {})},
    }
    features = {"numeric": {"columns": ["distance"]}}
    return make_spec({"trips": "trips.csv"}, data={"columns": columns, **rules.get("data", {})}, features=features)


def test_hash_is_hmac_sha256(tmp_path: Path, store: Store) -> None:
    write(make_rows(), tmp_path / "trips.csv")
    read = frame.read(store, load(private(town={"anonymise": "hash"}), tmp_path, store))
    assert read["town"].tolist() == [None if town is None else hashed(town) for town in make_rows()["town"]]


def test_a_long_key_is_hashed_first_as_the_standard_says(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELOPS_HASH_KEY", "long" * 30)
    write(make_rows(), tmp_path / "trips.csv")
    read = frame.read(store, load(private(town={"anonymise": "hash"}), tmp_path, store))
    assert read["town"][0] == hashed("Ulm", "long" * 30)


def test_bucket_rounds_down_and_keeps_the_kind(tmp_path: Path, store: Store) -> None:
    write(make_rows().assign(distance=[index - 20 for index in range(40)]), tmp_path / "trips.csv")
    read = frame.read(store, load(private(distance={"anonymise": 10, "type": "integer"}), tmp_path, store))
    assert read["distance"].tolist() == [(index - 20) // 10 * 10 for index in range(40)]
    assert str(read["distance"].dtype) == "int64"


def test_nothing_of_it_is_stored(tmp_path: Path, store: Store) -> None:
    rows = make_rows().assign(town=[f"Secretville-{index % 5}" for index in range(40)])
    write(rows, tmp_path / "trips.csv")
    for how in ("hash", "drop"):
        load(private(town={"anonymise": how}), tmp_path, store)
    import pyarrow.parquet as pq

    for path in store.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            text = str(pq.read_table(io.BytesIO(data)).to_pydict()) if data[:4] == b"PAR1" else data.decode()
            assert "Secretville" not in text


def test_dropped_columns_leave_no_trace_in_the_digest(tmp_path: Path, store: Store) -> None:
    rows = make_rows()
    write(rows, tmp_path / "trips.csv")
    first = load(private(town={"anonymise": "drop"}), tmp_path, store)
    write(rows.assign(town="elsewhere"), tmp_path / "trips.csv")
    second = load(private(town={"anonymise": "drop"}), tmp_path, store)
    assert first.digest == second.digest
    assert "town" not in second.columns
    assert "town" not in frame.read(store, second)


def test_another_key_gives_other_data(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write(make_rows(), tmp_path / "trips.csv")
    made = private(town={"anonymise": "hash"})
    first = load(made, tmp_path, store)
    monkeypatch.setenv("MODELOPS_HASH_KEY", "another key for tests")
    assert load(made, tmp_path, store).digest != first.digest


def test_a_hashed_key_still_names_rows(tmp_path: Path, store: Store) -> None:
    write(make_rows(), tmp_path / "trips.csv")
    made = private(data={"columns": {"id": {"type": "category", "anonymise": "hash"}}})
    read = frame.read(store, load(made, tmp_path, store))
    assert sorted(read["id"]) == sorted(hashed(str(number)) for number in range(1, 41))
    assert read["id"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"town": {"anonymise": 10}}, "rounds numbers, and the column holds none"),
        ({"distance": {"anonymise": "drop"}}, "the model needs it"),
        (
            {
                "data": {
                    "time": "at",
                    "snapshot": "2024-03-31",
                    "window": "60d",
                    "columns": {"at": {"type": "time", "anonymise": "hash"}},
                }
            },
            "the time column is needed as it is",
        ),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, store: Store, rules: dict[str, Any], words: str) -> None:
    write(make_rows(), tmp_path / "trips.csv")
    with pytest.raises(ModelopsError, match=words):
        load(private(**rules), tmp_path, store)


@pytest.mark.parametrize(("key", "words"), [("", "not set"), ("short", "too short")])
def test_without_a_key_nothing_is_read(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, key: str, words: str
) -> None:
    monkeypatch.setenv("MODELOPS_HASH_KEY", key)
    write(make_rows(), tmp_path / "trips.csv")
    with pytest.raises(ModelopsError, match=words):
        load(private(town={"anonymise": "hash"}), tmp_path, store)
