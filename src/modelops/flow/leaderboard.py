"""`modelops leaderboard`: every version of a model, the best first."""

from __future__ import annotations

from dataclasses import dataclass

from modelops.core.workspace import Workspace
from modelops.flow.compare import versions
from modelops.records.lock import Lock
from modelops.release import lockfile, pins
from modelops.spec.evaluation import LOWER_IS_BETTER
from modelops.spec.load import load_spec


@dataclass(frozen=True)
class Entry:
    """One version. `since` is when its lock was committed, empty before; `runs_in` names environments."""

    model: str
    lock: Lock
    digest: str
    since: str
    runs_in: tuple[str, ...]


def leaderboard(workspace: Workspace, name: str, metric: str | None = None) -> tuple[str, list[Entry]]:
    """Return the metric that ranks, and every version in the history or at hand, the best first.

    Each version is ranked by its own test rows; only `modelops compare` puts two of them on the same rows.

    Raises
    ------
    ModelopsError
        When the spec or a lock is damaged.
    """
    ranked_by = metric or load_spec(workspace.root, name).metrics[0]
    pinned = {
        environment: pins.read(workspace.release_dir(environment, name) / pins.NAME)
        for environment in workspace.settings.environments
    }
    entries = []
    for digest, (lock, since) in _locks(workspace, name).items():
        runs_in = tuple(place for place, release in pinned.items() if release and release.lock == digest)
        entries.append(Entry(name, lock, digest, since, runs_in))
    return ranked_by, sorted(entries, key=lambda entry: (_rank(entry.lock, ranked_by), -entry.lock.version))


def _locks(workspace: Workspace, name: str) -> dict[str, tuple[Lock, str]]:
    """Every lock by its digest, with the time of its commit."""
    git = workspace.git
    found = {}
    for version in versions(workspace, name) if git.head() else []:
        since = git.out("log", "-1", "--format=%cI", version.commit)
        found[version.digest] = (version.lock, since)
    for folder in (workspace.model_dir(name), workspace.cache / "candidates" / name):
        lock = lockfile.read(folder / "lock.yaml")
        if lock is not None:
            text = (folder / "lock.yaml").read_text(encoding="utf-8")
            found.setdefault(lockfile.digest(text), (lock, ""))
    return found


def _rank(lock: Lock, metric: str) -> float:
    """Smaller is better; versions without the metric come last."""
    estimate = lock.resolved.metrics.get(metric)
    if estimate is None or estimate.value is None:
        return float("inf")
    return estimate.value if metric in LOWER_IS_BETTER else -estimate.value
