"""Walks the models of the schema: which fields there are at some keys of a file, and where a key belongs."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def fields(model: Model) -> dict[str, FieldInfo]:
    """Return the fields of a model by the key that people write."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def models_in(annotation: Any) -> list[Model]:
    """Return the models that a value of this type may be, through unions and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    origin = get_origin(annotation)
    if origin is Annotated:
        return models_in(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [model for part in get_args(annotation) for model in models_in(part)]
    return []


def items_of(annotation: Any) -> list[Any]:
    """Return the types of the items of a list or of the values of a mapping, through unions and annotations."""
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin is Annotated:
        return items_of(arguments[0])
    if origin in (Union, types.UnionType):
        return [item for part in arguments for item in items_of(part)]
    if origin is tuple:
        return [arguments[0]]
    if origin is dict:
        return [arguments[1]]
    return []


def types_at(model: Model, keys: Sequence[str | int]) -> list[Any]:
    """Return the types that the value at some keys may have; none when the schema has no such place."""
    found: list[Any] = [model]
    for key in keys:
        below: list[Any] = []
        for annotation in found:
            for inner in models_in(annotation):
                info = fields(inner).get(str(key))
                below += [info.annotation] if info is not None else []
            below += items_of(annotation)
        found = below
    return found


def keys_at(model: Model, keys: Sequence[str | int]) -> list[str]:
    """Return the keys that may be written at some place, in the schema's order."""
    found = [inner for annotation in types_at(model, keys) for inner in models_in(annotation)]
    return list(dict.fromkeys(key for inner in found for key in fields(inner)))


def field_at(model: Model, keys: Sequence[str | int]) -> FieldInfo | None:
    """Return the field that the last of some keys names, None for items of lists and free mappings."""
    for annotation in types_at(model, keys[:-1]):
        for inner in models_in(annotation):
            info = fields(inner).get(str(keys[-1])) if keys else None
            if info is not None:
                return info
    return None


def everything(model: Model) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Yield every field below a model with its keys; items of lists and mappings are named `*`."""
    yield from _below(model, ())


def _below(model: Model, prefix: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    for key, info in fields(model).items():
        keys = (*prefix, key)
        yield keys, info
        seen: set[tuple[str, ...]] = set()
        for deeper, inner in _inner(info.annotation, keys):
            if deeper not in seen:
                seen.add(deeper)
                yield deeper, inner


def _inner(annotation: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    for inner in models_in(annotation):
        yield from _below(inner, keys)
    for item in items_of(annotation):
        yield from _inner(item, (*keys, "*"))


@lru_cache(maxsize=4)
def unavailable(model: Model) -> tuple[tuple[str, ...], ...]:
    """Return the keys whose behaviour is not built."""
    return tuple(
        keys
        for keys, info in everything(model)
        if isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("x-not-available")
    )


@lru_cache(maxsize=4)
def homes(model: Model) -> dict[str, list[tuple[str, ...]]]:
    """Return for every key of the schema the places where it may be written."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for keys, _ in everything(model):
        found.setdefault(keys[-1], []).append(keys[:-1])
    return found


def spelled(keys: Sequence[str | int]) -> str:
    """Return keys as people name them: `evaluate.gates[0].metric`."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text
