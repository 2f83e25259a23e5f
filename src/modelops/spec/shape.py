"""Checks the form of a document against a model: keys, types, limits. Speaks in the words of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from modelops.core.document import Document, place_of
from modelops.core.errors import Problem
from modelops.spec import repair, walk, wording

SomeModel = TypeVar("SomeModel", bound=BaseModel)
Keys = tuple[str | int, ...]
_TRAPS = ("MO104", "MO105", "MO106", "MO107")
# The only places where a date may stand without quotes.
_DATES = (("data", "snapshot"), ("evaluate", "gates", "*", "waive", "until"), ("monitor", "snooze", "until"))


@dataclass(frozen=True)
class Shape(Generic[SomeModel]):
    """What came of checking a document's form.

    `value` is None when there is any error. `draft` then still holds what is well formed, with `spoilt` naming the
    parts that nobody may judge; it is None when nothing can be made of the document.
    """

    document: Document
    value: SomeModel | None
    problems: tuple[Problem, ...]
    draft: SomeModel | None = None
    spoilt: tuple[Keys, ...] = ()


def check(document: Document, model: type[SomeModel]) -> Shape[SomeModel]:
    """Return the typed value of a document, or every problem of its form and what can be judged all the same."""
    problems = list(document.problems)
    if document.value is None:
        return Shape(document, None, tuple(problems))
    problems += _dates(document)
    problems += _unavailable(document, model)
    try:
        value = model.model_validate(document.value, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        return _malformed(document, model, problems, error)
    failed = any(problem.level == "error" for problem in problems)
    return Shape(document, None if failed else value, tuple(sorted(set(problems))), value)


def _malformed(
    document: Document, model: type[SomeModel], problems: list[Problem], error: ValidationError
) -> Shape[SomeModel]:
    mistakes = []
    for keys, issue, branches in _translated(document, error):
        mistakes.append((keys, str(issue["type"])))
        problems.append(wording.problem(document, model, keys, issue, branches))
    draft, spoilt = repair.draft(document.value, model, mistakes)
    return Shape(document, None, tuple(causes(problems)), draft, tuple(spoilt))


def causes(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of the file, without those that only follow from another one."""
    found = set(problems)
    trapped = {(one.line, one.column) for one in found if one.code in _TRAPS}
    # `{{ name }}` is a mapping in a mapping: the outer one starts a character before
    trapped |= {(one.line, one.column - 1) for one in found if one.code == "MO113"}
    misspelt = {one.hint for one in found if one.code == "MO120"}
    unknown = {one.line for one in found if one.code == "MO120"}
    return sorted(
        one
        for one in found
        if not (one.code not in _TRAPS and (one.line, one.column) in trapped)
        and not (one.code == "MO106" and one.line in unknown)
        and not (one.code == "MO121" and f'did you mean "{_last(one.message)}"?' in misspelt)
    )


def _last(message: str) -> str:
    """Return the last key that a message starts with."""
    return message.partition(": missing")[0].rpartition(".")[2]


def _dates(document: Document) -> Iterator[Problem]:
    """Yield a problem for each unquoted date where text or something else is meant."""
    if not document.dates:
        return
    meant = {id(node) for pattern in _DATES for _, node in _matching(document.root, pattern)}
    for node in document.dates:
        if id(node) not in meant:
            yield Problem(
                document.path,
                *place_of(node),
                "MO106",
                f"`{node.value}` is a date for some readers of YAML and text for others",
                f'quote it: "{node.value}"',
            )


def _unavailable(document: Document, model: type[BaseModel]) -> Iterator[Problem]:
    for pattern in walk.unavailable(model):
        for keys, _ in _matching(document.root, pattern):
            yield Problem(
                document.path,
                *document.place(keys, key=True),
                "MO126",
                f"{walk.spelled(keys)}: not available yet",
                "remove it: this version of modelops would not act on it",
            )


def _matching(root: yaml.Node | None, pattern: Sequence[str]) -> list[tuple[Keys, yaml.Node]]:
    """Return the nodes at a pattern of keys, where `*` stands for every item."""
    found: list[tuple[Keys, yaml.Node]] = [((), root)] if root is not None else []
    for part in pattern:
        below: list[tuple[Keys, yaml.Node]] = []
        for keys, node in found:
            if isinstance(node, yaml.MappingNode):
                below += [((*keys, key.value), value) for key, value in node.value if part in ("*", key.value)]
            elif isinstance(node, yaml.SequenceNode) and part == "*":
                below += [((*keys, index), value) for index, value in enumerate(node.value)]
        found = below
    return found


def _translated(document: Document, error: ValidationError) -> Iterator[tuple[Keys, Any, list[str]]]:
    """Yield keys, issue and possible forms of each mistake; branches that were not meant stay silent."""
    groups: dict[Keys, dict[str, list[tuple[Keys, Any]]]] = {}
    for issue in error.errors(include_url=False):
        keys, fork, branch = _located(document, issue)
        groups.setdefault(fork if branch else keys, {}).setdefault(branch, []).append((keys, issue))
    for fork, branches in groups.items():
        for keys, issue in _meant(fork, branches):
            yield keys, issue, [name for name in branches if name]


def _located(document: Document, issue: Any) -> tuple[Keys, Keys, str]:
    """Return the keys of an issue in the file, and the place and name of the first union branch on the way."""
    node: yaml.Node | None = document.root
    keys: list[str | int] = []
    fork: Keys = ()
    branch = ""
    parts = issue["loc"]
    for index, part in enumerate(parts):
        below = document.node([*keys, part]) if node is not None else None
        last = index == len(parts) - 1
        if below is not None or (last and issue["type"] in ("missing", "extra_forbidden")):
            keys.append(part)
            node = below
        elif not branch and part != "[key]":
            fork, branch = tuple(keys), str(part)
    return tuple(keys), fork, branch


def _meant(fork: Keys, branches: dict[str, list[tuple[Keys, Any]]]) -> list[tuple[Keys, Any]]:
    """Return the issues of the branch that was meant: the one whose form fits, else the first of them."""
    if list(branches) == [""]:
        return branches[""]
    fitting = [
        issues for name, issues in branches.items() if not any(_misfit(fork, keys, issue) for keys, issue in issues)
    ]
    return min(fitting, key=len) if fitting else next(iter(branches.values()))[:1]


def _misfit(fork: Keys, keys: Keys, issue: Any) -> bool:
    return keys == fork and issue["type"].endswith(("_type", "_error"))
