"""The one line of a spec that a proposal changes."""

from __future__ import annotations

import re

from modelops.core.errors import ModelopsError
from modelops.spec.edit import set_scalar
from modelops.spec.load import parse_spec

_DATA = re.compile(r"^data:[ \t]*(?:#[^\n]*)?\n(?P<indent>[ \t]+)(?=\S)", re.MULTILINE)


def move_snapshot(text: str, path: str, snapshot: str) -> str:
    """Return a spec's text with another snapshot; a spec that writes none gets the line as the first of `data`.

    Raises
    ------
    ModelopsError
        When the line can neither be changed nor added in place.
    """
    if "snapshot" in parse_spec(text, path).data.model_fields_set:
        return set_scalar(text, ("data", "snapshot"), snapshot)
    place = _DATA.search(text)
    if place is None:
        raise ModelopsError(
            f"{path}: data.snapshot is not written, and there is no line to add it after",
            hint="write data.snapshot in the spec once, on a line of its own",
        )
    start = place.start("indent")
    return f"{text[:start]}{place['indent']}snapshot: {snapshot}\n{text[start:]}"
