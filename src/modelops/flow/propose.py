"""`modelops propose`: from drift to one retrain pull request per model, born finished.

Everything happens in a temporary working tree made from the base branch of origin: the user's own is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from modelops.core import digest
from modelops.core.console import step
from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic
from modelops.core.forge import Forge, PullRequest, connect
from modelops.core.workspace import Workspace
from modelops.core.worktree import worktree_at
from modelops.flow.branch import Branch, fetch_base, push, write_commit
from modelops.flow.champion import base_lock_digest, find_version
from modelops.flow.drift import compare, drift
from modelops.flow.exclusive import exclusive
from modelops.flow.run import RunResult, run
from modelops.flow.watched import subject
from modelops.propose import body
from modelops.propose.case import Case
from modelops.propose.decide import CLOSED_BY_TOOL, Decision, decide
from modelops.propose.snapshot import move_snapshot
from modelops.records.drift import DriftRecord
from modelops.records.proposal import Outcome, Proposal
from modelops.release.move import Move
from modelops.spec.load import load_settings, load_spec


def branch_of(model: str) -> str:
    """Return the branch of a model's proposal."""
    return f"retrain/{model}"


def propose(workspace: Workspace, name: str, as_of: date) -> Proposal:
    """Open, update or close a model's retrain proposal, or leave it as it is.

    Parameters
    ----------
    as_of : date
        The last day (UTC, inclusive) of data that is looked at, and the snapshot that is proposed.

    Raises
    ------
    ModelopsError
        Without an origin, when the data breaks its contract, or when training fails. Nothing is pushed then.
    """
    forge = connect(workspace.settings, workspace.git)
    base = fetch_base(workspace.git, workspace.settings.branch)
    folder = workspace.cache / "worktrees" / name
    with exclusive(workspace.cache, f"propose-{name}"), worktree_at(workspace.git, base, folder) as git:
        tree = Workspace(git.root, load_settings(git.root), main=workspace.data_root)
        return _Attempt(tree, name, as_of, forge, base).go()


@dataclass(frozen=True)
class _Attempt:
    """One attempt in its own working tree, which is at the tip of the base branch."""

    tree: Workspace
    name: str
    as_of: date
    forge: Forge
    base: str

    @property
    def branch(self) -> str:
        return branch_of(self.name)

    def go(self) -> Proposal:
        record = self._look()
        pull = self.forge.find(self.branch)
        pushed = Branch.read(self.tree.git, self.branch, self.base)
        evidence = self._evidence(record)
        spec = load_spec(self.tree.root, self.name)
        decision = decide(
            record, spec.monitor, pull, evidence, foreign=pushed is not None and pushed.foreign, as_of=self.as_of
        )
        if decision.step == "propose":
            promoted = self._merged_and_quiet(record)
            if promoted:
                return self._proposal(record, "waiting", promoted, None)
            return self._propose(record, decision, evidence, pull, pushed)
        if decision.step == "close":
            return self._close(record, decision, pull)
        return self._proposal(record, decision.step, decision.reason, pull)

    def _merged_and_quiet(self, record: DriftRecord) -> str:
        """Return why a promotion is what is missing, empty when it is not."""
        merged = base_lock_digest(self.tree, self.name)
        if merged is None or merged == record.lock:
            return ""
        version = find_version(self.tree, self.name, merged)
        if compare(self.tree, version, self.as_of).found:
            return ""
        return (
            f"version {record.version} drifts, but version {version.lock.version} is merged already and does not: "
            "promote it, or revert it to get a proposal"
        )

    def _look(self) -> DriftRecord:
        with step(f"drift {self.name}") as running:
            record = drift(self.tree, self.name, self.as_of, report=False)
            running.result = record.note or f"{record.score:.0%} of the columns drifted"
        return record

    def _evidence(self, record: DriftRecord) -> str:
        """Return the digest of everything a proposal is made from: the drift and the model's files on the base."""
        listing = self.tree.git.out("ls-tree", self.base, "modelops.yaml", *self._paths(existing=False))
        return digest.of_value({"drift": record.model_dump(mode="json", exclude={"report"}), "base": listing})

    def _paths(self, *, existing: bool = True) -> list[str]:
        """Return what belongs to the model: what is there now, or all of it."""
        folders = [self.tree.release_dir(environment, self.name) for environment in self.tree.settings.environments]
        paths = [self.tree.spec_path(self.name), self.tree.model_dir(self.name), *folders]
        return [path.relative_to(self.tree.root).as_posix() for path in paths if path.exists() or not existing]

    def _propose(
        self, record: DriftRecord, decision: Decision, evidence: str, pull: PullRequest | None, pushed: Branch | None
    ) -> Proposal:
        self._move_snapshot()
        result = run(self.tree, self.name)
        move, refusal = self._release(result)
        case = self._case(record, decision, result, move, refusal)
        title = body.title(case)
        commit = write_commit(self.tree.git, self.base, f"{title}\n\n{decision.reason}", self._paths())
        push(self.tree.git, self.branch, commit, pushed)
        metadata = case.metadata(evidence)
        opened = self.forge.open(self.branch, self.tree.settings.branch, title, body.render(case), metadata)
        updated = pull is not None and pull.number == opened.number
        proposal = self._proposal(record, "updated" if updated else "opened", decision.reason, opened)
        return proposal.model_copy(
            update={"snapshot": self.as_of.isoformat(), "passed": result.passed, "commit": commit}
        )

    def _move_snapshot(self) -> None:
        path = self.tree.spec_path(self.name)
        shown = path.relative_to(self.tree.root).as_posix()
        write_atomic(path, move_snapshot(path.read_text(encoding="utf-8"), shown, self.as_of.isoformat()))

    def _release(self, result: RunResult) -> tuple[Move | None, str]:
        """Move the first environment's pin in the proposal's branch; return the move, or why there is none."""
        from modelops.flow.release import release

        if not result.passed:
            return None, "a gate failed"
        try:
            return release(self.tree, self.name), ""
        except ModelopsError as error:
            # An image that is built later moves the pin later: the candidate itself is good.
            return None, error.message

    def _case(
        self, record: DriftRecord, decision: Decision, result: RunResult, move: Move | None, refusal: str
    ) -> Case:
        champion = subject(self.tree, self.name)
        return Case(
            spec=load_spec(self.tree.root, self.name),
            settings=self.tree.settings,
            drift=record,
            reason=decision.reason,
            candidate=result.lock,
            champion=champion.lock,
            environment=move.after.environment if move else None,
            refusal=refusal,
        )

    def _close(self, record: DriftRecord, decision: Decision, pull: PullRequest | None) -> Proposal:
        if pull is None:
            return self._proposal(record, "quiet", decision.reason, None)
        # The mark first: a pull request that this tool closed must not count as somebody's no.
        metadata = {**pull.metadata, CLOSED_BY_TOOL: decision.reason}
        self.forge.open(pull.branch, pull.base, pull.title, pull.body, metadata)
        closed = self.forge.close(pull.number, body.closing_note(decision.reason))
        return self._proposal(record, "closed", decision.reason, closed)

    def _proposal(self, record: DriftRecord, outcome: Outcome, reason: str, pull: PullRequest | None) -> Proposal:
        return Proposal(
            model=self.name,
            as_of=self.as_of.isoformat(),
            outcome=outcome,
            reason=reason,
            drift=record,
            number=pull.number if pull else None,
            url=pull.url if pull else None,
            branch=self.branch if pull else None,
        )
