"""Each way that a proposal can go, on real git and a real local forge."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import cases
import pytest

from modelops.core.errors import ModelopsError
from modelops.core.git import Git
from modelops.core.workspace import Workspace
from modelops.release import pins
from modelops.spec.load import load_settings

QUIET: dict[str, Any] = {"triggers": (), "score": 0.1, "severity": 0.02}


def test_drift_opens_a_finished_pull_request(world: Any) -> None:
    proposal = world.propose()
    assert (proposal.outcome, proposal.number, proposal.passed) == ("opened", 1, True)
    assert proposal.commit == world.forge.commit("retrain/late")
    assert world.changed() == [
        "argocd/environments/staging/late/manifests.yaml",
        "argocd/environments/staging/late/release.yaml",
        "models/late/lock.yaml",
        "models/late/reference.json",
        "specs/late.yaml",
    ]
    diff = world.forge.git.out("diff", "--unified=0", "main", "retrain/late", "--", "specs").splitlines()
    assert diff[-2:] == [
        "-  snapshot: 2013-03-31 # a retrain pull request moves this line",
        "+  snapshot: 2013-07-31 # a retrain pull request moves this line",
    ]
    path = "argocd/environments/staging/late/release.yaml"
    assert pins.parse(world.show(path) or "", path).version == 2
    assert world.pull().title == "Retrain late on data up to 2013-07-31"
    assert "Merging moves **staging** to version 2" in world.pull().body


def test_the_users_working_tree_is_never_touched(world: Any) -> None:
    root, git = world.workspace.root, world.workspace.git
    (root / "specs/late.yaml").write_text("half-edited: [")
    (root / "notes.txt").write_text("mine")
    git.run("checkout", "--quiet", "-b", "feature")
    before = (git.head(), git.branch(), git.changed())
    assert world.propose().outcome == "opened"
    assert (git.head(), git.branch(), git.changed()) == before
    assert (root / "specs/late.yaml").read_text() == "half-edited: ["
    assert git.out("worktree", "list").count("\n") == 0
    assert not (root / ".modelops/worktrees/late").exists()


def test_it_starts_from_origin_not_from_unpushed_commits(world: Any) -> None:
    path = world.workspace.root / "specs/late.yaml"
    path.write_text(path.read_text().replace("share: 0.3", "share: 0.9"))
    world.workspace.git.commit("Not pushed", "specs/late.yaml")
    world.propose()
    assert "share: 0.3" in world.show("specs/late.yaml")


def test_the_same_evidence_twice_changes_nothing(world: Any) -> None:
    world.propose()
    before = world.forge.commit("retrain/late"), world.pull()
    proposal = world.propose()
    assert (proposal.outcome, proposal.number) == ("unchanged", 1)
    assert (world.forge.commit("retrain/late"), world.pull()) == before
    assert world.runs == ["2013-07-31"]


def test_newer_evidence_updates_the_same_pull_request_in_place(world: Any) -> None:
    world.propose()
    first = world.forge.commit("retrain/late")
    proposal = world.propose("2013-08-31")
    assert (proposal.outcome, proposal.number, proposal.snapshot) == ("updated", 1, "2013-08-31")
    assert world.forge.commit("retrain/late") != first
    assert "snapshot: 2013-08-31" in world.show("specs/late.yaml")
    assert world.forge.git.out("rev-list", "--count", "main..retrain/late") == "1"
    assert len(list(world.forge.all())) == 1


def test_a_moved_base_is_taken_over_when_it_concerns_the_model(world: Any) -> None:
    world.propose()
    git = world.workspace.git
    (world.workspace.root / "README.md").write_text("unrelated\n")
    git.commit("Unrelated", "README.md")
    git.run("push", "--quiet", "origin", "main")
    assert world.propose().outcome == "unchanged"
    path = world.workspace.root / "specs/late.yaml"
    path.write_text(path.read_text().replace("window: 90d", "window: 60d"))
    git.commit("Shorter window", "specs/late.yaml")
    git.run("push", "--quiet", "origin", "main")
    assert world.propose().outcome == "updated"
    assert "window: 60d" in world.show("specs/late.yaml")


def test_a_branch_that_a_person_pushed_to_is_never_overwritten(world: Any) -> None:
    world.propose()
    git = world.workspace.git
    git.run("fetch", "--quiet", "origin", "retrain/late")
    git.run("checkout", "--quiet", "-b", "retrain/late", "FETCH_HEAD")
    (world.workspace.root / "models/late/code.py").write_text("# mine\n")
    git.commit("My own idea", "models/late/code.py")
    git.run("push", "--quiet", "origin", "retrain/late")
    theirs = world.forge.commit("retrain/late")
    proposal = world.propose("2013-08-31")
    assert (proposal.outcome, proposal.number) == ("left alone", 1)
    world.drift = QUIET
    assert world.propose("2013-09-30").outcome == "left alone"
    assert (world.forge.commit("retrain/late"), world.pull().state) == (theirs, "open")


def test_an_amended_commit_is_a_persons_too(world: Any) -> None:
    world.propose()
    git = world.workspace.git
    git.run("fetch", "--quiet", "origin", "retrain/late")
    git.run("checkout", "--quiet", "--detach", "FETCH_HEAD")
    (world.workspace.root / "specs/late.yaml").write_text(world.show("specs/late.yaml").replace("90d", "30d"))
    git.run("commit", "--quiet", "--all", "--amend", "--no-edit")
    git.run("push", "--quiet", "--force", "origin", "HEAD:retrain/late")
    assert world.propose("2013-08-31").outcome == "left alone"


def test_a_branch_that_moves_while_we_train_is_not_overwritten(world: Any) -> None:
    world.propose()

    def push_meanwhile() -> None:
        world.forge.git.run("update-ref", "refs/heads/retrain/late", "main")

    world.on_run = push_meanwhile
    with pytest.raises(ModelopsError, match="somebody pushed to retrain/late while"):
        world.propose("2013-08-31")
    assert world.forge.commit("retrain/late") == world.forge.commit("main")


def test_closed_means_not_for_this_evidence(world: Any) -> None:
    world.propose()
    world.forge.close(1)
    proposal = world.propose("2013-08-31")
    assert (proposal.outcome, world.pull().state) == ("declined", "closed")
    assert world.runs == ["2013-07-31"]
    world.drift = {"score": 0.7}
    proposal = world.propose("2013-09-30")
    assert (proposal.outcome, proposal.number) == ("opened", 2)
    assert "since #1 was closed, drift went from 50% to 70% of the columns" in proposal.reason


def test_a_proposal_whose_drift_is_gone_is_closed_with_a_note_and_may_come_back(world: Any) -> None:
    world.propose()
    world.drift = QUIET
    proposal = world.propose("2013-08-31")
    assert (proposal.outcome, proposal.number) == ("closed", 1)
    note = (world.forge.folder / "1.comments.md").read_text()
    assert note.startswith("Closed: the drift is gone as of 2013-08-31: 10% of the columns drifted.")
    assert world.propose("2013-08-31").outcome == "quiet"
    world.drift = {}
    assert world.propose("2013-09-30").outcome == "opened"


def test_a_merged_proposal_waits_for_its_promotion(world: Any) -> None:
    world.propose()
    world.forge.merge(1)
    world.merged_drift = QUIET
    proposal = world.propose("2013-08-31")
    assert proposal.outcome == "waiting"
    assert "version 2 is merged already and does not: promote it" in proposal.reason
    world.merged_drift = {}
    assert (world.propose("2013-08-31").outcome, world.pull().number) == ("opened", 2)


def test_a_snooze_in_git_keeps_quiet(world: Any) -> None:
    path = world.workspace.root / "specs/late.yaml"
    path.write_text(path.read_text() + '  snooze: {until: 2013-08-31, why: "Schedule change"}\n')
    world.workspace.git.commit("Snooze", "specs/late.yaml")
    world.workspace.git.run("push", "--quiet", "origin", "main")
    assert world.propose("2013-08-31").outcome == "snoozed"
    assert world.forge.find("retrain/late") is None
    assert world.propose("2013-09-01").outcome == "opened"


def test_failed_gates_are_shown_but_cannot_be_merged(world: Any) -> None:
    world.gates = (cases.gate("roc_auc at least 0.8", "failed", reason="0.754 is below 0.8."),)
    proposal = world.propose()
    assert (proposal.outcome, proposal.passed) == ("opened", False)
    assert world.changed() == ["specs/late.yaml"]
    assert world.pull().title.startswith("Do not merge: ")
    with pytest.raises(ModelopsError, match="not mergeable"):
        world.forge.merge(1)
    world.gates = (cases.gate("roc_auc at least 0.65"),)
    assert world.propose("2013-08-31").passed is True
    assert world.pull().title == "Retrain late on data up to 2013-08-31"


def test_an_environment_that_refuses_the_image_keeps_its_pin(world: Any) -> None:
    path = world.workspace.root / "modelops.yaml"
    path.write_text(path.read_text().replace("staging: {unpinned_images: accept}", "staging: {}"))
    world.workspace.git.commit("Refuse", "modelops.yaml")
    world.workspace.git.run("push", "--quiet", "origin", "main")
    world.propose()
    assert "argocd/environments/staging/late/release.yaml" not in world.changed()
    assert "models/late/lock.yaml" in world.changed()
    assert "Merging moves no environment yet" in world.pull().body


def test_a_failure_while_training_pushes_nothing_and_leaves_no_tree(world: Any) -> None:
    def fail() -> None:
        raise ModelopsError("the data breaks 1 rule")

    world.on_run = fail
    with pytest.raises(ModelopsError, match="breaks 1 rule"):
        world.propose()
    assert world.forge.commit("retrain/late") is None
    assert not (world.workspace.root / ".modelops/worktrees/late").exists()


def test_what_a_killed_run_left_is_cleared_on_the_next_start(world: Any) -> None:
    tree = world.workspace.root / ".modelops/worktrees/late"
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from modelops.core.git import Git; from modelops.core.worktree import worktree_at\n"
        "with worktree_at(Git(Path(sys.argv[1])), 'HEAD', Path(sys.argv[2])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(world.workspace.root), str(tree)], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert (tree / "specs/late.yaml").is_file()
    assert world.propose().outcome == "opened"
    assert not tree.exists()
    assert world.workspace.git.out("worktree", "list").count("\n") == 0


def test_a_branch_pushed_before_a_kill_is_picked_up(world: Any) -> None:
    world.propose()
    for path in world.forge.folder.iterdir():
        path.unlink()
    assert (world.propose().outcome, world.pull().number) == ("opened", 1)


def test_without_an_origin_it_says_how_to_make_one(world: Any) -> None:
    world.workspace.git.run("remote", "remove", "origin")
    with pytest.raises(ModelopsError, match="no remote named origin"):
        world.propose()


def test_a_base_that_was_never_pushed_is_named(world: Any) -> None:
    world.forge.git.run("update-ref", "-d", "refs/heads/main")
    with pytest.raises(ModelopsError, match="cannot fetch main from origin") as refused:
        world.propose()
    assert "git push origin main" in refused.value.hint


def test_where_nobody_told_git_a_name_the_tool_has_one(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    world.propose()
    assert Git(world.forge.bare).out("log", "-1", "--format=%an <%ae>", "retrain/late") == (
        "modelops <modelops@users.noreply.github.com>"
    )


def test_on_github_the_pull_request_is_opened_there(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_github = pytest.importorskip("fake_github", reason="needs openapi-core")
    (world.workspace.root / "modelops.yaml").open("a").write("forge: {kind: github}\n")
    world.workspace.git.commit("Use GitHub", "modelops.yaml")
    world.workspace.git.run("push", "--quiet", "origin", "main")
    world.workspace = Workspace(world.workspace.root, load_settings(world.workspace.root))
    with fake_github.serve() as state:
        state.branches.add("retrain/late")
        monkeypatch.setenv("GH_TOKEN", fake_github.TOKEN)
        monkeypatch.setenv("GITHUB_API_URL", state.address)
        opened = world.propose()
        assert (opened.outcome, opened.url) == ("opened", "https://github.com/acme/model-ops/pull/1")
        assert world.propose().outcome == "unchanged"
        world.drift = QUIET
        assert world.propose("2013-08-31").outcome == "closed"
        assert state.pulls[1]["state"] == "closed"
        assert "the drift is gone" in state.comments[1][0]
        world.drift = {}
        assert world.propose("2013-09-30").number == 2
    assert world.forge.commit("retrain/late") is not None
