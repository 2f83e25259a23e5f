"""A repository whose model is locked and released, with drift and training scripted: what is real is git."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import cases
import pytest

from modelops.core import digest
from modelops.core.forge import LocalForge, PullRequest, origin_folder
from modelops.core.git import Git
from modelops.core.workspace import Workspace
from modelops.flow import propose as flow
from modelops.flow.champion import ChampionVersion
from modelops.flow.release import release
from modelops.flow.run import RunResult
from modelops.records.drift import DriftRecord
from modelops.records.evaluate import GateResult
from modelops.records.proposal import Proposal
from modelops.release import lockfile
from modelops.spec.load import load_settings, load_spec

SPEC = """\
apiVersion: modelops/v1
kind: Model
name: late
owner: "@acme/ops"
data:
  sources: {flights: flights.parquet}
  time: at
  snapshot: 2013-03-31 # a retrain pull request moves this line
  window: 90d
  target: late
features:
  numeric: {columns: [temp, hour]}
train:
  task: classification
  estimator: sklearn.linear_model.LogisticRegression
evaluate:
  split: {by: time, test: 14d}
  metrics: [roc_auc]
monitor:
  drift: {share: 0.3}
"""
SETTINGS = """\
apiVersion: modelops/v1
kind: Platform
owner: acme
repository: model-ops
registry: ghcr.io/acme/models
environments:
  staging: {unpinned_images: accept}
  production: {unpinned_images: accept}
"""


@dataclass
class World:
    """A working tree, its origin, and what the stages will say next."""

    workspace: Workspace
    forge: LocalForge
    lock: str
    drift: dict[str, Any] = field(default_factory=dict)
    merged_drift: dict[str, Any] | None = None
    gates: tuple[GateResult, ...] = (cases.gate("roc_auc at least 0.65"),)
    runs: list[str] = field(default_factory=list)
    on_run: Callable[[], None] = lambda: None

    def propose(self, day: str = "2013-07-31") -> Proposal:
        return flow.propose(self.workspace, "late", date.fromisoformat(day))

    def pull(self) -> PullRequest:
        found = self.forge.find("retrain/late")
        assert found is not None
        return found

    def show(self, path: str, branch: str = "retrain/late") -> str | None:
        return self.forge.git.show(branch, path)

    def changed(self) -> list[str]:
        return self.forge.git.out("diff", "--name-only", "main...retrain/late").splitlines()

    def say(self, _: Workspace, __: str, day: date, *, report: bool) -> DriftRecord:
        assert not report
        return cases.record(**{"lock": self.lock, "as_of": day.isoformat()} | self.drift)

    def compare(self, _: Workspace, version: ChampionVersion, day: date) -> DriftRecord:
        assert self.merged_drift is not None
        return cases.record(**{"lock": version.digest, "as_of": day.isoformat()} | self.merged_drift)

    def run(self, tree: Workspace, name: str) -> RunResult:
        spec = load_spec(tree.root, name)
        self.runs.append(spec.data.snapshot)
        self.on_run()
        lock = write_lock(tree, 2, self.gates)
        return RunResult(name, lock, ("data of the spec changed",), written=lock.passed)


def write_lock(tree: Workspace, version: int, gates: tuple[GateResult, ...]) -> Any:
    """Lock a version as `run` would: nothing in models/ when a gate failed."""
    spec = load_spec(tree.root, "late")
    profile = f'{{"version": {version}, "snapshot": "{spec.data.snapshot}"}}\n'
    lock = cases.lock(version, spec.data.snapshot, gates=gates)
    known = {"spec": spec.section_digests(), "code": digest.of_value({}), "profile": digest.of_bytes(profile.encode())}
    lock = lock.model_copy(update={"resolved": lock.resolved.model_copy(update=known)})
    if lock.passed:
        folder = tree.model_dir("late")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "reference.json").write_text(profile)
        lockfile.write(tree.lock_path("late"), lock)
    return lock


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The model runs in staging and production, version 1, and its drift is found."""
    root = tmp_path / "repository"
    (root / "specs").mkdir(parents=True)
    (root / "specs/late.yaml").write_text(SPEC)
    (root / "modelops.yaml").write_text(SETTINGS)
    (root / ".gitignore").write_text(".modelops/\n")
    git = Git(root)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "origin.git"))
    git.run("remote", "add", "origin", str(tmp_path / "origin.git"))
    space = Workspace(root, load_settings(root))
    write_lock(space, 1, ())
    git.run("add", "--all")
    git.run("commit", "--quiet", "--message", "Version 1")
    for environment in ("staging", "production"):
        release(space, "late", environment)
        git.run("add", "--all")
        git.run("commit", "--quiet", "--message", f"Release to {environment}")
    git.run("push", "--quiet", "origin", "main")
    text = space.lock_path("late").read_text()
    made = World(space, LocalForge(origin_folder(git)), lockfile.digest(text))
    monkeypatch.setattr(flow, "drift", made.say)
    monkeypatch.setattr(flow, "compare", made.compare)
    monkeypatch.setattr(flow, "run", made.run)
    return made
