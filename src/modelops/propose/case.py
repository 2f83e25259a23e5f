"""Everything a proposal is argued with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelops.core.settings import Settings
from modelops.records.drift import DriftRecord
from modelops.records.lock import Lock
from modelops.spec.model import Spec


@dataclass(frozen=True)
class Case:
    """The evidence for one retrain.

    `spec` is the candidate's. `environment` is the one whose pin moves with the merge, None where none does
    (`refusal` says why). `reason` is the decision's, as a sentence.
    """

    spec: Spec
    settings: Settings
    drift: DriftRecord
    reason: str
    candidate: Lock
    champion: Lock
    environment: str | None
    refusal: str = ""

    @property
    def mergeable(self) -> bool:
        """Whether every gate lets the candidate through."""
        return self.candidate.passed

    @property
    def branch(self) -> str:
        """The proposal's branch."""
        return f"retrain/{self.spec.name}"

    def metadata(self, evidence: str) -> Mapping[str, Any]:
        """Return what the next run must find again in the pull request."""
        return {
            "model": self.spec.name,
            "snapshot": self.spec.data.snapshot,
            "evidence": evidence,
            "lock": self.drift.lock,
            "triggers": sorted(trigger.kind for trigger in self.drift.triggers),
            "score": self.drift.score,
            "severity": self.drift.severity,
            "age": max((trigger.value for trigger in self.drift.triggers if trigger.kind == "age"), default=None),
            "mergeable": self.mergeable,
        }

    def hides(self, column: str | None) -> bool:
        """Return whether a column's values must not show."""
        return column in self.spec.data.columns and self.spec.data.columns[column].sensitive
