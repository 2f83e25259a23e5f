"""What verbs have in common: the repository they run in, and the models they were asked for."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace, find_root


def workspace() -> Workspace:
    """Return the repository around the current folder.

    Raises
    ------
    ModelopsError
        Outside a repository, or with wrong platform settings.
    """
    from modelops.spec.load import load_settings

    root = find_root(Path.cwd())
    return Workspace(root, load_settings(root))


def chosen(space: Workspace, names: Sequence[str]) -> list[str]:
    """Return the models to work on: those named, else all.

    Raises
    ------
    ModelopsError
        When a name has no spec.
    """
    known = space.models
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"there are: {', '.join(known) or 'none yet'}"
            raise ModelopsError(f'no model "{name}": specs/{name}.yaml does not exist', hint=hint)
    return list(names) or known
