"""What a rule says: a problem at some keys, before its line and column are looked up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """A problem at some keys of a spec; `on_key` points at the last key instead of its value."""

    keys: Keys
    code: str
    message: str
    hint: str = ""
    on_key: bool = False
    level: Literal["error", "warning"] = "error"


def repeated(keys: Keys, names: Sequence[object], what: str) -> Iterator[Finding]:
    """Yield a finding for each item of a list that is there already."""
    if len(set(names)) == len(names):
        return
    for index, name in enumerate(names):
        first = names.index(name)
        if first != index:
            yield Finding((*keys, index), "MO131", f'{what} "{name}" is listed twice', "keep one of the two")
