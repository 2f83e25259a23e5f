from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from release_samples import Locker, save, spec_text

from modelops.cli.main import run
from modelops.core.workspace import Workspace

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(space: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Return a function that runs a verb in the repository and returns exit code, output and notes."""
    monkeypatch.chdir(space.root)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_the_life_of_a_pin(space: Workspace, locked: Locker, said: Said) -> None:
    locked(1)
    code, out, _ = said("release", "wine")
    assert code == 0
    assert out.startswith("staging: version 1 of wine (image dddddddddddd)\n")
    assert said("release", "wine")[1] == "staging has version 1 of wine already: nothing changed\n"
    save(space, "Release 1")
    locked(2)
    said("release", "wine", "--to", "staging")
    save(space, "Release 2")
    assert said("promote", "wine", "--to", "production")[1].startswith("production: version 2 of wine (")
    save(space, "Promote 2")
    assert said("rollback", "wine", "--in", "staging")[1].startswith("staging: version 1 of wine, after version 2 (")


def test_a_mistake_is_one_message_and_exit_code_1(said: Said) -> None:
    code, out, err = said("release", "wine")
    assert (code, out) == (1, "")
    assert err == "error: wine has no locked version yet\n  modelops run wine\n"
    assert 'did you mean "wine"?' in said("release", "vine")[2]
    assert said("promote", "wine", "--to", "prod")[0] == 1
    assert said("promote", "wine")[0] == 2


def test_render_writes_once_and_check_names_what_is_stale(space: Workspace, locked: Locker, said: Said) -> None:
    code, _, err = said("render", "--check")
    assert code == 1
    assert "stale: argocd/control/staging.yaml" in err
    assert "modelops render" in err
    code, out, _ = said("render")
    assert (code, out.count("written: ")) == (0, 4)
    assert said("render") == (0, "4 rendered files are up to date\n", "")
    locked(1)
    said("release", "wine")
    (space.root / "specs/wine.yaml").write_text(spec_text(low=2, high=2))
    code, _, err = said("render", "--check")
    assert (code, "stale: argocd/environments/staging/wine/manifests.yaml" in err) == (1, True)
    (space.root / "specs/wine.yaml").unlink()
    assert "left over: argocd/environments/staging/wine/release.yaml" in said("render", "--check")[2]
    assert "deleted: argocd/environments/staging/wine/release.yaml" in said("render")[1]
    assert said("render", "--check")[0] == 0


def test_status_is_a_table_for_people_and_json_for_machines(space: Workspace, locked: Locker, said: Said) -> None:
    locked(1)
    said("release", "wine")
    assert "not committed" in said("status")[1]
    commit = save(space, "Release 1")
    locked(2)
    lines = said("status")[1].splitlines()
    assert lines[0].split() == ["MODEL", "ENVIRONMENT", "VERSION", "SNAPSHOT", "SINCE", "BY", "IMAGE", "LOCKED"]
    assert lines[1].split()[:4] == ["wine", "staging", "1", "1"]
    assert lines[1].endswith("dddddddddddd  version 2")
    assert lines[2].split()[:3] == ["wine", "production", "–"]
    staging, production = json.loads(said("status", "--json")[1])
    assert (staging["version"], staging["newest"], staging["current"], staging["commit"]) == (1, 2, False, commit)
    assert staging["by"] == "A Tester"
    assert (production["version"], production["since"]) == (None, None)
    said("release", "wine")
    unsaved = json.loads(said("status", "--json")[1])[0]
    assert (unsaved["version"], unsaved["committed"], unsaved["since"]) == (2, False, None)
    save(space, "Release 2")
    assert json.loads(said("status", "wine", "--json")[1])[0]["current"] is True


def test_release_by_pull_request_says_where_it_is(space: Workspace, locked: Locker, said: Said) -> None:
    locked(1)
    space.git.run("push", "--quiet", "origin", "main")
    code, out, _ = said("release", "wine", "--pull-request")
    assert code == 0
    assert out.startswith("pull request 1: Release wine: version 1 in staging\n  ")
    assert not space.release_dir("staging", "wine").exists()


def test_a_shallow_clone_does_not_invent_a_date(
    space: Workspace, locked: Locker, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked(1)
    said("release", "wine")
    save(space, "Release 1")
    clone = space.root.parent / "clone"
    space.git.run("clone", "--quiet", "--depth", "1", f"file://{space.root}", str(clone))
    monkeypatch.chdir(clone)
    staging = json.loads(said("status", "--json")[1])[0]
    assert (staging["version"], staging["committed"], staging["since"]) == (1, True, None)
    assert "unknown here" in said("status")[1]
