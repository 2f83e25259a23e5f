from __future__ import annotations

from pathlib import Path

import pytest
from release_samples import SETTINGS, Locker, save, spec_text

from modelops.core.errors import GatesFailed, InvalidFile, ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.release import promote, release, rollback
from modelops.release import history, pins
from modelops.spec.load import load_settings


def files(space: Workspace, environment: str) -> dict[str, bytes]:
    folder = space.release_dir(environment, "wine")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def pin(space: Workspace, environment: str) -> pins.Release:
    found = pins.read(space.release_dir(environment, "wine") / "release.yaml")
    assert found is not None
    return found


def accept_everywhere(space: Workspace) -> Workspace:
    (space.root / "modelops.yaml").write_text(SETTINGS + "    unpinned_images: accept\n")
    save(space, "Accept unpinned images")
    return Workspace(space.root, load_settings(space.root))


def test_release_pins_the_lock_and_renders(space: Workspace, locked: Locker) -> None:
    digest = locked(1)
    move = release(space, "wine")
    assert move.changed
    assert move.before is None
    assert sorted(files(space, "staging")) == ["manifests.yaml", "release.yaml"]
    assert pin(space, "staging") == move.after
    assert (move.after.environment, move.after.version, move.after.lock) == ("staging", 1, digest)
    assert move.after.image is not None
    assert move.after.image in files(space, "staging")["manifests.yaml"].decode()


