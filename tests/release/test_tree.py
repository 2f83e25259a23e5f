from __future__ import annotations

import pytest
from release_samples import SETTINGS, Locker, save, spec_text

from modelops.core.errors import InvalidFile
from modelops.core.workspace import Workspace
from modelops.flow.release import release
from modelops.release import tree
from modelops.spec.load import load_all, load_settings

CONTROL = [
    "argocd/bootstrap/project.yaml",
    "argocd/bootstrap/root.yaml",
    "argocd/control/production.yaml",
    "argocd/control/staging.yaml",
]


def look(space: Workspace) -> tree.Tree:
    return tree.render(space.root, load_settings(space.root), load_all(space.root))


def bring_up_to_date(space: Workspace) -> None:
    tree.write(space.root, look(space))
    again = look(space)
    assert (again.stale, again.leftover) == ((), ())


def test_everything_is_written_once(space: Workspace) -> None:
    assert list(look(space).stale) == CONTROL
    bring_up_to_date(space)


def test_manifests_of_every_pin_are_rendered(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    bring_up_to_date(space)
    path = "argocd/environments/staging/wine/manifests.yaml"
    (space.root / path).unlink()
    assert look(space).stale == (path,)
    (space.root / path).write_text("# by hand\n")
    assert look(space).stale == (path,)
    (space.root / "specs/wine.yaml").write_text(spec_text(low=2, high=4))
    bring_up_to_date(space)
    assert "maxReplicas: 4" in (space.root / path).read_text()


def test_a_retired_model_leaves_nothing_behind(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    bring_up_to_date(space)
    (space.root / "specs/wine.yaml").unlink()
    found = look(space)
    assert found.leftover == (
        "argocd/environments/staging/wine/manifests.yaml",
        "argocd/environments/staging/wine/release.yaml",
    )
    tree.write(space.root, found)
    assert not (space.root / "argocd/environments/staging").exists()


def test_a_model_leaves_the_environments_its_spec_no_longer_names(space: Workspace, locked: Locker) -> None:
    locked(1)
    release(space, "wine")
    path = space.root / "specs/wine.yaml"
    path.write_text(path.read_text() + "  environments: [production]\n")
    assert "argocd/environments/staging/wine/release.yaml" in look(space).leftover


def test_an_environment_that_is_gone_takes_its_control_file_along(space: Workspace) -> None:
    bring_up_to_date(space)
    (space.root / "modelops.yaml").write_text(SETTINGS.split("  production:")[0])
    found = look(space)
    assert found.leftover == ("argocd/control/production.yaml",)


def test_files_of_other_hands_are_left_alone_and_named(space: Workspace) -> None:
    other = "argocd/environments/staging/wine/extra.yaml"
    (space.root / other).parent.mkdir(parents=True)
    (space.root / other).write_text("# mine\n")
    found = look(space)
    assert (found.foreign, found.leftover) == ((other,), ())
    tree.write(space.root, found)
    assert (space.root / other).read_text() == "# mine\n"


def test_every_damaged_pin_is_named_in_one_run(space: Workspace, locked: Locker) -> None:
    locked(1, image=None)
    (space.root / "specs/beer.yaml").write_text(spec_text("beer"))
    release(space, "wine")
    save(space, "Release 1")
    for name in ("wine", "beer"):
        path = space.release_dir("production", name) / "release.yaml"
        path.parent.mkdir(parents=True)
        text = (space.release_dir("staging", "wine") / "release.yaml").read_text()
        path.write_text(
            text.replace("environment: staging", "environment: production").replace("version: 1", "version: one")
        )
    broken = space.release_dir("production", "wine") / "release.yaml"
    broken.write_text(broken.read_text().replace("version: one", "version: 1"))
    with pytest.raises(InvalidFile) as caught:
        look(space)
    messages = [str(problem) for problem in caught.value.problems]
    assert any(
        "production/wine/release.yaml: production only runs images pinned by digest" in text for text in messages
    )
    assert any(text.startswith("argocd/environments/production/beer/release.yaml:4:") for text in messages)
