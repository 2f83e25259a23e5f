"""The whole loop on real flights, chapter by chapter, with assertions on what each leaves behind."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import pytest
import yaml

from modelops.core.workspace import Workspace
from modelops.flow import demo
from modelops.flow.demo import MODEL, Story
from modelops.flow.run import run
from modelops.release import lockfile, pins


def manifests(space: Workspace, environment: str) -> bytes:
    return (space.release_dir(environment, MODEL) / "manifests.yaml").read_bytes()


def pin_without_environment(space: Workspace, environment: str) -> dict[str, object]:
    pin = pins.read(space.release_dir(environment, MODEL) / "release.yaml")
    assert pin is not None
    return pin.model_dump(exclude={"environment"})


@pytest.mark.slow
def test_the_whole_loop(scratch: Workspace) -> None:
    story = Story(scratch)
    source_status = scratch.git.changed()

    assert "version 1: ROC AUC 0.71" in demo.train_first(story)
    first = lockfile.read(scratch.lock_path(MODEL))
    assert first is not None
    assert (first.version, first.parent) == (1, None)
    assert first.resolved.data.rows == 77_809
    assert first.resolved.verdict.passed
    assert first.observed.image is None
    assert "bentoml containerize" in first.observed.image_command
    assert run(scratch, MODEL).reasons == ()

    demo.ask(story)
    answer = json.loads(story.facts["answer"])
    assert answer["model"] == MODEL
    assert 0 < answer["predictions"][0]["probabilities"]["true"] < 1

    demo.release_first(story)
    assert pin_without_environment(scratch, "staging") == pin_without_environment(scratch, "production")
    before = manifests(scratch, "production")

    told = demo.look(story)
    assert told.index("humid") < told.index("temp") < told.index("pressure"), "columns come in order of importance"

    spec_before = scratch.spec_path(MODEL).read_text()
    demo.ask_for_review(story)
    assert scratch.git.changed() == source_status, "a proposal leaves the working tree alone"
    check_proposal(story, spec_before)

    demo.merge(story)
    assert scratch.spec_path(MODEL).read_text() == spec_before.replace("2013-03-31", "2013-07-31")
    assert pin_without_environment(scratch, "staging")["version"] == 2
    assert pin_without_environment(scratch, "production")["version"] == 1
    assert run(scratch, MODEL).reasons == (), "nothing is trained again after the merge"

    demo.promote_second(story)
    assert pin_without_environment(scratch, "staging") == pin_without_environment(scratch, "production")
    assert manifests(scratch, "production") != before

    demo.roll_back(story)
    assert manifests(scratch, "production") == before
    assert scratch.git.changed() == []


def check_proposal(story: Story, spec_before: str) -> None:
    """The pull request changes one line of the spec and carries its evidence."""
    space, proposal = story.workspace, story.proposal
    assert proposal is not None
    branch = f"origin/{proposal.branch}"
    after = space.git.run("show", f"{branch}:specs/{MODEL}.yaml").stdout
    changed = [line for line in difflib.ndiff(spec_before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changed == [
        "-   snapshot: 2013-03-31 # a retrain pull request moves this line",
        "+   snapshot: 2013-07-31 # a retrain pull request moves this line",
    ]
    lock = yaml.safe_load(space.git.out("show", f"{branch}:models/{MODEL}/lock.yaml"))
    comparison = lock["resolved"]["champion"]
    auc = comparison["metrics"]["roc_auc"]
    assert auc["champion"] == pytest.approx(0.694, abs=0.01)
    assert auc["candidate"] == pytest.approx(0.754, abs=0.01)
    assert 0 < auc["low"] < auc["delta"] < auc["high"]
    assert comparison["rows"] > 12_000
    assert lock["parent"] == lockfile.digest(space.lock_path(MODEL).read_text())
    assert "Why now" in proposal.body
    assert "`temp`" in proposal.body
    files = space.git.out("diff", "--name-only", "origin/main", branch).splitlines()
    assert {Path(name).parts[0] for name in files} == {"specs", "models", "argocd"}
    assert all("production" not in name for name in files)