def test_a_second_time_changes_nothing(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    before = files(space, "staging")
    assert release(space, "wine").changed is False
    save(space, "Release 1")
    assert release(space, "wine", "staging").changed is False
    assert promote(space, "wine", "production").changed is True
    assert promote(space, "wine", "production").changed is False
    assert files(space, "staging") == before


def test_release_without_a_lock_names_the_command(space: Workspace) -> None:
    with pytest.raises(ModelopsError, match="wine has no locked version yet\n  modelops run wine"):
        release(space, "wine")


def test_release_refuses_a_lock_that_is_not_of_the_spec(space: Workspace, locked: Locker) -> None:
    locked(1)
    (space.root / "specs/wine.yaml").write_text(spec_text(snapshot="2"))
    with pytest.raises(
        ModelopsError, match="version 1 of wine is not what its spec says now: data of the spec changed"
    ):
        release(space, "wine")
    assert files(space, "staging") == {}


def test_release_refuses_a_lock_whose_profile_is_another(space: Workspace, locked: Locker) -> None:
    locked(1)
    (space.model_dir("wine") / "reference.json").write_text("{}\n")
    with pytest.raises(ModelopsError, match=r"reference\.json"):
        release(space, "wine")


@pytest.mark.parametrize("status", ["failed", "undecided"])
def test_release_refuses_a_failed_verdict(space: Workspace, locked: Locker, status: str) -> None:
    locked(1, status=status)
    with pytest.raises(
        GatesFailed, match=r"version 1 of wine did not pass its gates: accuracy >= 0\.9 \(accuracy is 0\.71\)"
    ):
        release(space, "wine")
    assert files(space, "staging") == {}


def test_a_waived_gate_may_be_released(space: Workspace, locked: Locker) -> None:
    locked(1, status="waived")
    assert release(space, "wine").changed


def test_release_refuses_to_write_over_uncommitted_changes(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    save(space, "Release 1")
    path = space.release_dir("staging", "wine") / "release.yaml"
    path.write_text(path.read_text() + "# mine\n")
    before = path.read_bytes()
    locked(2, commit=False)
    with pytest.raises(ModelopsError, match=r"uncommitted changes in argocd/environments/staging/wine/release\.yaml"):
        release(space, "wine")
    assert path.read_bytes() == before


def test_release_goes_on_where_a_killed_one_stopped(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    save(space, "Release 1")
    whole_before = files(space, "staging")
    locked(2)
    release(space, "wine")
    after = files(space, "staging")
    # Killed between the two files: the new manifests are there, the pin is the old one.
    (space.release_dir("staging", "wine") / "release.yaml").write_bytes(whole_before["release.yaml"])
    assert release(space, "wine").changed is True
    assert files(space, "staging") == after


def test_the_pin_is_written_last(space: Workspace, locked: Locker, monkeypatch: pytest.MonkeyPatch) -> None:
    locked(1)
    written: list[str] = []

    def killed(path: Path, content: str) -> bool:
        written.append(path.name)
        raise KeyboardInterrupt

    monkeypatch.setattr("modelops.release.move.write_atomic", killed)
    with pytest.raises(KeyboardInterrupt):
        release(space, "wine")
    assert written == ["manifests.yaml"]


def test_release_straight_to_production_is_said(space: Workspace, locked: Locker) -> None:
    locked(1)
    move = release(space, "wine", "production")
    assert move.notes == ("staging does not run version 1: production gets it untried",)


def test_a_lock_that_is_not_committed_is_said(space: Workspace, locked: Locker) -> None:
    locked(1, commit=False)
    assert "models/wine/lock.yaml is not committed" in release(space, "wine").notes[0]
    save(space, "Lock and release 1")
    assert release(space, "wine").notes == ()


def test_an_unpinned_image_is_accepted_where_that_is_said_and_refused_elsewhere(
    space: Workspace, locked: Locker
) -> None:
    locked(1, image=None)
    assert release(space, "wine").changed
    save(space, "Release 1")
    with pytest.raises(ModelopsError, match="production only runs images pinned by digest") as caught:
        promote(space, "wine", "production")
    assert "unpinned_images: accept" in caught.value.hint
    assert files(space, "production") == {}
    assert promote(accept_everywhere(space), "wine", "production").changed


@pytest.mark.parametrize(
    ("environment", "message"),
    [("prod", 'no environment "prod" in modelops.yaml\n  there are: staging, production')],
)
def test_an_unknown_environment_is_named(space: Workspace, locked: Locker, environment: str, message: str) -> None:
    locked(1)
    with pytest.raises(ModelopsError) as caught:
        release(space, "wine", environment)
    assert str(caught.value) == message


def test_an_environment_the_model_does_not_run_in_is_refused(space: Workspace, locked: Locker) -> None:
    path = space.root / "specs/wine.yaml"
    path.write_text(path.read_text() + "  environments: [production]\n")
    locked(1)
    with pytest.raises(ModelopsError, match="wine does not run in staging"):
        release(space, "wine", "staging")
    assert release(space, "wine").after.environment == "production"
    with pytest.raises(ModelopsError, match="production is the first environment of wine"):
        promote(space, "wine", "production")


def test_promote_moves_exactly_what_the_environment_before_runs(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    save(space, "Release 1")
    locked(2)  # locked since, not what staging runs
    staging = pin(space, "staging")
    promote(space, "wine", "production")
    production = pin(space, "production")
    assert production.model_dump(exclude={"environment"}) == staging.model_dump(exclude={"environment"})
    assert production.environment == "production"
    lines = {name: files(space, name)["release.yaml"].decode().splitlines() for name in ("staging", "production")}
    differing = [pair for pair in zip(*lines.values(), strict=True) if pair[0] != pair[1]]
    assert differing == [("environment: staging", "environment: production")]


def test_promote_refuses_what_staging_does_not_run_yet(space: Workspace, locked: Locker) -> None:
    locked(1)
    with pytest.raises(
        ModelopsError, match="staging runs no version of wine yet\n  modelops release wine --to staging"
    ):
        promote(space, "wine", "production")
    release(space, "wine")
    with pytest.raises(ModelopsError, match="staging does not run version 1 yet"):
        promote(space, "wine", "production")


def test_promote_to_the_first_environment_is_a_release(space: Workspace, locked: Locker) -> None:
    locked(1)
    with pytest.raises(ModelopsError, match="nothing comes before it\n  modelops release wine --to staging"):
        promote(space, "wine", "staging")


def run_versions(space: Workspace, locked: Locker, *versions: int) -> dict[int, dict[str, bytes]]:
    """Release versions one after the other; return the files of each."""
    ran = {}
    for version in versions:
        locked(version)
        release(space, "wine")
        save(space, f"Release {version}")
        ran[version] = files(space, "staging")
    return ran


def test_rollback_restores_every_byte(space: Workspace, locked: Locker) -> None:
    ran = run_versions(space, locked, 1, 2)
    assert ran[1]["manifests.yaml"] != ran[2]["manifests.yaml"]
    move = rollback(space, "wine", "staging")
    assert (move.changed, move.notes) == (True, ())
    assert files(space, "staging") == ran[1]
    assert rollback(space, "wine", "staging").changed is False
    assert files(space, "staging") == ran[1]


def test_a_second_rollback_goes_further_back_and_never_to_what_was_left(space: Workspace, locked: Locker) -> None:
    ran = run_versions(space, locked, 1, 2, 3)
    for version in (2, 1):
        rollback(space, "wine", "staging")
        save(space, "Roll back")
        assert files(space, "staging") == ran[version]
    with pytest.raises(ModelopsError, match=r"staging ran nothing before version 1 of wine; it ran: 1, 2, 3"):
        rollback(space, "wine", "staging")
    rollback(space, "wine", "staging", 3)
    assert files(space, "staging") == ran[3]


def test_after_a_rollback_and_a_new_version_the_one_before_it_comes_back(space: Workspace, locked: Locker) -> None:
    ran = run_versions(space, locked, 1, 2)
    rollback(space, "wine", "staging")
    save(space, "Roll back")
    run_versions(space, locked, 3)
    rollback(space, "wine", "staging")
    assert files(space, "staging") == ran[1]


def test_rollback_to_a_version_that_never_ran_names_those_that_did(space: Workspace, locked: Locker) -> None:
    run_versions(space, locked, 1, 2)
    with pytest.raises(ModelopsError, match="staging never ran version 7 of wine; it ran: 1, 2"):
        rollback(space, "wine", "staging", 7)
    with pytest.raises(ModelopsError, match="production never ran a version of wine"):
        rollback(space, "wine", "production")


def test_rollback_keeps_serve_settings_of_today_and_shows_the_difference(space: Workspace, locked: Locker) -> None:
    ran = run_versions(space, locked, 1)
    (space.root / "specs/wine.yaml").write_text(spec_text(low=3, high=3))
    run_versions(space, locked, 2)
    move = rollback(space, "wine", "staging")
    assert files(space, "staging")["release.yaml"] == ran[1]["release.yaml"]
    assert b"replicas: 3" in files(space, "staging")["manifests.yaml"]
    assert "changed since" in move.notes[0]
    assert "  -  replicas: 1" in move.notes
    assert "  +  replicas: 3" in move.notes


def test_a_merged_branch_counts_as_one_change(space: Workspace, locked: Locker) -> None:
    ran = run_versions(space, locked, 1)
    space.git.run("checkout", "--quiet", "-b", "topic")
    run_versions(space, locked, 2, 3)  # version 2 was on the branch only
    space.git.run("checkout", "--quiet", "main")
    space.git.run("merge", "--quiet", "--no-ff", "-m", "Merge", "topic")
    rollback(space, "wine", "staging")
    assert files(space, "staging") == ran[1]


def test_rollback_in_a_shallow_clone_says_what_to_fetch(space: Workspace, locked: Locker, tmp_path: Path) -> None:
    run_versions(space, locked, 1, 2)
    clone = tmp_path / "clone"
    space.git.run("clone", "--quiet", "--depth", "1", f"file://{space.root}", str(clone))
    with pytest.raises(ModelopsError, match="git fetch --unshallow"):
        rollback(Workspace(clone, space.settings), "wine", "staging")


def test_without_git_there_is_one_clear_message(space: Workspace, locked: Locker) -> None:
    locked(1)
    (space.root / ".git").rename(space.root.parent / "gone")
    for verb in (lambda: release(space, "wine"), lambda: rollback(space, "wine", "staging")):
        with pytest.raises(ModelopsError, match="is not a git repository with a commit"):
            verb()


def test_since_when_is_the_commit_that_brought_the_pin(space: Workspace, locked: Locker) -> None:
    run_versions(space, locked, 1)
    space.git.run("checkout", "--quiet", "-b", "topic")
    run_versions(space, locked, 2)
    space.git.run("checkout", "--quiet", "main")
    space.git.run("merge", "--quiet", "--no-ff", "-m", "Merge", "topic")
    brought = space.git.out("rev-parse", "HEAD")
    manifest = space.release_dir("staging", "wine") / "manifests.yaml"
    manifest.write_text(manifest.read_text() + "# touched\n")
    touched = save(space, "Touch the manifests")
    arrived = history.arrivals(space.git, "argocd/environments")
    assert arrived["argocd/environments/staging/wine/release.yaml"].commit == brought
    assert arrived["argocd/environments/staging/wine/manifests.yaml"].commit == touched


def test_a_pin_in_the_wrong_folder_is_refused(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    target = space.release_dir("production", "wine") / "release.yaml"
    target.parent.mkdir(parents=True)
    target.write_bytes((space.release_dir("staging", "wine") / "release.yaml").read_bytes())
    with pytest.raises(
        InvalidFile, match="pins wine in staging, but lies in the folder argocd/environments/production/wine"
    ):
        pins.read(target)
