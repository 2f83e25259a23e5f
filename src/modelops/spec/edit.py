"""Changes one scalar of a YAML text in place: comments, order, quoting, line ends and everything else stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from modelops.core.document import Document, parse
from modelops.core.errors import InvalidFile, ModelopsError
from modelops.core.scalars import plain, quoted
from modelops.spec import walk
from modelops.spec.wording import listed, suggestion

Keys = tuple[str | int, ...]

# What a plain scalar may be made of: nothing that means something to YAML, in block or in flow style.
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<][^\n\r:#,\[\]{}]*|-?[0-9.][0-9.e+\-]*|[~-]")
_STEP = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<index>[0-9]+)\]")


def parse_keys(text: str) -> Keys:
    """Return the keys that a text like `evaluate.gates[0].min` names.

    Raises
    ------
    ModelopsError
        When the text has another form.
    """
    keys: list[str | int] = []
    position = 0
    while position < len(text):
        dotted = text[position] == "." and bool(keys)
        position += dotted
        if not dotted and keys and text[position] != "[":
            break
        found = _STEP.match(text, position)
        if found is None:
            break
        keys.append(int(found["index"]) if found["index"] else found["name"])
        position = found.end()
    if not keys or position != len(text) or text.endswith("."):
        raise ModelopsError(f'"{text}" names no key', hint="write it like data.snapshot or evaluate.gates[0].min")
    return tuple(keys)


def set_scalar(text: str, keys: Sequence[str | int], value: str, *, quote: bool = False) -> str:
    """Return the text with one scalar replaced; the characters around it are untouched.

    Parameters
    ----------
    text
        The whole file.
    keys
        Where the scalar is, for example `("data", "snapshot")`.
    value
        The new value, as it would be written without quotes; quotes that the old value has are kept.
    quote
        Make the new value a text even where it would read as a number, a boolean or nothing.

    Raises
    ------
    InvalidFile
        When the text is not valid YAML.
    ModelopsError
        When there is no scalar at these keys, or it cannot be changed in place.
    """
    document = parse(text, "spec")
    errors = [problem for problem in document.problems if problem.level == "error"]
    if errors or document.value is None:
        raise InvalidFile(errors)
    node = _scalar(document, tuple(keys))
    written = _written(node, value, quote)
    start, end = node.start_mark.index, node.end_mark.index
    changed = text[:start] + written + text[end:]
    _check(document, parse(changed, "spec"), tuple(keys))
    return changed


def _scalar(document: Document, keys: Keys) -> yaml.ScalarNode:
    """Return the node to replace, or say why there is none."""
    name = walk.spelled(keys)
    parent, node = document.node(keys[:-1]), document.node(keys)
    if node is None:
        raise ModelopsError(f"{name} is not written in the spec", hint=_nearby(document, keys))
    if not isinstance(node, yaml.ScalarNode):
        raise ModelopsError(f"{name} is not a single value", hint="name one of the values in it")
    if node.style in ("|", ">"):
        raise ModelopsError(f"{name} is a text of several lines", hint="edit it by hand")
    start = node.start_mark.index
    inside = parent is not None and parent.start_mark.index <= start < parent.end_mark.index
    if not inside or document.text[start : start + 1] in ("&", "!"):
        raise ModelopsError(f"{name} is shared through an anchor", hint="edit it by hand")
    return node


def _nearby(document: Document, keys: Keys) -> str:
    for length in range(len(keys)):
        node = document.node(keys[: length + 1])
        if node is not None:
            continue
        parent = document.node(keys[:length])
        if isinstance(parent, yaml.MappingNode):
            known = [key.value for key, _ in parent.value]
            return suggestion(str(keys[length]), known, otherwise=f"written there: {listed(known, limit=20)}")
        if isinstance(parent, yaml.SequenceNode):
            return f"{walk.spelled(keys[:length])} has {len(parent.value)} items, counted from 0"
        return f"{walk.spelled(keys[:length])} is a single value"
    return ""


def _written(node: yaml.ScalarNode, value: str, quote: bool) -> str:
    """Return the characters for a value, in the style of the old ones where it can hold the value."""
    if node.style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if node.style in ("'", '"') or quote or not _plain_enough(value):
        return quoted(value)
    # an empty value has no characters: its place is right after the colon
    return f" {value}" if node.start_mark.index == node.end_mark.index else value


def _plain_enough(value: str) -> bool:
    if not value.isprintable() or value != value.strip() or not _PLAIN.fullmatch(value):
        return False
    return plain(value).kind in ("plain", "date")


def _check(before: Document, after: Document, keys: Keys) -> None:
    """Make sure that exactly one value changed."""
    errors = [problem for problem in after.problems if problem.level == "error"]
    if errors or _without(before.value, keys) != _without(after.value, keys):
        raise ModelopsError(f"{walk.spelled(keys)} cannot be changed in place", hint="edit it by hand")


def _without(value: Any, keys: Keys) -> Any:
    """Return a value with the scalar at some keys blanked out."""
    if not keys:
        return None
    if isinstance(value, dict):
        return {key: _without(item, keys[1:]) if key == str(keys[0]) else item for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_without(item, keys[1:]) if index == keys[0] else item for index, item in enumerate(value))
    return value
