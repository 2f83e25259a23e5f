"""What `modelops propose` came to for one model."""

from __future__ import annotations

from typing import Literal

from modelops.records.base import Record
from modelops.records.drift import DriftRecord

Outcome = Literal["opened", "updated", "unchanged", "closed", "declined", "left alone", "snoozed", "waiting", "quiet"]


class Proposal(Record):
    """One look at one model.

    | outcome | meaning |
    |---|---|
    | opened, updated | a pull request with a trained candidate; `passed` says whether its gates hold |
    | unchanged | the open pull request shows this evidence already |
    | closed | the drift is gone, and so is the pull request |
    | declined | somebody closed it, and the drift is not materially worse since |
    | left alone | somebody pushed to its branch |
    | snoozed | the spec says not now |
    | waiting | a merged version is not promoted yet, and it does not drift |
    | quiet | nothing asks for a retrain, or there are no rows to tell |

    `commit` is the one that was pushed by this look, where one was: what a status belongs on.
    """

    model: str
    as_of: str
    outcome: Outcome
    reason: str
    drift: DriftRecord
    number: int | None = None
    url: str | None = None
    branch: str | None = None
    snapshot: str | None = None
    passed: bool | None = None
    commit: str | None = None
