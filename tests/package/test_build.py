"""A real Bento: what is in it, that it repeats, and that nothing broken stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import tiny_model
from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.package import bento, build
from tiny_bento import Built
from tiny_bento import build as build_in

BUILD = """
import sys
from pathlib import Path
from tiny_bento import build
print(build(Path(sys.argv[1])).record.bento)
"""
TESTS = Path(__file__).resolve().parents[1]


def start(root: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, str(root)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_the_bento_holds_serving_code_model_and_pins_only(built: Built) -> None:
    source = built.folder / "src"
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    serving = {f"modelops/serving/{path.name}" for path in (Path(build.__file__).parents[1] / "serving").glob("*.py")}
    assert {name for name in files if "__pycache__" not in name} == {
        "bentofile.yaml",
        "requirements.txt",
        "modelops/__init__.py",
        "model/model.onnx",
        "model/signature.json",
        *serving,
    }
    assert (source / "model/model.onnx").read_bytes() == built.store.path(built.train.model.digest).read_bytes()


def test_the_image_is_minimal_pinned_and_not_root(built: Built) -> None:
    dockerfile = (built.folder / "env/docker/Dockerfile").read_text()
    assert dockerfile.count("FROM ") == 1
    assert f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim AS" in dockerfile
    assert "apt-get" not in dockerfile
    assert "build-essential" not in dockerfile
    assert "ARG BENTO_USER_UID=1034" in dockerfile
    assert dockerfile.rstrip().splitlines()[-3] == "USER bentoml"
    for setting in ("OMP_NUM_THREADS=1", "BENTOML_DO_NOT_TRACK=True", "ORT_DISABLE_TELEMETRY=1", "UV_NO_CACHE=1"):
        assert f"ARG {setting}\n" in dockerfile
    pins = (built.folder / "env/python/requirements.txt").read_text().split()
    assert all("==" in pin for pin in pins)
    assert len(pins) == len(set(pins))
    names = {pin.partition("==")[0] for pin in pins}
    assert {"bentoml", "onnxruntime", "numpy", "uvloop", "httptools", "starlette"} <= names
    assert not names & {"pandas", "scikit-learn", "skops", "mlflow", "duckdb", "evidently", "pyarrow"}


def test_the_record_names_what_was_built_and_invents_no_image(built: Built) -> None:
    record = built.record
    assert record.image is None
    assert record.tag == f"tiny:{record.bento.removeprefix('sha256:')[:12]}"
    info = yaml.safe_load((built.folder / "bento.yaml").read_text())
    assert (f"{info['name']}:{info['version']}", info["bentoml_version"]) == (record.tag, bentoml_version())
    assert bento.content_digest(built.folder) == record.bento
    assert (built.folder.parent / "latest").read_text() == info["version"]


def bentoml_version() -> str:
    from importlib.metadata import version

    return version("bentoml")


def test_bentoml_itself_lists_it(built: Built) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bentoml", "list", "-o", "json"],
        env=bento.environment(bento.home(built.cache)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert built.record.tag in done.stdout


def test_a_second_run_does_nothing(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bento, "build", pytest.fail)
    assert built.again() == built.record


def test_a_lost_bento_comes_back_the_same_in_another_folder(built: Built, tmp_path: Path) -> None:
    other = build_in(tmp_path)
    assert other.record.bento == built.record.bento
    assert other.record.tag == built.record.tag
    (other.folder / "bento.yaml").unlink()
    assert other.again().bento == built.record.bento
    assert bento.content_digest(other.folder) == built.record.bento


def test_another_registry_changes_the_command_only(built: Built) -> None:
    settings = tiny_model.settings().model_copy(update={"registry": "registry.acme.internal/ml"})
    record = build.package(tiny_model.spec(), built.train, settings, built.store, built.cache)
    assert record.bento == built.record.bento
    assert "registry.acme.internal/ml/tiny:" in record.image_command


@pytest.mark.parametrize("change", ["model", "serving", "pins"])
def test_the_key_follows_model_serving_code_and_versions(
    built: Built, change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, pins = built.train, "numpy==2.0\n"
    before = build._key("tiny", train, pins)
    if change == "model":
        train = train.model_copy(update={"files": {**train.files, "signature.json": "sha256:0"}})
    elif change == "serving":
        (tmp_path / "app.py").write_text("")
        monkeypatch.setattr(build, "_SERVING", tmp_path)
    else:
        pins = "numpy==2.1\n"
    assert build._key("tiny", train, pins) != before
    if change == "model":
        assert build._key("tiny", train.model_copy(update={"seconds": 9.0}), pins) == build._key("tiny", train, pins)


def test_what_bentoml_says_reaches_the_user(tmp_path: Path) -> None:
    content = {"modelops/__init__.py": "", "modelops/serving/__init__.py": "", "modelops/serving/service.py": "1 / 0"}
    with pytest.raises(ModelopsError, match="BentoML could not build broken: ZeroDivisionError"):
        bento.build("broken", content, tmp_path)
    assert not (tmp_path / "bentoml/bentos").exists()
    assert list((tmp_path / "bentoml/tmp").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.7, 1.3, 1.8])
def test_a_killed_build_leaves_nothing_in_the_way(built: Built, tmp_path: Path, seconds: float) -> None:
    process = start(tmp_path)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    bentos = tmp_path / ".modelops/bentoml/bentos/tiny"
    for left in bentos.glob("*/"):
        assert bento.content_digest(left) == built.record.bento
    assert build_in(tmp_path).record.bento == built.record.bento


@pytest.mark.parametrize(("there", "kept"), [("bento.yaml", "first"), ("README.md", "second")])
def test_a_bento_that_is_there_stays_and_a_part_of_one_goes(tmp_path: Path, there: str, kept: str) -> None:
    (tmp_path / "bentos/1").mkdir(parents=True)
    (tmp_path / "bentos/1" / there).write_text("first")
    (tmp_path / "built").mkdir()
    (tmp_path / "built/bento.yaml").write_text("second")
    bento._keep(tmp_path / "built", tmp_path / "bentos", "1")
    assert (tmp_path / "bentos/1/bento.yaml").read_text() == kept
    assert (tmp_path / "bentos/latest").read_text() == "1"


def test_folders_of_killed_builds_are_removed_later(tmp_path: Path) -> None:
    left = tmp_path / "bentoml/tmp/left"
    fresh = tmp_path / "bentoml/tmp/fresh"
    (left / "context").mkdir(parents=True)
    fresh.mkdir()
    os.utime(left, (0, 0))
    with bento._temporary(tmp_path / "bentoml"):
        assert not left.exists()
        assert fresh.exists()


@pytest.mark.slow
def test_two_builds_at_once_end_with_one_bento(built: Built, tmp_path: Path) -> None:
    both = [start(tmp_path), start(tmp_path)]
    digests = {process.communicate(timeout=60)[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert digests == {built.record.bento}
    assert bento.content_digest(bento.folder(tmp_path / ".modelops", built.record.tag)) == built.record.bento
    assert Store(tmp_path / ".modelops/store").has(built.train.model.digest)
