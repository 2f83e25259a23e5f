"""The digest depends on content only, and the query can read nothing but its sources."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trips import make_rows, make_spec, write

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.data import canonical, engine, frame, snapshot, sources
from modelops.data.load import load
from modelops.records.data import DataRecord

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def resolve(folder: Path, pattern: str, threads: int | None = None, **data: object) -> DataRecord:
    made = make_spec({"trips": pattern}, data={"time": "at", "snapshot": "2024-03-31", "window": "60d", **data})
    return snapshot.resolve(made, sources.locate(made, folder), Store(folder / "store"), threads=threads)


def spread(rows: pd.DataFrame, folder: Path, cuts: list[int], suffix: str) -> None:
    edges = [0, *sorted(cuts), len(rows)]
    pieces = [rows.iloc[start:end] for start, end in itertools.pairwise(edges)]
    for index, piece in enumerate(piece for piece in pieces if len(piece)):
        write(piece, folder / f"part-{index}{suffix}")


@QUIET
@given(
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    suffix=st.sampled_from([".parquet", ".csv", ".jsonl"]),
    threads=st.sampled_from([1, 4]),
    key=st.sampled_from(["id", None]),
)
def test_digest_ignores_layout_order_and_threads(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: list[int], suffix: str, threads: int, key: str | None
) -> None:
    folder = tmp_path_factory.mktemp("digest")
    rows = make_rows()
    write(rows, folder / "one.parquet")
    whole = resolve(folder, "one.parquet", key=key)
    spread(rows.sample(frac=1, random_state=seed), folder / "many", cuts, suffix)
    pieces = resolve(folder, f"many/*{suffix}", threads, key=key)
    assert pieces.columns == whole.columns
    assert pieces.digest == whole.digest
    assert pieces.frame == whole.frame


@QUIET
@given(row=st.integers(0, 39), column=st.sampled_from(["distance", "town", "late", "at"]))
def test_one_changed_cell_changes_the_digest(tmp_path_factory: pytest.TempPathFactory, row: int, column: str) -> None:
    folder = tmp_path_factory.mktemp("digest")
    rows = make_rows()
    before = resolve(folder, write(rows, folder / "a.parquet").name)
    other = {
        "distance": 12345.6,
        "town": "Bonn",
        "late": not rows["late"][row],
        "at": pd.Timestamp("2024-03-20", tz="UTC"),
    }
    rows.loc[row, column] = other[column]
    after = resolve(folder, write(rows, folder / "b.parquet").name)
    assert after.digest != before.digest
    assert {name for name in before.columns if before.columns[name] != after.columns[name]} == {column}


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.assign(distance=rows["distance"].fillna(0.0)),
        lambda rows: rows.assign(town=rows["town"].fillna("")),
        lambda rows: rows.iloc[:-1],
        lambda rows: rows.rename(columns={"town": "city"}),
        lambda rows: rows.assign(town=rows["town"].shift(-1)),
    ],
)
def test_gaps_rows_and_names_are_content(tmp_path: Path, change) -> None:
    before = resolve(tmp_path, write(make_rows(), tmp_path / "a.parquet").name)
    after = resolve(tmp_path, write(change(make_rows()), tmp_path / "b.parquet").name)
    assert before.digest != after.digest


def test_texts_that_join_to_the_same_bytes_differ(tmp_path: Path) -> None:
    left, right = make_rows(), make_rows()
    left["town"], right["town"] = ["ab", "c"] * 20, ["a", "bc"] * 20
    assert (
        resolve(tmp_path, write(left, tmp_path / "a.parquet").name).digest
        != resolve(tmp_path, write(right, tmp_path / "b.parquet").name).digest
    )


def test_digest_ignores_how_numbers_are_stored(tmp_path: Path) -> None:
    rows = make_rows().assign(distance=[float(index) for index in range(40)])
    wide = resolve(tmp_path, write(rows, tmp_path / "a.parquet").name)
    narrow = resolve(tmp_path, write(rows.astype({"distance": "int16", "id": "float64"}), tmp_path / "b.parquet").name)
    assert wide.digest == narrow.digest


@pytest.mark.parametrize("key", ["id", None])
def test_minus_zero_and_nan_have_one_form(tmp_path: Path, key: str | None) -> None:
    rows = make_rows()
    rows.loc[0, "distance"] = -0.0
    signed = resolve(tmp_path, write(rows, tmp_path / "a.parquet").name, key=key)
    rows.loc[0, "distance"] = 0.0
    plain = resolve(tmp_path, write(rows, tmp_path / "b.parquet").name, key=key)
    assert signed.digest == plain.digest


def test_digest_covers_the_query_and_not_the_use_of_its_columns(tmp_path: Path, store: Store) -> None:
    write(make_rows(), tmp_path / "a.parquet")
    plain = load(make_spec({"trips": "a.parquet"}), tmp_path, store)
    sliced = load(make_spec({"trips": "a.parquet"}, evaluate={"slices": ["town"]}), tmp_path, store)
    assert plain.digest == sliced.digest
    assert "town" not in frame.read(store, plain)
    assert "town" in frame.read(store, sliced)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT town, sum(distance) AS distance FROM trips GROUP BY town",
        "SELECT town, avg(distance) AS distance FROM trips GROUP BY town",
        "SELECT town, first(distance) AS distance FROM trips GROUP BY town",
        "SELECT town, distance FROM trips LIMIT 100",
        "SELECT DISTINCT ON (town) town, distance FROM trips",
        "SELECT town, sum(distance) OVER (PARTITION BY late) AS distance FROM trips",
    ],
)
def test_results_that_depend_on_the_order_of_rows_repeat(tmp_path: Path, query: str) -> None:
    rows = make_rows(3000)
    rows["distance"] = [0.1 * 3.7 ** (index % 23) for index in range(3000)]
    digests = set()
    for seed, threads in ((1, 1), (2, 4), (3, 2)):
        name = write(rows.sample(frac=1, random_state=seed), tmp_path / f"{seed}.parquet").name
        made = make_spec({"trips": name}, data={"key": None, "query": f"SELECT *, distance > 1 AS late FROM ({query})"})
        with engine.connect(made, sources.locate(made, tmp_path), threads=threads) as connection:
            result = connection.execute(f"SELECT * FROM ({made.data.query}) ORDER BY ALL").to_arrow_table()
        digests.add(canonical.content_digest(result.num_rows, canonical.column_digests(result)))
    assert len(digests) == 1


def test_window_is_half_open_and_in_utc(tmp_path: Path, store: Store) -> None:
    write(make_rows(72), tmp_path / "a.parquet")
    record = load(
        make_spec({"trips": "a.parquet"}, data={"time": "at", "snapshot": "2024-03-02", "window": "1d"}),
        tmp_path,
        store,
    )
    assert (record.rows, record.first, record.last) == (24, "2024-03-02T00:00:00Z", "2024-03-02T23:00:00Z")


def test_labels_that_are_not_final_are_left_out(tmp_path: Path, store: Store) -> None:
    write(make_rows(72), tmp_path / "a.parquet")
    data = {"time": "at", "snapshot": "2024-03-02", "window": "2d", "labels_after": "6h"}
    record = load(make_spec({"trips": "a.parquet"}, data=data), tmp_path, store)
    assert (record.rows, record.last) == (42, "2024-03-02T17:00:00Z")


def test_the_frame_has_the_promised_types_and_order(tmp_path: Path, store: Store) -> None:
    write(make_rows().sample(frac=1, random_state=3), tmp_path / "a.csv")
    made = make_spec(
        {"trips": "a.csv"},
        data={"time": "at", "snapshot": "2024-03-31", "window": "60d"},
        features={"numeric": {"columns": ["distance"]}, "categorical": {"columns": ["town"]}},
    )
    read = frame.read(store, load(made, tmp_path, store))
    assert list(read.columns) == ["id", "at", "late", "distance", "town"]
    assert [str(kind) for kind in read.dtypes] == ["int64", "datetime64[us, UTC]", "bool", "float64", "object"]
    assert read["id"].tolist() == list(range(1, 41))
    assert read["town"].iloc[5] is None
    assert read["town"].iloc[3] == "New\nYork"
    assert pd.isna(read["distance"].iloc[3])


def test_codes_with_leading_zeros_stay_text(tmp_path: Path, store: Store) -> None:
    write(make_rows().assign(town=[f"0{index % 7}" for index in range(40)]), tmp_path / "a.csv")
    made = make_spec({"trips": "a.csv"}, features={"categorical": {"columns": ["town"]}})
    assert set(frame.read(store, load(made, tmp_path, store))["town"]) == {f"0{digit}" for digit in range(7)}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", "/etc/passwd"),
        ("SELECT * FROM 'secret.parquet'", "secret.parquet"),
        ("SELECT * FROM read_text('secret.parquet')", "secret.parquet"),
        ("SELECT * FROM glob('/etc/*')", "/etc/"),
        ("SELECT * FROM 'https://example.invalid/x.parquet'", "https://"),
        ("COPY trips TO 'out.csv'", "only one SELECT"),
        ("SELECT 1; SELECT 2", "only one SELECT"),
        ("ATTACH 'x.db'", "only one SELECT"),
        ("INSTALL httpfs", "only one SELECT"),
        ("SET threads = 1", "only one SELECT"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM rows", "rows does not exist"),
        ("SELECT nothing FROM trips", "nothing"),
    ],
)
def test_the_query_reads_nothing_but_its_sources(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, rows: pd.DataFrame, query: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(rows, tmp_path / "a.parquet")
    write(rows, tmp_path / "secret.parquet")
    with pytest.raises(ModelopsError) as error:
        load(make_spec({"trips": "a.parquet"}, data={"query": query}), tmp_path, store)
    assert words in str(error.value)
    assert "\n\n" not in str(error.value)
    assert not (tmp_path / "out.csv").exists()
    assert not list(store.root.rglob("records/data/*"))


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("random()", "random gives other rows at each run"),
        ("uuid()", "uuid gives"),
        ("now()", "now gives"),
        ("today()", "today gives"),
        ("current_timestamp", "current_timestamp gives"),
        ("1 FROM trips USING SAMPLE 5 --", "a sample gives"),
    ],
)
def test_a_query_that_never_repeats_is_refused(
    tmp_path: Path, store: Store, rows: pd.DataFrame, expression: str, words: str
) -> None:
    write(rows, tmp_path / "a.parquet")
    made = make_spec({"trips": "a.parquet"}, data={"query": f"SELECT *, {expression}\n FROM trips"})
    if "SAMPLE" in expression:
        made = make_spec({"trips": "a.parquet"}, data={"query": f"SELECT *, {expression}"})
    with pytest.raises(ModelopsError, match=words):
        load(made, tmp_path, store)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "bad.csv is empty"),
        (b"\0\0\0", "bad.csv is no text"),
        (b"id,distance,late\n1,2,true\n2,3\n", "line 3 of bad.csv: Expected Number of Columns: 3 Found: 2"),
        (b"id,distance,late\n1,2,true\n2,3,false,4\n", "line 3 of bad.csv: Expected Number of Columns: 3 Found: 4"),
        (b'id,distance,late\n1,2,"true\n', "line 2 of bad.csv: Value with unterminated quote found"),
        (b"id,distance,late\n1,2,K\xf6ln\n", "line 2 of bad.csv: Invalid unicode"),
        (b"id,ID,late\n1,2,true\n", "column 'id' twice"),
        (b'id,"distance,late\n1,2,true\n', "a quote in the first line of bad.csv is not closed"),
        (b"id,distance,late\n", "the data has no rows"),
    ],
)
def test_a_broken_csv_is_told_by_line_and_never_read_in_part(
    tmp_path: Path, store: Store, text: bytes, words: str
) -> None:
    (tmp_path / "bad.csv").write_bytes(text)
    with pytest.raises(ModelopsError, match=words):
        load(make_spec({"trips": "bad.csv"}), tmp_path, store)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_files_with_other_columns_and_separators_go_together(tmp_path: Path, store: Store, line_end: str) -> None:
    for name, lines in {
        "a.csv": ["\ufeffid;distance;late", "1;2.5;true", '2;;"false"'],
        "b.csv": ["late,id,town", 'true,3,"Bonn, ""am"" Rhein"', "", "false,4,"],
    }.items():
        (tmp_path / name).write_bytes(line_end.join([*lines, ""]).encode())
    made = make_spec(
        {"trips": "*.csv"}, features={"categorical": {"columns": ["town"]}, "numeric": {"columns": ["distance"]}}
    )
    read = frame.read(store, load(made, tmp_path, store))
    assert read["id"].tolist() == [1, 2, 3, 4]
    assert read["late"].tolist() == [True, False, True, False]
    assert read["distance"].dropna().tolist() == [2.5]
    assert read["town"].tolist() == [None, None, 'Bonn, "am" Rhein', None]


def test_whole_numbers_that_are_too_large_stay_exact(tmp_path: Path, store: Store) -> None:
    (tmp_path / "a.csv").write_text("id,distance,late\n99999999999999999999,2,1\n99999999999999999998,3,0\n")
    read = frame.read(store, load(make_spec({"trips": "a.csv"}), tmp_path, store))
    assert read["id"].tolist() == ["99999999999999999998", "99999999999999999999"]


def test_a_missing_column_is_named_with_the_likely_one(tmp_path: Path, store: Store, rows: pd.DataFrame) -> None:
    write(rows.rename(columns={"distance": "distanse"}), tmp_path / "a.parquet")
    with pytest.raises(ModelopsError, match="no column 'distance'") as error:
        load(make_spec({"trips": "a.parquet"}), tmp_path, store)
    assert "did you mean 'distanse'?" in error.value.hint


def test_a_column_given_twice_is_refused(tmp_path: Path, store: Store, rows: pd.DataFrame) -> None:
    write(rows, tmp_path / "a.parquet")
    made = make_spec({"trips": "a.parquet"}, data={"query": "SELECT a.*, b.town FROM trips a JOIN trips b USING (id)"})
    with pytest.raises(ModelopsError, match="'town' twice"):
        load(made, tmp_path, store)
