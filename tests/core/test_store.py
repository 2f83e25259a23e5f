"""The store: content-addressed, atomic, safe with parallel runs, and the same through a shared one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.store import Store

KEY = digest.of_bytes(b"key")
WRITER = """
import sys
from pathlib import Path
from modelops.core.store import Store
store = Store(Path(sys.argv[1]), sys.argv[2] or None)
for index in range(40):
    data = b"%d" % (index % 10) * 20000
    digest = store.put_bytes(data)
    assert store.path(digest).read_bytes() == data
    store.put_record("train", digest, "same text")
    assert store.get_record("train", digest) == "same text"
"""


@pytest.fixture
def memory() -> Iterator[str]:
    """A shared store in this process's memory, as an object store would be."""
    files = fsspec.filesystem("memory")
    yield "memory://shared/store"
    files.store.clear()


def pair(tmp_path: Path, remote: str) -> tuple[Store, Store]:
    return Store(tmp_path / "one", remote), Store(tmp_path / "two", remote)


def test_bytes_and_files_are_named_by_content(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    (tmp_path / "file").write_bytes(b"hello")
    assert store.put_file(tmp_path / "file") == store.put_bytes(b"hello") == digest.of_bytes(b"hello")
    assert store.path(digest.of_bytes(b"hello")).read_bytes() == b"hello"
    assert not store.has(KEY)
    with pytest.raises(ModelopsError, match="has no blob"):
        store.path(KEY)


def test_records_and_who_wrote_them(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.get_record("data", KEY) is None
    assert store.written == set()
    store.put_record("data", KEY, "text")
    assert store.get_record("data", KEY) == "text"
    assert store.get_record("train", KEY) is None
    assert store.written == {"data"}


def test_checkout_lays_files_out_and_mends_changed_ones(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    files = {"a.txt": store.put_bytes(b"a"), "b.txt": store.put_bytes(b"b")}
    folder = store.checkout(files, tmp_path / "out")
    (folder / "b.txt").write_bytes(b"changed")
    store.checkout(files, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.txt": b"a", "b.txt": b"b"}


@pytest.mark.parametrize("kind", ["none", "disk"])
def test_parallel_runs_do_not_hurt_each_other(tmp_path: Path, kind: str) -> None:
    remote = f"file://{tmp_path}/shared" if kind == "disk" else ""
    runs = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / f"local{index % 2}"), remote])
        for index in range(3)
    ]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    for folder in ("local0", "local1", *(["shared"] if remote else [])):
        files = [path for path in (tmp_path / folder).rglob("*") if path.is_file()]
        assert len(files) == 20
        assert not [path for path in files if path.suffix == ".tmp"]


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_what_one_runner_keeps_another_finds(tmp_path: Path, memory: str, kind: str) -> None:
    one, two = pair(tmp_path, memory if kind == "memory" else f"file://{tmp_path}/shared")
    (tmp_path / "file").write_bytes(b"a model")
    blob, text = one.put_file(tmp_path / "file"), one.put_bytes(b"a text")
    one.put_record("train", KEY, "record")
    assert two.has(blob)
    assert not (tmp_path / "two").exists()
    assert two.path(blob).read_bytes() == b"a model"
    assert two.checkout({"text": text}, tmp_path / "out").joinpath("text").read_bytes() == b"a text"
    assert two.get_record("train", KEY) == "record"
    assert two.written == set()
    # From now on the local copies are enough.
    two.remote = None
    assert two.path(blob).read_bytes() == b"a model"
    assert two.get_record("train", KEY) == "record"


def test_a_damaged_shared_blob_is_refused(tmp_path: Path, memory: str) -> None:
    one, two = pair(tmp_path, memory)
    blob = one.put_bytes(b"a model")
    fsspec.filesystem("memory").pipe_file(f"/shared/store/{one._name('blobs', blob)}", b"another")
    with pytest.raises(ModelopsError, match="damaged blob"):
        two.path(blob)
    assert not [path for path in (tmp_path / "two").rglob("*") if path.is_file()]


def test_a_shared_store_that_is_away_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(tmp_path / "one", f"file://{tmp_path}/shared")
    (tmp_path / "shared").write_text("not a folder")
    blob = store.put_bytes(b"a model")
    store.put_record("train", KEY, "record")
    assert store.get_record("train", digest.of_bytes(b"other")) is None
    assert store.path(blob).read_bytes() == b"a model"
    assert capsys.readouterr().err.count("cannot be used") == 1


def test_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    try:
        s3fs.S3FileSystem().mkdir("models")
        one, two = pair(tmp_path, "s3://models/store")
        blobs: list[str] = []
        threads = [
            threading.Thread(target=lambda n=n: blobs.append(one.put_bytes(b"%d" % (n % 3) * 1000))) for n in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        one.put_record("train", KEY, "record")
        assert {two.path(blob).stat().st_size for blob in blobs} == {1000}
        assert two.get_record("train", KEY) == "record"
        assert not two.has(KEY)
    finally:
        server.stop()
        s3fs.S3FileSystem.clear_instance_cache()
