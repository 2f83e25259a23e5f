"""The champion made ready for a fair comparison."""

from __future__ import annotations

from modelops.core.workspace import Workspace
from modelops.evaluate.champion import Champion
from modelops.flow.champion import ChampionVersion
from modelops.flow.rebuild import rebuild
from modelops.flow.stages import model_folder, resolve_data
from modelops.spec.model import Spec


def opponent(workspace: Workspace, candidate: Spec, version: ChampionVersion) -> Champion:
    """Return the champion with its model folder, and the candidate's rows through the champion's own query.

    Raises
    ------
    ModelopsError
        When its model cannot be made again, or its query no longer works on the candidate's snapshot.
    """
    trained = rebuild(workspace, version)
    window = {"snapshot": candidate.data.snapshot, "window": candidate.data.window}
    view = version.spec.model_copy(update={"data": version.spec.data.model_copy(update=window)})
    rows = resolve_data(workspace, view)
    return Champion(version.lock, version.digest, version.spec, model_folder(workspace, trained), rows)
