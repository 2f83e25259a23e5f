"""`modelops init`: a fork gets its own owner, repository and registry, and its rendered files follow."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError

from modelops.core.errors import ModelopsError
from modelops.core.settings import Settings
from modelops.release import tree
from modelops.scaffold import SETTINGS, Identity, Personalised, personalise
from modelops.spec.load import load_all, load_settings


def personalise_repository(root: Path, identity: Identity) -> Personalised:
    """Put an identity into all places that hold one, then render.

    Raises
    ------
    ModelopsError
        When the identity is not a valid one, or `modelops.yaml` holds none to replace.
    """
    settings = load_settings(root)
    _check(settings, identity)
    try:
        done = personalise(root, identity)
    except ValueError as error:
        raise ModelopsError(str(error), hint=f"write owner, repository and registry into {SETTINGS} by hand") from None
    rendered = tree.render(root, load_settings(root), load_all(root))
    tree.write(root, rendered)
    return Personalised(tuple(sorted({*done.written, *rendered.stale})), done.missing)


def _check(settings: Settings, identity: Identity) -> None:
    values = settings.model_dump(by_alias=True) | asdict(identity)
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        problems = [f"{issue['loc'][0]}: {issue['msg']}, not {issue['input']!r}" for issue in error.errors()]
        raise ModelopsError("; ".join(problems), hint="nothing was written") from None
