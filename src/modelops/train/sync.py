"""`modelops sync`: what could not be logged while the tracking server was away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from modelops.core.errors import ModelopsError
from modelops.core.settings import Settings
from modelops.train import tracking
from modelops.train.tracking import Sent


def sync(root: Path, settings: Settings, champions: Mapping[str, str] | None = None) -> Sent:
    """Send every run that waits in `.modelops/tracking`, and say in the registry which versions run now.

    Parameters
    ----------
    root : Path
        The repository that holds `.modelops`.
    settings : Settings
        The platform's settings.
    champions : mapping, optional
        Model name to digest of the model file that runs now.

    Raises
    ------
    ModelopsError
        When the server is still away; the runs go on waiting.
    """
    uri = settings.tracking.uri
    sent = tracking.start(root / ".modelops", root, uri).finish(champions=champions)
    if sent.problem:
        raise ModelopsError(
            f"tracking: {tracking.public(uri)}: {sent.problem}",
            hint=f"{sent.waiting} waiting in .modelops/tracking; try again when the server is back",
        )
    return sent
