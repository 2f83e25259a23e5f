"""What a lock no longer matches, and therefore which stages must run. Reads no data and imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from modelops.core import digest
from modelops.core.workspace import Workspace
from modelops.records.lock import Lock
from modelops.spec.model import SECTIONS, Spec

STAGES = ("data", "train", "evaluate", "package", "lock")
CHANGED = {section: f"{section} of the spec" for section in SECTIONS} | {"train": "train or evaluate.split of the spec"}
# The first stage that a changed section of the spec makes stale; the ones after it follow.
FIRST_STAGE = {"data": "data", "features": "train", "train": "train", "evaluate": "evaluate", "serve": "lock"}


@dataclass(frozen=True)
class Reason:
    """Why a stage must run."""

    stage: str
    text: str


def code_digest(workspace: Workspace, name: str) -> str:
    """Return the digest of the model's own code, `models/<model>/*.py`."""
    folder = workspace.model_dir(name)
    return digest.of_tree(folder, folder.glob("*.py"))


def reasons(workspace: Workspace, spec: Spec, lock: Lock | None) -> tuple[Reason, ...]:
    """Return everything in which spec, code and sibling files differ from the lock; empty when nothing does."""
    if lock is None:
        return (Reason("data", "never locked"),)
    found = [
        Reason(FIRST_STAGE[section], f"{CHANGED[section]} changed")
        for section, value in spec.section_digests().items()
        if lock.resolved.spec.get(section) != value
    ]
    if lock.resolved.code != code_digest(workspace, spec.name):
        found.append(Reason("train", f"models/{spec.name}/*.py changed"))
    if not profile_whole(workspace, spec.name, lock):
        found.append(Reason("lock", f"models/{spec.name}/reference.json is missing or is not the one that was locked"))
    return tuple(found)


def profile_whole(workspace: Workspace, name: str, lock: Lock) -> bool:
    """Return whether the profile beside a lock is the one that it names."""
    profile = workspace.model_dir(name) / "reference.json"
    return profile.is_file() and digest.of_file(profile) == lock.resolved.profile


def stages_after(found: tuple[Reason, ...]) -> tuple[str, ...]:
    """Return the stages that must run: from the earliest stale one to the end."""
    if not found:
        return ()
    first = min(STAGES.index(reason.stage) for reason in found)
    return STAGES[first:]


def changed_libraries(lock: Lock) -> dict[str, tuple[str, str]]:
    """Return the libraries whose version differs from the lock's: name to (locked, installed)."""
    libraries = {name: locked for name, locked in lock.resolved.environment.items() if name != "python"}
    pairs = {name: (locked, installed(name)) for name, locked in libraries.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@cache
def installed(package: str) -> str:
    """Return the version of a package that is installed here."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
