from __future__ import annotations

from pathlib import Path

import pytest
from release_samples import Locker, save

from modelops.core.errors import ModelopsError
from modelops.core.forge import LocalForge
from modelops.core.workspace import Workspace
from modelops.flow.move_request import Requested, request
from modelops.flow.release import promote, release, rollback


def ask(space: Workspace, environment: str = "staging") -> Requested:
    return request(space, "release", "wine", lambda there: release(there, "wine", environment))


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}


@pytest.fixture
def forge(space: Workspace) -> LocalForge:
    return LocalForge(space.root.parent / "origin.git")


def test_a_request_moves_the_pin_on_a_branch_and_leaves_the_working_tree_alone(
    space: Workspace, locked: Locker, forge: LocalForge
) -> None:
    locked(1)
    space.git.run("push", "--quiet", "origin", "main")
    (space.root / "notes.txt").write_text("unsaved\n")
    (space.root / "modelops.yaml").write_text("half: written\n")
    before = (snapshot(space.root), space.git.out("status", "--porcelain"), space.git.out("branch", "--list"))
    made = ask(space)
    assert made.pull is not None
    after = (snapshot(space.root), space.git.out("status", "--porcelain"), space.git.out("branch", "--list"))
    assert after == before
    assert space.git.out("worktree", "list", "--porcelain").count("worktree ") == 1
    assert (made.pull.branch, made.pull.base, made.pull.state) == ("release/staging/wine", "main", "open")
    assert made.pull.title == "Release wine: version 1 in staging"
    changed = forge.git.out("diff", "--name-only", "main", made.pull.branch).split()
    assert changed == [
        "argocd/environments/staging/wine/manifests.yaml",
        "argocd/environments/staging/wine/release.yaml",
    ]


def test_the_body_carries_what_moves_the_evidence_and_the_way_back(
    space: Workspace, locked: Locker, forge: LocalForge
) -> None:
    digest = locked(1)
    space.git.run("push", "--quiet", "origin", "main")
    pull = ask(space).pull
    assert pull is not None
    assert "`staging` gets its first version 1 of `wine`." in pull.body
    assert f"| lock | – | `{digest[7:19]}` |" in pull.body
    assert "| accuracy \\>= 0.9 | 0.71 | passed |" in pull.body
    assert "modelops rollback wine --in staging --pull-request" in pull.body
    assert pull.metadata["lock"] == digest


def test_asking_again_keeps_the_one_pull_request(space: Workspace, locked: Locker, forge: LocalForge) -> None:
    locked(1)
    space.git.run("push", "--quiet", "origin", "main")
    first, second = ask(space).pull, ask(space).pull
    assert first is not None
    assert second is not None
    assert first.number == second.number
    assert len(list(forge.all())) == 1


def test_after_the_merge_there_is_nothing_to_ask_for(space: Workspace, locked: Locker, forge: LocalForge) -> None:
    locked(1)
    space.git.run("push", "--quiet", "origin", "main")
    pull = ask(space).pull
    assert pull is not None
    forge.merge(pull.number)
    assert ask(space).pull is None
    space.git.run("pull", "--quiet", "origin", "main")
    promoted = request(space, "promote", "wine", lambda there: promote(there, "wine", "production")).pull
    assert promoted is not None
    forge.merge(promoted.number)
    locked(2)
    space.git.run("pull", "--quiet", "--no-rebase", "origin", "main")
    space.git.run("push", "--quiet", "origin", "main")
    second = ask(space).pull
    assert second is not None
    assert second.number == 3
    assert "`staging` goes from version 1 to version 2 of `wine`." in second.body
    forge.merge(second.number)
    back = request(space, "rollback", "wine", lambda there: rollback(there, "wine", "staging"))
    assert back.pull is not None
    assert (back.pull.branch, back.move.after.version) == ("rollback/staging/wine", 1)


def test_a_branch_that_somebody_pushed_to_is_left_alone(space: Workspace, locked: Locker, forge: LocalForge) -> None:
    locked(1)
    space.git.run("push", "--quiet", "origin", "main")
    space.git.run("checkout", "--quiet", "-b", "release/staging/wine")
    (space.root / "notes.txt").write_text("by hand\n")
    theirs = save(space, "By hand")
    space.git.run("push", "--quiet", "origin", "release/staging/wine")
    space.git.run("checkout", "--quiet", "main")
    with pytest.raises(ModelopsError, match="somebody pushed to branch release/staging/wine"):
        ask(space)
    assert forge.commit("release/staging/wine") == theirs


def test_only_what_is_on_the_base_branch_counts(space: Workspace, locked: Locker) -> None:
    locked(1)  # not pushed
    with pytest.raises(ModelopsError, match="wine has no locked version yet"):
        ask(space)


def test_without_an_origin_there_is_one_clear_message(space: Workspace, locked: Locker) -> None:
    locked(1)
    space.git.run("remote", "remove", "origin")
    with pytest.raises(ModelopsError, match="no remote named origin"):
        ask(space)
