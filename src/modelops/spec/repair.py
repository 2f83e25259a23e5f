"""Makes a draft of a malformed file, so that the rules can still judge everything that is well formed in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from modelops.spec import walk
from modelops.spec.wording import closest

SomeModel = TypeVar("SomeModel", bound=BaseModel)
Keys = tuple[str | int, ...]
_GONE = object()


def draft(
    value: Any, model: type[SomeModel], mistakes: Iterable[tuple[Keys, str]]
) -> tuple[SomeModel | None, list[Keys]]:
    """Return a typed value in which every malformed part is replaced by its default or example.

    Parameters
    ----------
    value, model
        The plain values of a file and the schema that they do not fit.
    mistakes
        Keys and pydantic's error type of each mistake.

    Returns
    -------
    tuple
        The draft, None when there is none to be had, and the keys that nobody may judge in it.
    """
    spoilt: list[Keys] = []
    # parts first, then wholes: what replaces a whole is well formed
    for keys, kind in sorted(mistakes, key=lambda mistake: -len(mistake[0])):
        spoilt.append(_meant(model, keys) if kind == "extra_forbidden" else keys)
        value = _replaced(value, keys, _GONE if kind == "extra_forbidden" else _substitute(model, keys))
    try:
        return model.model_validate(value, strict=True, by_alias=True, by_name=False), spoilt
    except ValidationError:
        return None, spoilt


def judged(keys: Keys, needs: Iterable[Keys], spoilt: Iterable[Keys]) -> bool:
    """Return whether a finding says something about what was written, and nothing about what was replaced.

    Parameters
    ----------
    keys, needs
        Where the finding points, and what else its rule reads.
    spoilt
        What was replaced.
    """
    return not any(
        _related(keys, bad) or _same_item(keys, bad) or any(_related(need, bad) for need in needs) for bad in spoilt
    )


def _same_item(one: Keys, other: Keys) -> bool:
    """Return whether two keys are in one item of a list, such as a gate."""
    return len(other) > 1 and isinstance(other[-2], int) and one[: len(other) - 1] == other[:-1]


def _related(one: Keys, other: Keys) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _meant(model: type[BaseModel], keys: Keys) -> Keys:
    """Return the keys that a misspelt one probably stands for."""
    close = closest(str(keys[-1]), walk.keys_at(model, keys[:-1]))
    return (*keys[:-1], close) if close else keys


def _substitute(model: type[BaseModel], keys: Keys) -> Any:
    """Return what stands in for a malformed value: its default, its example, or that of the list it is in."""
    info = walk.field_at(model, keys) if keys else None
    if info is not None:
        return _example(info.examples[0]) if info.is_required() and info.examples else _GONE
    if len(keys) > 1:
        around = walk.field_at(model, keys[:-1])
        sample = around.examples[0] if around is not None and around.examples else None
        if isinstance(sample, list) and sample:
            return _example(sample[0])
    return _GONE


def _example(value: Any) -> Any:
    """Return an example with tuples for lists, as values of files have."""
    if isinstance(value, list):
        return tuple(_example(item) for item in value)
    return {key: _example(item) for key, item in value.items()} if isinstance(value, dict) else value


def _replaced(value: Any, keys: Keys, new: Any) -> Any:
    """Return a value in which the part at some keys is another one, or gone."""
    if not keys:
        return {} if new is _GONE else new
    key, rest = keys[0], keys[1:]
    if isinstance(value, dict):
        below = _replaced(value.get(key), rest, new) if rest else new
        return {name: item for name, item in {**value, key: below}.items() if item is not _GONE}
    if isinstance(value, tuple) and isinstance(key, int) and key < len(value):
        below = _replaced(value[key], rest, new) if rest else new
        return tuple(item for item in (*value[:key], below, *value[key + 1 :]) if item is not _GONE)
    return value
