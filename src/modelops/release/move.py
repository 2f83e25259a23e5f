"""Moving a pin: write it with its manifests, or refuse, and say what changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic
from modelops.core.settings import Settings
from modelops.core.workspace import Workspace
from modelops.records.release import Release
from modelops.release import manifests, pins
from modelops.spec.model import Spec


@dataclass(frozen=True)
class Move:
    """One environment's pin before and after.

    `changed` is False when pin and manifests were in place already. `notes` are sentences for the user.
    """

    before: Release | None
    after: Release
    changed: bool
    notes: tuple[str, ...] = ()


def place(workspace: Workspace, spec: Spec, release: Release, *notes: str) -> Move:
    """Write a pin and the manifests rendered from it, unless both are there already.

    Raises
    ------
    ModelopsError
        When the environment refuses the version, or files to write have uncommitted changes.
    """
    folder = workspace.release_dir(release.environment, release.model)
    # The pin last: from the moment it is there, its manifests are.
    texts = {
        folder / manifests.NAME: manifests.render(spec, workspace.settings, release),
        folder / pins.NAME: pins.dumps(release),
    }
    before = _runs(folder / pins.NAME)
    stale = {path: text for path, text in texts.items() if not _holds(path, text)}
    _refuse_unsaved(workspace, list(stale))
    for path, text in stale.items():
        write_atomic(path, text)
    return Move(before, release, bool(stale), notes)


def _runs(path: Path) -> Release | None:
    return pins.read(path)


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _refuse_unsaved(workspace: Workspace, paths: list[Path]) -> None:
    names = [path.relative_to(workspace.root).as_posix() for path in paths]
    unsaved = workspace.git.changed(*names) if names else []
    if unsaved:
        raise ModelopsError(
            f"uncommitted changes in {', '.join(unsaved)}",
            hint="commit them, or take the committed files back with git checkout (git clean for new ones)",
        )


def environment_before(settings: Settings, spec: Spec, environment: str) -> str:
    """Return the environment that a model passes before this one.

    Raises
    ------
    ModelopsError
        When this is the first one.
    """
    order = [name for name in settings.environments if spec.serve.runs_in(name)]
    place_of = order.index(environment)
    if place_of == 0:
        raise ModelopsError(
            f"{environment} is the first environment of {spec.name}: nothing comes before it",
            hint=f"modelops release {spec.name} --to {environment}",
        )
    return order[place_of - 1]


def require_environment(settings: Settings, spec: Spec, environment: str) -> None:
    """Refuse an environment that does not exist or that the model does not run in.

    Raises
    ------
    ModelopsError
        In either case.
    """
    if environment not in settings.environments:
        raise ModelopsError(
            f'no environment "{environment}" in modelops.yaml', hint=f"there are: {', '.join(settings.environments)}"
        )
    if not spec.serve.runs_in(environment):
        raise ModelopsError(
            f"{spec.name} does not run in {environment}",
            hint=f"add {environment} to serve.environments in specs/{spec.name}.yaml",
        )


def first_environment(settings: Settings, spec: Spec) -> str:
    """Return the first environment, in promotion order, that a model runs in.

    Raises
    ------
    ModelopsError
        When it runs in none.
    """
    for name in settings.environments:
        if spec.serve.runs_in(name):
            return name
    raise ModelopsError(
        f"{spec.name} runs in no environment of modelops.yaml",
        hint=f"correct serve.environments in specs/{spec.name}.yaml: there are {', '.join(settings.environments)}",
    )
