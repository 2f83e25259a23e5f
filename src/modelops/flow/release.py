"""`release`, `promote` and `rollback`: what an environment runs, moved in this working tree."""

from __future__ import annotations

import difflib

from modelops.core.errors import GatesFailed, ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow import stale
from modelops.records.evaluate import holds
from modelops.records.lock import Lock
from modelops.release import history, lockfile, manifests, pins
from modelops.release.move import Move, environment_before, first_environment, place, require_environment
from modelops.spec.load import load_spec
from modelops.spec.model import Spec


def release(workspace: Workspace, name: str, environment: str | None = None) -> Move:
    """Let an environment, the first by default, run the locked version.

    Raises
    ------
    ModelopsError
        When there is no lock, it is not of today's spec, a gate failed, the environment refuses it, or files to write
        have uncommitted changes.
    """
    spec = load_spec(workspace.root, name)
    target = environment or first_environment(workspace.settings, spec)
    require_environment(workspace.settings, spec, target)
    _require_git(workspace)
    lock, digest = current_lock(workspace, spec)
    notes = _skipped(workspace, spec, target, lock) + _unsaved(workspace, name)
    return place(workspace, spec, pins.pin(lock, digest, name, target), *notes)


def current_lock(workspace: Workspace, spec: Spec) -> tuple[Lock, str]:
    """Return the model's lock and its digest, if it may be released.

    Raises
    ------
    ModelopsError
        When there is none, it is not of today's spec and code, or a gate failed.
    """
    path = workspace.lock_path(spec.name)
    lock = lockfile.read(path)
    hint = f"modelops run {spec.name}"
    if lock is None:
        raise ModelopsError(f"{spec.name} has no locked version yet", hint=hint)
    found = stale.reasons(workspace, spec, lock)
    if found:
        why = ", ".join(reason.text for reason in found)
        raise ModelopsError(f"version {lock.version} of {spec.name} is not what its spec says now: {why}", hint=hint)
    if not lock.passed:
        gates = lock.gates
        failed = "; ".join(f"{gate.gate} ({gate.reason})" for gate in gates if not holds(gate))
        raise GatesFailed(f"version {lock.version} of {spec.name} did not pass its gates: {failed}")
    return lock, lockfile.digest(path.read_text(encoding="utf-8"))


def _skipped(workspace: Workspace, spec: Spec, target: str, lock: Lock) -> tuple[str, ...]:
    if target == first_environment(workspace.settings, spec):
        return ()
    before = environment_before(workspace.settings, spec, target)
    pin = pins.read(workspace.release_dir(before, spec.name) / pins.NAME)
    if pin is not None and pin.version == lock.version:
        return ()
    return (f"{before} does not run version {lock.version}: {target} gets it untried",)


def _unsaved(workspace: Workspace, name: str) -> tuple[str, ...]:
    if not workspace.git.changed(workspace.lock_path(name).relative_to(workspace.root).as_posix()):
        return ()
    return (f"models/{name}/lock.yaml is not committed: commit it with the release, which names it by digest",)


def promote(workspace: Workspace, name: str, environment: str) -> Move:
    """Let an environment run exactly what the one before it runs.

    Raises
    ------
    ModelopsError
        When the environment before it runs nothing yet, or the pin there or here has uncommitted changes.
    """
    spec = load_spec(workspace.root, name)
    require_environment(workspace.settings, spec, environment)
    _require_git(workspace)
    source = environment_before(workspace.settings, spec, environment)
    path = workspace.release_dir(source, name) / pins.NAME
    pin = pins.read(path)
    if pin is None:
        raise ModelopsError(f"{source} runs no version of {name} yet", hint=f"modelops release {name} --to {source}")
    relative = path.relative_to(workspace.root).as_posix()
    if workspace.git.changed(relative):
        raise ModelopsError(
            f"{relative} has uncommitted changes: {source} does not run version {pin.version} yet",
            hint="commit and merge it first, then promote",
        )
    return place(workspace, spec, pin.model_copy(update={"environment": environment}))


def rollback(workspace: Workspace, name: str, environment: str, version: int | None = None) -> Move:
    """Let an environment run what it ran before, or the given version that it ran once.

    The pin comes back exactly. Manifests are rendered from it with today's spec and platform settings: identical to
    those of then unless `serve` or `modelops.yaml` changed since, which the notes then show.

    Raises
    ------
    ModelopsError
        When nothing ran before, the history is cut off, or files to write have uncommitted changes.
    """
    spec = load_spec(workspace.root, name)
    require_environment(workspace.settings, spec, environment)
    _require_git(workspace)
    history.require_whole(workspace.git)
    folder = workspace.release_dir(environment, name).relative_to(workspace.root).as_posix()
    known = history.changes(workspace.git, folder)
    target = history.previous(known) if version is None else history.with_version(known, version)
    if target is None:
        raise ModelopsError(*_nothing_before(name, environment, known, version))
    rendered = manifests.render(spec, workspace.settings, target.release)
    then = workspace.git.show(target.commit, f"{folder}/{manifests.NAME}")
    return place(workspace, spec, target.release, *_differences(target.date[:10], then, rendered))


def _nothing_before(name: str, environment: str, known: list[history.Change], version: int | None) -> tuple[str]:
    ran = sorted({change.release.version for change in known})
    if not ran:
        return (f"{environment} never ran a version of {name} in the history of this branch",)
    listed = ", ".join(str(number) for number in ran)
    if version is not None:
        return (f"{environment} never ran version {version} of {name}; it ran: {listed}",)
    others = f"; it ran: {listed} (choose with --version)" if len(ran) > 1 else ""
    return (f"{environment} ran nothing before version {known[0].release.version} of {name}{others}",)


def _differences(day: str, then: str | None, rendered: str) -> tuple[str, ...]:
    if then is None or then == rendered:
        return ()
    lines = difflib.unified_diff(then.splitlines(), rendered.splitlines(), lineterm="", n=0)
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return (
        f"the manifests are not those of {day}: serve or modelops.yaml changed since, and stays as it is",
        *(f"  {line}" for line in changed),
    )


def _require_git(workspace: Workspace) -> None:
    if workspace.git.head() is None:
        raise ModelopsError(
            f"{workspace.root} is not a git repository with a commit",
            hint="run git init, git add --all and git commit: what runs where is decided by history",
        )
