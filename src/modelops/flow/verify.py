"""`modelops verify`: train a locked version again and compare every resolved value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modelops.core import digest
from modelops.core.console import step
from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.champion import ChampionVersion, find_version
from modelops.flow.lock import locked_data, resolved
from modelops.flow.rebuild import pinned
from modelops.flow.stages import Outcome, build_profile, package_model, resolve_data
from modelops.flow.stale import code_digest
from modelops.records.data import DataRecord
from modelops.records.evaluate import EvaluateRecord
from modelops.records.lock import Lock, Resolved
from modelops.records.train import TrainRecord
from modelops.release import lockfile
from modelops.spec.load import load_spec
from modelops.spec.model import Spec

# Elsewhere: figures may differ by this much, absolutely or as a share of the locked value, whichever is more.
TOLERANCE = 0.01
# Elsewhere: bytes of files and sentences that quote figures are not compared.
_NOT_ELSEWHERE = ("platform", "environment.", "model.digest", "model.bytes", "model.parity", "profile", "bento")
_MISSING = "nothing"


@dataclass(frozen=True)
class Difference:
    """One value of the lock that came out differently. `field` is its path, below `resolved` unless it says so."""

    field: str
    locked: Any
    again: Any

    def __str__(self) -> str:
        return f"{self.field}: locked {_shown(self.locked)}, now {_shown(self.again)}"


@dataclass(frozen=True)
class Verification:
    """What verifying a lock found.

    `exact` says whether values were compared exactly; `compared` how many of them.
    """

    model: str
    version: int
    differences: tuple[Difference, ...]
    exact: bool
    compared: int

    @property
    def holds(self) -> bool:
        """Whether the lock is what its spec, data and code resolve to."""
        return not self.differences


def verify(workspace: Workspace, name: str, *, elsewhere: bool = False) -> Verification:
    """Train a model again from its lock and compare all that it resolved to; nothing below `models/` is written.

    What is decided before training (spec, code, rows, parameters) is compared first: when it differs, everything
    after would, and nothing is trained.

    Parameters
    ----------
    workspace
        The repository.
    name
        The model.
    elsewhere
        Accept another platform or other library versions, and compare figures within `TOLERANCE`.

    Raises
    ------
    ModelopsError
        When there is no lock, it is damaged, or its champion is not in the history.
    """
    spec = load_spec(workspace.root, name)
    lock = lockfile.read(workspace.lock_path(name))
    if lock is None:
        raise ModelopsError(f"{name} has no lock to verify", hint=f"modelops run {name}")
    with step("rows"):
        data = resolve_data(workspace, spec, check=True)
    early = list(_before_training(workspace, spec, lock, data))
    if early:
        return Verification(name, lock.version, tuple(early), exact=True, compared=len(early))
    with step("train again"):
        trained = _train(workspace, spec, lock, data)
    with step("evaluate again"):
        evaluation = _evaluate(workspace, spec, lock, data, trained)
    with step("package again"):
        again = _resolved(workspace, spec, data, trained, evaluation)
    same_place = (trained.platform, trained.environment) == (lock.resolved.platform, lock.resolved.environment)
    locked, now = _flat(lock.resolved.model_dump(mode="json")), _flat(again.model_dump(mode="json"))
    folder = f"models/{name}"
    locked |= {f"{folder}/reference.json": lock.resolved.profile, f"{folder}/README.md": _card(spec, lock, evaluation)}
    now |= _files(workspace, name)
    tolerant = elsewhere and not same_place
    found = _differences(locked, now, tolerant=tolerant)
    return Verification(name, lock.version, tuple(found), not tolerant, len(locked))


def _before_training(workspace: Workspace, spec: Spec, lock: Lock, data: DataRecord) -> Iterator[Difference]:
    """Yield what differs in spec, code, rows and parameters, and a parent that is not the champion compared with."""
    locked = lock.resolved
    yield from _differences(_flat({"spec": locked.spec}), _flat({"spec": spec.section_digests()}))
    yield from _differences({"code": locked.code}, {"code": code_digest(workspace, spec.name)})
    now = locked_data(data).model_dump(mode="json")
    yield from _differences(_flat({"data": locked.data.model_dump(mode="json")}), _flat({"data": now}))
    yield from _parameters(spec, locked)
    yield from _parent(workspace, spec.name, lock)


def _parent(workspace: Workspace, name: str, lock: Lock) -> Iterator[Difference]:
    """Yield a parent that is not the champion that the candidate was compared with."""
    compared = lock.resolved.champion.resolved if lock.resolved.champion else None
    try:
        parent = find_version(workspace, name, lock.parent).lock.resolved_digest if lock.parent else None
    except ModelopsError:
        yield Difference("the lock's parent", lock.parent, "a lock that no commit holds")
        return
    if compared != parent:
        yield Difference("champion.resolved", compared, f"{parent}, which the lock's parent resolved to")


def _parameters(spec: Spec, locked: Resolved) -> Iterator[Difference]:
    """Yield parameters that are neither the spec's nor found by its search."""
    space = spec.train.search.space if spec.train.search else {}
    written = {key: value for key, value in spec.train.params.items() if key not in space}
    fixed = {key: value for key, value in locked.params.items() if key not in space}
    yield from _differences(_flat({"params": fixed}), _flat({"params": written}))
    for key in space:
        if key not in locked.params:
            yield Difference(f"params.{key}", _MISSING, "a value of the search space")


