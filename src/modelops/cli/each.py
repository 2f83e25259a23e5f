"""A verb over several models: one of them must not keep the others from their answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelops.core import console
from modelops.core.errors import ModelopsError


def each(models: Sequence[str], asked: Sequence[str], action: Callable[[str], None], *skipped: type[Exception]) -> None:
    """Run an action for each model, to the end.

    Parameters
    ----------
    models : sequence of str
        The models to work on.
    asked : sequence of str
        Those that the user named; the only one's error is raised as it is.
    skipped : exception types
        What is only worth a note for a model that nobody named.

    Raises
    ------
    ModelopsError
        At the end, naming the models without an answer.
    """
    failed = []
    for name in models:
        try:
            action(name)
        except ModelopsError as error:
            if len(asked) == 1:
                raise
            if not asked and isinstance(error, skipped):
                console.note(error.message)
                continue
            failed.append(name)
            console.warn(f"{name}: {error}")
    if failed:
        raise ModelopsError(f"no answer for {', '.join(failed)}", hint="the reasons are above")
