"""Every rule of the contract, and every kind of bad rows, has its own clear message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from trips import make_rows, make_spec, write

from modelops.core.errors import ModelopsError, NoRows
from modelops.core.store import Store
from modelops.data.contract import ContractBroken
from modelops.data.load import load
from modelops.records.data import DataRecord

Change = Callable[[pd.DataFrame], pd.DataFrame]
TIMED = {"time": "at", "snapshot": "2024-03-02", "window": "30d"}
TOWN = {"categorical": {"columns": ["town"]}}


def record(rows: pd.DataFrame, folder: Path, **parts: Any) -> DataRecord:
    write(rows, folder / "trips.parquet")
    return load(make_spec({"trips": "trips.parquet"}, **parts), folder, Store(folder / "store"))


def broken(rows: pd.DataFrame, folder: Path, **parts: Any) -> ContractBroken:
    with pytest.raises(ContractBroken) as error:
        record(rows, folder, **parts)
    assert not list((folder / "store").rglob("blobs/*/*"))
    return error.value


def put(column: str, index: int, value: object) -> Change:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        rows[column] = rows[column].astype(object)
        rows.loc[index, column] = value
        return rows.infer_objects()

    return change


@pytest.mark.parametrize(
    ("columns", "change", "message"),
    [
        (
            {"distance": {"type": "number", "min": 1, "missing": 1}},
            None,
            "distance: below 1 in 1 of 40 rows (2.50%), for example 0.0 (id 1)",
        ),
        (
            {"distance": {"type": "number", "max": 40, "missing": 1}},
            None,
            "distance: above 40 in 3 of 40 rows (7.50%), for example 40.7 (id 38), 41.8",
        ),
        (
            {"distance": {"type": "number"}},
            None,
            "distance: missing in 4 of 40 rows (10.00%), for example id 4, id 15, id 26",
        ),
        (
            {"distance": {"type": "number", "missing": 0.05}},
            None,
            "distance: missing, at most 5.0% may be in 4 of 40 rows",
        ),
        ({"distance": {"type": "integer", "missing": 1}}, None, "distance: not a whole number in 32 of 40 rows"),
        (
            {"town": {"type": "category", "values": ["Ulm", "Köln", "New\nYork"], "missing": 1}},
            None,
            "town: none of Ulm, Köln, New",
        ),
        (
            {"town": {"type": "number", "missing": 1}},
            None,
            "town: not a number in 37 of 40 rows (92.50%), for example Ulm (id 1)",
        ),
        ({"town": {"type": "time", "missing": 1}}, None, "town: not a time in 37 of 40 rows"),
        ({"town": {"type": "boolean", "missing": 1}}, None, "town: neither true nor false in 37"),
        ({"id": {"type": "integer", "max": 38}}, None, "id: above 38 in 2 of 40 rows (5.00%), for example 39 (id 39)"),
        (
            {"town": {"type": "category", "unique": True, "missing": 1}},
            None,
            "town: 4 values appear more than once, in 37 rows",
        ),
    ],
)
def test_each_rule(tmp_path: Path, columns: dict[str, Any], change: Change | None, message: str) -> None:
    rows = change(make_rows()) if change else make_rows()
    assert message in str(broken(rows, tmp_path, data={"columns": columns}))


def test_all_broken_rules_are_in_one_message(tmp_path: Path) -> None:
    columns = {
        "distance": {"type": "number", "min": 1, "max": 40},
        "town": {"type": "category", "values": ["Ulm"], "missing": 1},
    }
    error = broken(make_rows(), tmp_path, data={"columns": columns, "rows": {"min": 100}})
    assert [(finding.column, finding.rule) for finding in error.findings] == [
        ("distance", "missing"),
        ("distance", "min"),
        ("distance", "max"),
        ("town", "values"),
        ("", "rows"),
    ]
    assert str(error).startswith("trips: the data breaks 5 rules\n")
    assert error.hint


def test_warnings_are_findings_and_stop_nothing(tmp_path: Path) -> None:
    columns = {"distance": {"type": "number", "max": 40, "missing": 1, "level": "warning"}}
    found = record(make_rows(), tmp_path, data={"columns": columns, "rows": {"max": 10, "level": "warning"}}).findings
    assert [(finding.column, finding.rule, finding.rows, finding.level) for finding in found] == [
        ("distance", "max", 3, "warning"),
        ("", "rows", 40, "warning"),
    ]
    assert found[0].examples == ("40.7 (id 38)", "41.800000000000004 (id 39)", "42.900000000000006 (id 40)")


@pytest.mark.parametrize("rule", [{"sensitive": True}, {"anonymise": 10}])
def test_values_that_must_not_show_do_not(tmp_path: Path, rule: dict[str, Any]) -> None:
    error = broken(
        make_rows(), tmp_path, data={"columns": {"distance": {"type": "number", "max": 25, "missing": 1, **rule}}}
    )
    assert "distance: above 25 in 1" in str(error)
    assert "for example" not in str(error)
    assert not any(finding.examples for finding in error.findings)


def test_sensitive_keys_do_not_show_with_other_columns(tmp_path: Path) -> None:
    columns = {"id": {"type": "integer", "sensitive": True}, "distance": {"type": "number", "max": 40, "missing": 1}}
    error = broken(make_rows(), tmp_path, data={"columns": columns})
    assert "for example 40.7, 41.8" in str(error)
    assert "id 38" not in str(error)
    doubled = make_rows().assign(id=[1, 1, *range(3, 41)])
    assert "for example" not in str(broken(doubled, tmp_path, data={"columns": {"id": columns["id"]}}))


def test_freshness(tmp_path: Path) -> None:
    late = {**TIMED, "snapshot": "2024-03-05", "rows": {"fresh": "2d"}}
    assert "at: the latest row is 3 d older than the snapshot's end, at most 2d are allowed" in str(
        broken(make_rows(), tmp_path, data=late)
    )
    record(make_rows(), tmp_path, data={**late, "rows": {"fresh": "4d"}})


@pytest.mark.parametrize(
    ("change", "parts", "words"),
    [
        (lambda rows: rows.assign(late=True), {}, "late: the target has one class only"),
        (lambda rows: rows.assign(late=1.5), {"train": "regression"}, "late: the target has one value in all rows"),
        (
            lambda rows: rows.assign(late=rows["id"] * 0.5),
            {},
            "late: the target has 40 classes in 40 rows; is the task a regression?",
        ),
        (
            lambda rows: rows.assign(late=np.where(rows["id"] > 3, 1.5, np.nan)),
            {"train": "regression"},
            "late: missing in 3 of 40 rows",
        ),
        (lambda rows: rows.assign(late="soon"), {"train": "regression"}, "late: not a number in 40 of 40 rows"),
        (put("late", 3, None), {}, "late: missing in 1 of 40 rows (2.50%), for example id 4"),
        (lambda rows: rows.assign(distance=np.nan), {}, "distance: a feature without any value"),
        (
            lambda rows: rows.assign(distance=np.where(rows["id"] == 9, np.inf, 1)),
            {},
            "distance: infinite in 1 of 40 rows (2.50%), for example inf (id 9)",
        ),
        (lambda rows: rows.assign(distance=-np.inf), {}, "distance: infinite in 40 of 40 rows"),
        (
            lambda rows: rows.assign(distance="far"),
            {},
            "distance: not a number in 40 of 40 rows (100.00%), for example far (id 1)",
        ),
        (lambda rows: rows.assign(distance=rows["at"]), {}, "distance: not a number in 40 of 40"),
        (
            lambda rows: rows.assign(id=[6, 6, 6, *range(4, 7), 8, 8, *range(9, 41)]),
            {},
            "id: 2 values appear more than once, in 6 rows",
        ),
        (put("id", 0, None), {}, "id: missing in 1 of 40 rows"),
        (put("at", 0, None), {"data": TIMED}, "at: missing in 1 of 40 rows"),
        (lambda rows: rows.assign(at="soon"), {"data": TIMED}, "at: not a time in 40 of 40 rows"),
        (
            lambda rows: rows.assign(town=[f"t{index}" for index in range(40)]),
            {"features": TOWN},
            "town: as many categories as rows (40)",
        ),
    ],
)
def test_bad_rows(tmp_path: Path, change: Change, parts: dict[str, Any], words: str) -> None:
    if parts.get("train") == "regression":
        parts = {"train": {"task": "regression", "estimator": "sklearn.linear_model.Ridge"}}
    assert words in str(broken(change(make_rows()), tmp_path, **parts))


def test_a_constant_feature_is_a_warning(tmp_path: Path) -> None:
    (finding,) = record(make_rows().assign(distance=2.5), tmp_path).findings
    assert (finding.rule, finding.level) == ("constant", "warning")


def test_no_rows_in_the_window(tmp_path: Path) -> None:
    with pytest.raises(NoRows, match="no rows with at before 2023-01-02 00:00 UTC and not before 2022-12-03 00:00 UTC"):
        record(make_rows(), tmp_path, data={**TIMED, "snapshot": "2023-01-01"})
    with pytest.raises(NoRows, match="no rows"):
        record(make_rows(), tmp_path, data={"query": "SELECT * FROM trips WHERE false"})


def test_a_snapshot_that_is_no_time(tmp_path: Path) -> None:
    with pytest.raises(ModelopsError, match="'spring' is neither a day nor a timestamp"):
        record(make_rows(), tmp_path, data={**TIMED, "snapshot": "spring"})


def test_a_query_that_fails_on_a_value_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelopsError, match=r"data\.query failed: Conversion Error") as error:
        record(make_rows(), tmp_path, data={"query": "SELECT * REPLACE (town::INTEGER AS town) FROM trips"})
    assert len(str(error.value).splitlines()) <= 2


@pytest.mark.parametrize(("rule", "shows"), [({}, True), ({"sensitive": True}, False), ({"anonymise": "drop"}, False)])
def test_a_failing_query_quotes_no_private_value(tmp_path: Path, rule: dict[str, Any], shows: bool) -> None:
    data = {
        "query": "SELECT *, town::INTEGER AS number FROM trips",
        "columns": {"town": {"type": "category", "missing": 1, **rule}},
    }
    with pytest.raises(ModelopsError) as error:
        record(make_rows(), tmp_path, data=data)
    assert ("Ulm" in str(error.value)) == shows
    assert "Ulm" not in str(error.value.__cause__) or shows
