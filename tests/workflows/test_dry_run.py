"""The scripts of the workflows, run step by step in a scratch repository as a runner runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from modelops.core.workspace import Workspace
from modelops.flow.scratch import make_scratch
from modelops.release import lockfile
from modelops.spec.load import load_settings

ROOT = Path(__file__).resolve().parents[2]


class Runner:
    """One checkout on one runner, with the files that GitHub gives a step."""

    def __init__(self, space: Workspace, folder: Path) -> None:
        self.root = space.root
        self.git = space.git
        self.folder = folder

    def script(self, workflow: str, job: str, step: str) -> str:
        jobs = yaml.safe_load((ROOT / ".github/workflows" / workflow).read_text(encoding="utf-8"))["jobs"]
        [found] = [one["run"] for one in jobs[job]["steps"] if one.get("name") == step]
        return str(found)

    def run(self, workflow: str, job: str, step: str, **values: str) -> subprocess.CompletedProcess[str]:
        environment: Mapping[str, str] = {
            **os.environ,
            **values,
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
        }
        # What `shell: bash` means on GitHub.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.script(workflow, job, step)]
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)

    def output(self, name: str) -> str:
        lines = (self.folder / "output").read_text(encoding="utf-8").splitlines()
        return [line.removeprefix(f"{name}=") for line in lines if line.startswith(f"{name}=")][-1]

    @property
    def summary(self) -> str:
        path = self.folder / "summary.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    space = make_scratch(ROOT, load_settings(ROOT), tmp_path / "scratch")
    (space.root / ".venv").symlink_to(Path(sys.executable).parents[1], target_is_directory=True)
    (space.root / ".git/info").mkdir(exist_ok=True)
    (space.root / ".git/info/exclude").write_text(".venv\n", encoding="utf-8")
    return Runner(space, tmp_path)


@pytest.mark.slow
def test_a_pull_request_without_its_evidence_fails_with_a_patch_that_mends_it(runner: Runner) -> None:
    spec = runner.root / "specs/wine-cultivar.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("min: 0.9", "min: 0.85"), encoding="utf-8")
    runner.git.run("switch", "--quiet", "--create", "ask-for-less")
    runner.git.run("commit", "--quiet", "--all", "--message", "Ask for less")

    for step in ("every spec is valid", "rendered files are up to date"):
        done = runner.run("pull-request.yml", "plan", step)
        assert done.returncode == 0, done.stderr
    done = runner.run("pull-request.yml", "plan", "what changed and what must run", BASE="main")
    assert done.returncode == 0, done.stderr
    planned = json.loads(runner.output("plan"))
    assert planned == {"include": [{"model": "wine-cultivar", "runs_on": "ubuntu-24.04"}], "empty": False}

    model = {"MODEL": "wine-cultivar"}
    done = runner.run("pull-request.yml", "run", "train, evaluate, package, lock", **model)
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.run("pull-request.yml", "run", "show the evidence", **model).returncode == 0
    assert "wine-cultivar" in runner.summary
    done = runner.run("pull-request.yml", "run", "the branch holds what this run made", **model)
    assert done.returncode == 1
    assert "::error::models/wine-cultivar is not up to date" in done.stdout

    runner.git.run("reset", "--quiet", "--hard")
    runner.git.run("apply", "wine-cultivar.patch")
    runner.git.commit("Add the evidence", "models")
    (runner.root / "wine-cultivar.patch").unlink()
    assert runner.run("pull-request.yml", "run", "train, evaluate, package, lock", **model).returncode == 0
    done = runner.run("pull-request.yml", "run", "the branch holds what this run made", **model)
    assert done.returncode == 0, done.stdout
    forge_a_value(runner.root / "models/wine-cultivar/lock.yaml")
    runner.git.commit("Look better than it is", "models")
    assert runner.run("pull-request.yml", "run", "train, evaluate, package, lock", **model).returncode == 0
    done = runner.run("pull-request.yml", "run", "training again gives every value of the lock", **model)
    assert done.returncode == 1
    assert "metrics.accuracy.value: locked 0.999" in done.stdout
    repair = "a patch that replaces a lock which is not true, or was made on another platform"
    assert runner.run("pull-request.yml", "run", repair, **model).returncode == 0
    assert "0.999" in (runner.root / "wine-cultivar.patch").read_text(encoding="utf-8")
    done = runner.run("pull-request.yml", "run", "training again gives every value of the lock", **model)
    assert done.returncode == 0, done.stdout


def forge_a_value(path: Path) -> None:
    """Write a better accuracy into a lock, and the closing line that fits it."""
    lock = lockfile.parse(path.read_text(encoding="utf-8"), path.name)
    metrics = {
        **lock.resolved.metrics,
        "accuracy": lock.resolved.metrics["accuracy"].model_copy(update={"value": 0.999}),
    }
    resolved = lock.resolved.model_copy(update={"metrics": metrics})
    lockfile.write(path, lock.model_copy(update={"resolved": resolved}))


@pytest.mark.slow
def test_a_candidate_that_fails_its_gates_fails_the_job_and_shows_why(runner: Runner) -> None:
    spec = runner.root / "specs/wine-cultivar.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("min: 0.9", "min: 1.0"), encoding="utf-8")
    model = {"MODEL": "wine-cultivar"}
    done = runner.run("pull-request.yml", "run", "train, evaluate, package, lock", **model)
    assert done.returncode == 1
    assert runner.run("pull-request.yml", "run", "show the evidence", **model).returncode == 0
    assert "accuracy" in runner.summary
    assert not (runner.root / "models/wine-cultivar").exists()


def test_the_default_branch_says_what_runs_where(runner: Runner) -> None:
    for step in ("every spec is valid", "rendered files are up to date", "what is not up to date", "what runs where"):
        done = runner.run("main.yml", "state", step)
        assert done.returncode == 0, done.stderr
    assert "flight-delay" in runner.summary


def test_a_stale_rendered_file_fails_the_default_branch(runner: Runner) -> None:
    (runner.root / "argocd/control/staging.yaml").write_text("# mine now\n", encoding="utf-8")
    done = runner.run("main.yml", "state", "rendered files are up to date")
    assert done.returncode == 1
    assert "argocd/control/staging.yaml" in done.stderr


@pytest.mark.parametrize("day", ["", "2013-07-31"])
def test_a_fork_without_versions_has_no_drift(runner: Runner, day: str) -> None:
    done = runner.run("drift.yml", "drift", "which models see other data than they learned from", AS_OF=day)
    assert done.returncode == 0, done.stdout
    assert "flight-delay has no locked version" in runner.summary


def test_a_day_that_is_none_fails_the_drift_job(runner: Runner) -> None:
    done = runner.run("drift.yml", "drift", "which models see other data than they learned from", AS_OF="July; true")
    assert done.returncode != 0
    assert "July; true" in done.stdout
