"""`modelops plan`: what changed against a commit, and which stages must run.

Data is only opened where it must be read again anyway, to say at once what a run would say after minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from modelops.core.errors import InvalidFile, ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow import stale
from modelops.flow.champion import compared_with_another
from modelops.release import lockfile
from modelops.spec.load import load_all
from modelops.spec.model import Spec


@dataclass(frozen=True)
class PlannedModel:
    """What one model needs.

    `stages` is empty when the lock is up to date; `changed` says whether a file of the model differs from the
    base commit, None without one; `libraries` maps a library to its locked and installed versions where they differ.
    """

    model: str
    stages: tuple[str, ...]
    reasons: tuple[str, ...]
    changed: bool | None
    runs_on: str
    libraries: dict[str, tuple[str, str]]

    @property
    def selected(self) -> bool:
        """Whether it must run: what is not up to date, or in a pull request what that touches.

        A lock that was not up to date on the base already must not fail a pull request about something else.
        """
        return bool(self.stages) if self.changed is None else self.changed


def plan(workspace: Workspace, names: list[str], base: str | None = None) -> list[PlannedModel]:
    """Return what each model needs.

    Raises
    ------
    ModelopsError
        When a spec is wrong, does not fit its data, or the base commit does not exist.
    """
    changed = changed_models(workspace, base) if base else None
    specs = load_all(workspace.root)
    models = [_planned(workspace, specs[name], None if changed is None else name in changed) for name in names]
    _check_data(workspace, [specs[model.model] for model in models if model.selected and "data" in model.stages])
    return models


def _check_data(workspace: Workspace, specs: list[Spec]) -> None:
    """Make sure that sources exist, and queries return the columns used, of models whose sources are all here.

    Sources elsewhere are left to the run: the job that plans has no credentials.
    """
    here = [
        spec for spec in specs if all(isinstance(one, str) and "://" not in one for one in spec.data.sources.values())
    ]
    if not here:
        return
    from modelops.data.check import check  # imports DuckDB

    problems = [
        problem
        for spec in here
        for problem in check(spec, workspace.root, f"specs/{spec.name}.yaml", data_root=workspace.data_root)
    ]
    if problems:
        raise InvalidFile(problems)


def _planned(workspace: Workspace, spec: Spec, changed: bool | None) -> PlannedModel:
    lock = lockfile.read(workspace.lock_path(spec.name))
    found = stale.reasons(workspace, spec, lock)
    if lock and not found and changed and compared_with_another(workspace, spec.name, lock):
        found = (stale.Reason("evaluate", "the champion is another one now"),)
    return PlannedModel(
        model=spec.name,
        stages=stale.stages_after(found),
        reasons=tuple(reason.text for reason in found),
        changed=changed,
        runs_on=spec.train.runs_on,
        libraries=stale.changed_libraries(lock) if lock else {},
    )


def changed_models(workspace: Workspace, base: str) -> frozenset[str]:
    """Return the models with a file that differs between a commit and the working tree.

    Raises
    ------
    ModelopsError
        When the commit does not exist.
    """
    done = workspace.git.run("diff", "--name-only", "-z", base, "--", "specs", "models", check=False)
    if done.returncode != 0:
        raise ModelopsError(f'git knows no commit "{base}"', hint="fetch it, or give another --base")
    untracked = workspace.git.changed("specs", "models")
    paths = [PurePosixPath(path) for path in (*done.stdout.split("\0"), *untracked) if path]
    specs = {path.stem for path in paths if path.parts[0] == "specs"}
    return frozenset(specs | {path.parts[1] for path in paths if path.parts[0] == "models" and len(path.parts) > 2})