def _train(workspace: Workspace, spec: Spec, lock: Lock, data: DataRecord) -> TrainRecord:
    from modelops.train.run import train

    return train(_settled(spec, lock), data, workspace.root, workspace.store, refresh=True)


def _settled(spec: Spec, lock: Lock) -> Spec:
    """Return the spec with the locked parameters as its only trial: folds are scored again, nothing is searched."""
    search = spec.train.search
    if search is None:
        return pinned(spec, lock)
    space = {name: (lock.resolved.params[name],) for name in search.space}
    one = search.model_copy(update={"method": "grid", "trials": 1, "space": space})
    return spec.model_copy(update={"train": spec.train.model_copy(update={"search": one})})


def _evaluate(workspace: Workspace, spec: Spec, lock: Lock, data: DataRecord, trained: TrainRecord) -> EvaluateRecord:
    from modelops.evaluate.run import evaluate
    from modelops.flow.opponent import opponent

    version: ChampionVersion | None = find_version(workspace, spec.name, lock.parent) if lock.parent else None
    champion = opponent(workspace, spec, data, version) if version else None
    today = datetime.now(UTC).date()
    return evaluate(spec, data, trained, champion, workspace.store, today=today, refresh=True)


def _resolved(
    workspace: Workspace, spec: Spec, data: DataRecord, trained: TrainRecord, evaluation: EvaluateRecord
) -> Resolved:
    package = package_model(workspace, spec, trained)
    profile = build_profile(workspace, spec, data, trained, evaluation)
    return resolved(workspace, spec, Outcome(data, trained, evaluation, package, profile, seconds={}))


def _files(workspace: Workspace, name: str) -> dict[str, str]:
    """Return the digests of the files beside the lock, by path."""
    folder = workspace.model_dir(name)
    return {
        f"models/{name}/{file}": digest.of_file(folder / file) if (folder / file).is_file() else _MISSING
        for file in ("reference.json", "README.md")
    }


def _card(spec: Spec, lock: Lock, evaluation: EvaluateRecord) -> str:
    from modelops.report import card

    return digest.of_bytes(card.render(spec, lock, evaluation).encode())


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return the leaves of nested dicts and lists by their paths."""
    if isinstance(value, dict) and value:
        parts = [(f"{path}.{key}" if path else str(key), part) for key, part in value.items()]
    elif isinstance(value, list) and value:
        parts = [(f"{path}[{place}]", part) for place, part in enumerate(value)]
    else:
        return {path: value}
    return {leaf: found for inner, part in parts for leaf, found in _flat(part, inner).items()}


def _differences(locked: dict[str, Any], again: dict[str, Any], *, tolerant: bool = False) -> Iterator[Difference]:
    for field in dict.fromkeys([*locked, *again]):
        old, new = locked.get(field, _MISSING), again.get(field, _MISSING)
        if not (_close(field, old, new) if tolerant else _same(old, new)):
            yield Difference(field, old, new)


def _same(old: Any, new: Any) -> bool:
    return type(old) is type(new) and bool(old == new)


def _close(field: str, old: Any, new: Any) -> bool:
    if field.startswith(_NOT_ELSEWHERE) or field.endswith((".reason", "/README.md")):
        return True
    if isinstance(old, float) and isinstance(new, float):
        return abs(old - new) <= TOLERANCE * max(1.0, abs(old))
    return bool(old == new)


def _shown(value: Any) -> str:
    text = _MISSING if value is None else str(value)
    return text if len(text) <= 100 else f"{text[:97]}…"
