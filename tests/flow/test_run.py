"""`modelops run`: does what changed and nothing else, says what is wrong, and leaves nothing half-written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.champion import find_version
from modelops.flow.exclusive import exclusive
from modelops.flow.plan import plan
from modelops.flow.run import run
from modelops.release import lockfile

MODEL = "wine-cultivar"


def modelops(space: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a verb as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "modelops", *arguments], cwd=space.root, capture_output=True, text=True
    )


def edit(space: Workspace, old: str, new: str) -> None:
    path = space.spec_path(MODEL)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def files(space: Workspace) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in space.model_dir(MODEL).iterdir()}


def test_a_second_run_does_nothing_and_says_so(locked: Workspace) -> None:
    before = files(locked)
    done = modelops(locked, "run", MODEL)
    assert done.stdout == f"{MODEL}: nothing changed, version 1 stays\n"
    assert done.stderr == ""
    assert files(locked) == before


def test_nothing_heavy_is_imported_where_nothing_changed(locked: Workspace) -> None:
    code = "import sys; from modelops.cli.main import run; run(['run']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=locked.root, capture_output=True, text=True, check=True)
    heavy = {"numpy", "pandas", "sklearn", "duckdb", "mlflow", "bentoml", "onnxruntime", "pyarrow"}
    assert not heavy & set(done.stdout.split())


def test_each_stage_alone_says_when_it_has_nothing_to_do(wine: Workspace) -> None:
    for verb in ("train", "evaluate", "package"):
        first, second = modelops(wine, verb, MODEL), modelops(wine, verb, MODEL)
        assert first.returncode == second.returncode == 0, first.stderr + second.stderr
        assert "nothing to do" not in first.stdout
        assert "nothing to do" in second.stdout
    assert not wine.lock_path(MODEL).exists(), "only run writes a lock"


def test_more_replicas_retrain_nothing(locked: Workspace) -> None:
    first = run(locked, MODEL).lock
    with locked.spec_path(MODEL).open("a") as spec:
        spec.write("serve: {replicas: {min: 2, max: 4}}\n")
    assert plan(locked, [MODEL])[0].stages == ("lock",)
    second = run(locked, MODEL).lock
    assert second.version == first.version
    assert second.resolved.model_copy(update={"spec": first.resolved.spec}) == first.resolved
    assert run(locked, MODEL).reasons == ()


def test_a_changed_gate_evaluates_and_does_not_train(locked: Workspace) -> None:
    first = run(locked, MODEL).lock
    edit(locked, "min: 0.9", "min: 0.8")
    assert plan(locked, [MODEL])[0].stages == ("evaluate", "package", "lock")
    locked.store.written.clear()
    second = run(locked, MODEL).lock
    assert "train" not in locked.store.written
    assert second.resolved.model == first.resolved.model


def test_a_failed_gate_writes_nothing_under_models(locked: Workspace) -> None:
    before = files(locked)
    edit(locked, "min: 0.9", "min: 0.999")
    done = modelops(locked, "run", MODEL)
    assert done.returncode == 1
    assert "gates failed: wine-cultivar" in done.stderr
    assert "accuracy" in done.stderr
    assert files(locked) == before
    evidence = lockfile.read(locked.cache / "candidates" / MODEL / "lock.yaml")
    assert evidence is not None
    assert not evidence.passed


def test_two_folders_resolve_to_the_same_bytes(wine: Workspace, tmp_path: Path) -> None:
    """Also with other threads, with the rows shuffled, and with the file split in two."""
    edit(wine, "data/wine/wine.csv", "data/wine/*.csv")
    wine.git.run("commit", "--quiet", "--all", "--message", "Read every file")
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "--quiet", str(wine.root), str(other)], check=True)
    split_and_shuffle(other / "data" / "wine" / "wine.csv")
    first = run(wine, MODEL).lock
    command = [sys.executable, "-m", "modelops", "run", MODEL]
    subprocess.run(command, cwd=other, check=True, env={**os.environ, "OMP_NUM_THREADS": "2"})
    second = lockfile.read(other / "models" / MODEL / "lock.yaml")
    assert second is not None
    assert second.resolved == first.resolved
    assert (other / "models" / MODEL / "reference.json").read_bytes() == files(wine)["reference.json"]


def split_and_shuffle(path: Path) -> None:
    """Deal a file's rows out to two files, last row first."""
    head, *rows = path.read_text().splitlines()
    rows.reverse()
    for number in (0, 1):
        (path.parent / f"part-{number}.csv").write_text("\n".join([head, *rows[number::2]]) + "\n")
    path.unlink()


def test_two_runs_at_once_say_so(wine: Workspace) -> None:
    with exclusive(wine.cache, MODEL):
        done = modelops(wine, "run", MODEL)
    assert done.returncode == 1
    assert f"another run of {MODEL} is under way (process {os.getpid()})" in done.stderr


def test_a_missing_data_file_is_named(wine: Workspace) -> None:
    (wine.root / "data" / "wine" / "wine.csv").unlink()
    done = modelops(wine, "run", MODEL)
    assert done.returncode == 1
    assert "data/wine/wine.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_column_is_named(wine: Workspace) -> None:
    edit(wine, "proline", "prolin")
    done = modelops(wine, "run", MODEL)
    assert done.returncode == 1
    assert "prolin" in done.stderr
    assert "Traceback" not in done.stderr
    assert not wine.lock_path(MODEL).exists()


def test_without_git_one_line_says_what_to_do(wine: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "plain"
    shutil.copytree(wine.root, copy, ignore=shutil.ignore_patterns(".git"))
    done = subprocess.run([sys.executable, "-m", "modelops", "run", MODEL], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 1
    assert "is not a git repository" in done.stderr
    assert "git init" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_model_gets_a_suggestion(wine: Workspace) -> None:
    done = modelops(wine, "run", "wine-cultivr")
    assert done.returncode == 1
    assert 'did you mean "wine-cultivar"?' in done.stderr


def test_changed_data_behind_a_snapshot_is_named(locked: Workspace) -> None:
    path = locked.root / "data" / "wine" / "wine.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    result = run(locked, MODEL)
    assert result.reasons == ("snapshot 1 no longer gives the locked rows of version 1: 177 rows instead of 178",)


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_half_written(wine: Workspace) -> None:
    """After `kill -9` a lock is absent or whole, and the next run ends as if nothing had happened."""
    started = time.perf_counter()
    assert modelops(wine, "run", MODEL).returncode == 0
    whole, seconds = files(wine), time.perf_counter() - started
    for share in (0.4, 0.9):
        for path in wine.model_dir(MODEL).iterdir():
            path.unlink()
        subprocess.run(["rm", "-rf", str(wine.cache)], check=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "modelops", "run", MODEL], cwd=wine.root, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds * share)
        process.send_signal(signal.SIGKILL)
        process.wait()
        lockfile.read(wine.lock_path(MODEL))
        assert modelops(wine, "run", MODEL).returncode == 0
        assert (
            lockfile.read(wine.lock_path(MODEL)).resolved
            == lockfile.parse(  # type: ignore[union-attr]
                whole["lock.yaml"].decode(), "lock.yaml"
            ).resolved
        )


def test_an_unset_champion_history_is_explained(locked: Workspace) -> None:
    with pytest.raises(ModelopsError, match="no commit holds the lock"):
        find_version(locked, MODEL, "sha256:" + "0" * 64)
