"""`modelops compare`: two versions or candidates side by side, and on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.champion import ChampionVersion, find_version, resolve
from modelops.flow.rebuild import rebuild
from modelops.flow.stages import resolve_data
from modelops.records.evaluate import Comparison
from modelops.release import lockfile, pins
from modelops.spec.load import load_spec, parse_spec

CANDIDATE, LOCK, CHAMPION = "candidate", "lock", "champion"


@dataclass(frozen=True)
class Sides:
    """Two versions, the older first, and the comparison of the second with the first."""

    first: ChampionVersion
    second: ChampionVersion
    paired: Comparison


def compare(workspace: Workspace, one: str, other: str | None = None) -> Sides:
    """Put two versions side by side.

    Parameters
    ----------
    workspace
        The repository.
    one, other
        `NAME@WHICH`, where WHICH is a version number, `champion`, `candidate` (the last one whose gates failed),
        `lock` (the working tree), an environment, or a git revision. A plain name alone means the champion and the
        newest of candidate and lock.

    Raises
    ------
    ModelopsError
        When one of them does not exist, or they are of different models.
    """
    name, which = _parted(one)
    if other is None:
        pair = [find(workspace, name, which or CHAMPION), _newest(workspace, name)]
    else:
        second, to_which = _parted(other)
        if second != name:
            raise ModelopsError(f"{name} and {second} are two models", hint="compare two versions of one")
        pair = [find(workspace, name, which or LOCK), find(workspace, name, to_which or LOCK)]
    first, last = sorted(pair, key=lambda version: version.lock.version)
    return Sides(first, last, _paired(workspace, first, last))


def _parted(text: str) -> tuple[str, str]:
    name, _, which = text.partition("@")
    return name, which


def _newest(workspace: Workspace, name: str) -> ChampionVersion:
    candidate = workspace.cache / "candidates" / name / "lock.yaml"
    return find(workspace, name, CANDIDATE if candidate.is_file() else LOCK)


def find(workspace: Workspace, name: str, which: str) -> ChampionVersion:
    """Return the version that a word names; its commit is empty when it is not committed.

    Raises
    ------
    ModelopsError
        When there is none.
    """
    if which == CHAMPION:
        version = resolve(workspace, name)
        if version is None:
            raise ModelopsError(f"{name} has no champion yet", hint=f"modelops run {name}, and commit its lock")
        return version
    if which in (LOCK, CANDIDATE):
        return _at_hand(workspace, name, which)
    if which in workspace.settings.environments:
        release = pins.read(workspace.release_dir(which, name) / pins.NAME)
        if release is None:
            raise ModelopsError(f"{which} does not run {name}", hint=f"modelops release {name} --to {which}")
        return find_version(workspace, name, release.lock)
    return _numbered(workspace, name, int(which)) if which.isdigit() else _at_revision(workspace, name, which)


def _at_hand(workspace: Workspace, name: str, which: str) -> ChampionVersion:
    folder = workspace.model_dir(name) if which == LOCK else workspace.cache / "candidates" / name
    lock = lockfile.read(folder / "lock.yaml")
    if lock is None:
        raise ModelopsError(f"{name} has no {which}", hint=f"modelops run {name}")
    text = (folder / "lock.yaml").read_text(encoding="utf-8")
    return ChampionVersion(lock, lockfile.digest(text), "", load_spec(workspace.root, name))


def versions(workspace: Workspace, name: str) -> list[ChampionVersion]:
    """Return every version of a model in the history of the current commit, the newest first, each once."""
    path, found = f"models/{name}/lock.yaml", dict[str, ChampionVersion]()
    for commit in workspace.git.commits(path):
        text, spec = workspace.git.show(commit, path), workspace.git.show(commit, f"specs/{name}.yaml")
        if text is None or spec is None or lockfile.digest(text) in found:
            continue
        lock, digest = lockfile.parse(text, path), lockfile.digest(text)
        found[digest] = ChampionVersion(lock, digest, commit, parse_spec(spec, f"specs/{name}.yaml"))
    return list(found.values())


def _numbered(workspace: Workspace, name: str, number: int) -> ChampionVersion:
    known = versions(workspace, name)
    match = next((version for version in known if version.lock.version == number), None)
    if match is None:
        numbers = ", ".join(str(version.lock.version) for version in reversed(known)) or "none"
        raise ModelopsError(f"{name} has no version {number} in its history", hint=f"there are: {numbers}")
    return match


def _at_revision(workspace: Workspace, name: str, revision: str) -> ChampionVersion:
    path = f"models/{name}/lock.yaml"
    text, spec = workspace.git.show(revision, path), workspace.git.show(revision, f"specs/{name}.yaml")
    if text is None or spec is None:
        words = ", ".join([CHAMPION, CANDIDATE, LOCK, *workspace.settings.environments])
        raise ModelopsError(
            f'no version "{revision}" of {name}', hint=f"name a version number, a git revision, or one of: {words}"
        )
    return ChampionVersion(
        lockfile.parse(text, path), lockfile.digest(text), revision, parse_spec(spec, f"specs/{name}.yaml")
    )


def _paired(workspace: Workspace, first: ChampionVersion, second: ChampionVersion) -> Comparison:
    from modelops.evaluate.run import paired
    from modelops.flow.opponent import opponent

    try:
        data = resolve_data(workspace, second.spec)
        trained = rebuild(workspace, second)
    except ModelopsError as error:
        lock = first.lock
        why = f"version {second.lock.version} cannot be made again: {error.message.rstrip('.')}"
        return Comparison(
            resolved=lock.resolved_digest,
            version=lock.version,
            snapshot=lock.resolved.data.snapshot,
            rows=0,
            metrics={},
            undecided=why,
        )
    champion = opponent(workspace, second.spec, data, first)
    return paired(second.spec, data, trained, champion, workspace.store)
