from __future__ import annotations

from pathlib import Path

import pytest

from modelops.core.errors import ModelopsError
from modelops.core.forge import LocalForge, origin_folder, pack, unpack
from modelops.core.git import Git


@pytest.fixture
def clone(tmp_path: Path) -> Git:
    """A working tree with one commit on main, pushed to a bare origin."""
    Git(tmp_path).run("init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    Git(tmp_path).run("init", "--quiet", "--initial-branch=main", "work")
    git = Git(tmp_path / "work")
    git.run("remote", "add", "origin", "../origin.git")
    (git.root / "a.txt").write_text("one\n")
    git.commit("First", "a.txt")
    git.run("push", "--quiet", "origin", "main")
    return git


@pytest.fixture
def forge(clone: Git) -> LocalForge:
    return LocalForge(origin_folder(clone))


def push_branch(git: Git, name: str, text: str) -> None:
    git.run("checkout", "--quiet", "-B", name, "main")
    (git.root / "a.txt").write_text(text)
    git.commit(f"Change on {name}", "a.txt")
    git.run("push", "--quiet", "--force", "origin", name)
    git.run("checkout", "--quiet", "main")


def test_a_pull_request_is_a_branch_and_two_files(clone: Git, forge: LocalForge) -> None:
    push_branch(clone, "retrain/m", "two\n")
    pull = forge.open("retrain/m", "main", "Retrain m", "Why now", {"model": "m"})
    assert (pull.number, pull.state, pull.metadata) == (1, "open", {"model": "m"})
    assert Path(pull.url).read_text() == '# Retrain m\n\nWhy now\n\n<!-- modelops {"model": "m"} -->\n'
    assert forge.find("retrain/m") == pull
    assert forge.find("other") is None


def test_opening_again_updates_in_place(clone: Git, forge: LocalForge) -> None:
    push_branch(clone, "retrain/m", "two\n")
    forge.open("retrain/m", "main", "Retrain m", "old")
    pull = forge.open("retrain/m", "main", "Retrain m", "new")
    assert [each.number for each in forge.all()] == [1]
    assert pull.body == "new"


def test_after_closing_a_new_one_gets_a_new_number_and_is_the_one_found(clone: Git, forge: LocalForge) -> None:
    push_branch(clone, "retrain/m", "two\n")
    forge.open("retrain/m", "main", "Retrain m", "old")
    assert forge.close(1, "The drift is gone.").state == "closed"
    assert (forge.folder / "1.comments.md").read_text() == "The drift is gone.\n"
    assert forge.find("retrain/m").state == "closed"  # type: ignore[union-attr]
    assert forge.open("retrain/m", "main", "Retrain m", "again").number == 2
    assert forge.find("retrain/m").number == 2  # type: ignore[union-attr]


def test_merging_moves_the_base_by_a_merge_commit(clone: Git, forge: LocalForge) -> None:
    push_branch(clone, "retrain/m", "two\n")
    forge.open("retrain/m", "main", "Retrain m", "body")
    commit = forge.merge(1)
    assert forge.commit("main") == commit
    assert forge.git.show("main", "a.txt") == "two\n"
    assert len(forge.git.out("rev-list", "--parents", "-1", commit).split()) == 3
    assert forge.get(1).state == "merged"
    with pytest.raises(ModelopsError, match="is merged"):
        forge.merge(1)


def test_a_conflict_is_named_and_moves_nothing(clone: Git, forge: LocalForge) -> None:
    push_branch(clone, "retrain/m", "two\n")
    forge.open("retrain/m", "main", "Retrain m", "body")
    (clone.root / "a.txt").write_text("three\n")
    clone.commit("Other change", "a.txt")
    clone.run("push", "--quiet", "origin", "main")
    before = forge.commit("main")
    with pytest.raises(ModelopsError, match="does not merge into main"):
        forge.merge(1)
    assert forge.commit("main") == before
    assert forge.get(1).state == "open"


def test_an_unpushed_branch_and_a_long_body_are_refused(forge: LocalForge) -> None:
    with pytest.raises(ModelopsError, match="branch nowhere is not in"):
        forge.open("nowhere", "main", "t", "b")
    with pytest.raises(ModelopsError, match="65536 are allowed"):
        forge.open("main", "main", "t", "x" * 65_536)


def test_metadata_survives_and_cannot_break_out_of_its_comment() -> None:
    metadata = {"note": "--> <script>", "score": 0.31, "triggers": ["drift"]}
    text = pack("A body\n", metadata)
    assert text.count("-->") == 1
    assert unpack(text) == ("A body\n", metadata)
    assert unpack("no metadata\n") == ("no metadata\n", {})


def test_origin_must_exist_and_be_on_this_disk(clone: Git) -> None:
    clone.run("remote", "set-url", "origin", "https://github.com/acme/model-ops")
    with pytest.raises(ModelopsError, match="local forge needs a repository on this disk"):
        origin_folder(clone)
    clone.run("remote", "remove", "origin")
    with pytest.raises(ModelopsError, match="no remote named origin"):
        origin_folder(clone)
