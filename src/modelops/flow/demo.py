"""The whole loop on the flights data, chapter by chapter, in a scratch repository.

Every chapter does what a person would do with the verbs, and returns the sentence that sums it up; the flow test runs
the same chapters and looks at what they leave behind.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from modelops.core.errors import GatesFailed, ModelopsError
from modelops.core.forge import LocalForge, PullRequest, origin_folder
from modelops.core.workspace import Workspace
from modelops.flow.drift import drift
from modelops.flow.one import packaged
from modelops.flow.propose import propose
from modelops.flow.release import promote, release, rollback
from modelops.flow.run import run
from modelops.records.evaluate import holds
from modelops.release import lockfile, pins

MODEL = "flight-delay"
AS_OF = date(2013, 7, 31)
T = TypeVar("T")


def needed(value: T | None, what: str) -> T:
    """Return a value that an earlier chapter must have left.

    Raises
    ------
    ModelopsError
        When it did not, which means that the data in this fork tells another story.
    """
    if value is None:
        raise ModelopsError(f"the story cannot go on: there is not {what}", hint="were the spec or the data changed?")
    return value


@dataclass
class Story:
    """The demo's repository, and what later chapters need from earlier ones."""

    workspace: Workspace
    proposal: PullRequest | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """The environment that pull requests release to."""
        return next(iter(self.workspace.settings.environments))

    @property
    def last(self) -> str:
        """Production."""
        return list(self.workspace.settings.environments)[-1]

    @property
    def forge(self) -> LocalForge:
        """The bare repository's pull requests."""
        return LocalForge(origin_folder(self.workspace.git))

    def save(self, message: str) -> None:
        """Commit everything and push it, as a merged pull request would."""
        self.workspace.git.commit(message, "models", "argocd", "specs")
        self.workspace.git.run("push", "--quiet", "origin", self.workspace.settings.branch)


@dataclass(frozen=True)
class Chapter:
    """One part of the story: the command that a person would type, and what does it here."""

    title: str
    command: str
    tell: Callable[[Story], str]


def train_first(story: Story) -> str:
    """Lock the first version: January to March 2013."""
    result = run(story.workspace, MODEL)
    if not result.passed:
        failed = [gate for gate in result.lock.gates if not holds(gate)]
        raise GatesFailed("; ".join(f"{gate.gate}: {gate.reason}" for gate in failed))
    story.save(f"Lock {MODEL} version {result.lock.version}")
    auc = result.lock.resolved.metrics["roc_auc"]
    interval = f"[{auc.low:.3f}, {auc.high:.3f}]"
    return f"version {result.lock.version}: ROC AUC {auc.value:.3f} {interval}, {len(result.lock.gates)} gates hold"


def ask(story: Story) -> str:
    """Serve the Bento and send it a real request."""
    from modelops.package import bento
    from modelops.package.server import running

    record = packaged(story.workspace, MODEL).record
    row = first_row(story.workspace)
    with running(bento.folder(story.workspace.cache, record.tag)) as url:
        request = urllib.request.Request(  # noqa: S310 - a server that was just started on this machine
            f"{url}/predict", json.dumps({"rows": [row]}).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            text = answer.read().decode()
    story.facts["request"] = json.dumps({"rows": [row]})
    story.facts["answer"] = text
    return f"POST /predict answered {text}"


def first_row(workspace: Workspace) -> dict[str, object]:
    """Return the first row of the model's data as a request carries it: missing values are null."""
    from modelops.data.frame import read
    from modelops.flow.stages import resolve_data
    from modelops.spec.load import load_spec

    spec = load_spec(workspace.root, MODEL)
    frame = read(workspace.store, resolve_data(workspace, spec))[list(spec.features.columns)].head(1)
    row: dict[str, object] = json.loads(frame.to_json(orient="records"))[0]
    return row


def release_first(story: Story) -> str:
    """Let both environments run the first version."""
    release(story.workspace, MODEL, story.first)
    story.save(f"Release {MODEL} to {story.first}")
    promote(story.workspace, MODEL, story.last)
    story.save(f"Promote {MODEL} to {story.last}")
    return f"{story.first} and {story.last} run version 1"


def look(story: Story) -> str:
    """Look at the data up to the end of July."""
    record = drift(story.workspace, MODEL, AS_OF)
    moved = [column.column for column in record.columns if column.drifted]
    return f"drift in {', '.join(moved)} (by importance)"


def ask_for_review(story: Story) -> str:
    """Propose a retrain: a branch with a one-line change of the spec, already trained and compared."""
    outcome = propose(story.workspace, MODEL, AS_OF)
    branch = needed(outcome.branch, "a pull request")
    proposal = story.proposal = needed(story.forge.find(branch), "a pull request")
    if not outcome.passed:
        raise GatesFailed(f"the candidate did not pass its gates: {outcome.reason}", hint=f"read {proposal.url}")
    text = needed(story.workspace.git.show(f"origin/{branch}", f"models/{MODEL}/lock.yaml"), "a lock on it")
    comparison = needed(lockfile.parse(text, "lock.yaml").resolved.champion, "a comparison with the champion")
    auc = comparison.metrics["roc_auc"]
    return (
        f"#{proposal.number} {proposal.title}: ROC AUC {auc.champion:.3f} → {auc.candidate:.3f} "
        f"on the same {comparison.rows:,} rows, difference [{auc.low:+.3f}, {auc.high:+.3f}]"
    )


def merge(story: Story) -> str:
    """Merge it, as a reviewer would."""
    story.forge.merge(needed(story.proposal, "a pull request").number)
    story.workspace.git.run("pull", "--quiet", "--ff-only", "origin", story.workspace.settings.branch)
    pin = needed(pins.read(story.workspace.release_dir(story.first, MODEL) / pins.NAME), "a pin")
    return f"merged; {story.first} runs version {pin.version} with snapshot {pin.snapshot}"


def promote_second(story: Story) -> str:
    """Let production run what staging runs."""
    move = promote(story.workspace, MODEL, story.last)
    story.save(f"Promote {MODEL} version {move.after.version} to {story.last}")
    return f"{story.last} runs version {move.after.version}"


def roll_back(story: Story) -> str:
    """Let production run what it ran before."""
    move = rollback(story.workspace, MODEL, story.last)
    story.save(f"Roll {MODEL} back to version {move.after.version} in {story.last}")
    return f"{story.last} runs version {move.after.version} again, manifests byte for byte as they were"


CHAPTERS = (
    Chapter("Train, evaluate, package and lock", f"modelops run {MODEL}", train_first),
    Chapter("Serve it and ask", f"modelops serve {MODEL}", ask),
    Chapter("Release it", f"modelops release {MODEL} --to staging", release_first),
    Chapter("Months later, look at new data", f"modelops drift {MODEL} --as-of {AS_OF}", look),
    Chapter("Propose a retrain", f"modelops propose {MODEL} --as-of {AS_OF}", ask_for_review),
    Chapter("Merge the pull request", "git merge", merge),
    Chapter("Promote to production", f"modelops promote {MODEL} --to production", promote_second),
    Chapter("Roll production back", f"modelops rollback {MODEL} --in production", roll_back),
)
