"""The champion made ready for a fair comparison."""

from __future__ import annotations

from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.evaluate.champion import Champion
from modelops.flow.champion import ChampionVersion
from modelops.flow.rebuild import model_of
from modelops.flow.stages import resolve_data
from modelops.records.data import DataRecord
from modelops.spec.model import Spec


def opponent(workspace: Workspace, candidate: Spec, data: DataRecord, version: ChampionVersion) -> Champion:
    """Return the champion with its model folder, and the candidate's rows through the champion's own query.

    A champion that cannot be made again, or whose query no longer works, makes the comparison undecided: that fails
    its gates with the reason, and hides no other evidence.
    """
    try:
        folder = model_of(workspace, version)
        rows = resolve_data(workspace, seen_by(version.spec, candidate))
    except ModelopsError as error:
        why = error.message.rstrip(".")
        return Champion(version.lock, version.digest, version.spec, workspace.cache, data, unavailable=why)
    return Champion(version.lock, version.digest, version.spec, folder, rows)


def seen_by(champion: Spec, candidate: Spec) -> Spec:
    """Return the champion's spec, looking at the candidate's snapshot and window."""
    window = {"snapshot": candidate.data.snapshot, "window": candidate.data.window}
    return champion.model_copy(update={"data": champion.data.model_copy(update=window)})
