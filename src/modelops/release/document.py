"""Records as YAML files: one stable, readable text per record, and every problem of a file when it is read back."""

from __future__ import annotations

import io
import re
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from modelops.core.errors import InvalidFile, Problem
from modelops.records.base import Record

# Texts that PyYAML writes without quotes because YAML 1.1 takes them for text, but that Kubernetes would read as
# numbers or booleans: 1e3, 0o17, y.
_AMBIGUOUS = re.compile(r"[-+]?\.?[0-9][0-9a-fA-FxXoO_.:+-]*|[yYnN]")

SomeRecord = TypeVar("SomeRecord", bound=Record)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """Block style with indented lists, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value in full."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key, as yamllint asks for."""
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quotes = "'" if _AMBIGUOUS.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quotes if text.isprintable() else '"')


_Dumper.add_representer(str, _represent_text)


def dump(value: Any, *, width: int) -> str:
    """Return the YAML text of a plain value: keys in the given order, floats with the fewest digits that repeat them.

    Parameters
    ----------
    value
        Dicts, lists, texts, numbers, booleans and None.
    width
        Mappings and lists of scalars go on one line up to this many characters, so that a metric or a port is one
        line of a diff.
    """
    node = _Dumper(io.StringIO(), sort_keys=False).represent_data(value)
    _fold(node, width)
    return yaml.serialize(node, Dumper=_Dumper, width=2**31, allow_unicode=True)


def _fold(node: yaml.Node, width: int) -> None:
    """Choose the style of every mapping and list: on one line where it is a short leaf."""
    if not isinstance(node, yaml.CollectionNode):
        return
    below = _children(node)
    for child in below:
        _fold(child, width)
    keys = [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    leaf = all(isinstance(child, yaml.ScalarNode) for child in below)
    node.flow_style = leaf and sum(len(item.value) + 2 for item in (*keys, *below)) <= width


def _children(node: yaml.CollectionNode) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return list(node.value)


def load(text: str, path: str, record: type[SomeRecord], *, code: str, remedy: str) -> SomeRecord:
    """Return the record that a file's text holds.

    Parameters
    ----------
    text, path
        The file's content and its name for messages.
    code, remedy
        The stable code of a problem, and what to do about it.

    Raises
    ------
    InvalidFile
        With every problem and its position.
    """
    try:
        loader = _Loader(text)
        tree = loader.get_single_node()
        value = loader.construct_document(tree) if tree is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise InvalidFile([Problem(path, *place, code, f"not YAML: {error.problem}", remedy)]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidFile([Problem(path, 0, 0, code, f"not YAML: {error}", remedy)]) from None
    if not isinstance(value, dict):
        raise InvalidFile([Problem(path, 0, 0, code, "empty, or not a mapping", remedy)])
    problems = [Problem(path, *mark, code, f'"{key}" appears twice', remedy) for key, mark in _twice(tree)]
    if problems:
        raise InvalidFile(problems)
    try:
        return record.model_validate(value)
    except ValidationError as error:
        raise InvalidFile([_problem(tree, issue, path, code, remedy) for issue in error.errors()]) from None


def _problem(tree: yaml.Node | None, issue: Any, path: str, code: str, remedy: str) -> Problem:
    where = ".".join(str(part) for part in issue["loc"])
    message = f"{where}: {issue['msg'][:1].lower()}{issue['msg'][1:]}"
    return Problem(path, *_place(tree, issue["loc"]), code, message, remedy)


def _place(node: yaml.Node | None, keys: tuple[str | int, ...]) -> tuple[int, int]:
    """Return line and column of the deepest node on the way that exists."""
    if node is None:
        return 0, 0
    here = (node.start_mark.line + 1, node.start_mark.column + 1)
    if not keys:
        return here
    key, rest = keys[0], keys[1:]
    if isinstance(node, yaml.MappingNode):
        below = next((value for name, value in node.value if name.value == str(key)), None)
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        below = node.value[key]
    else:
        below = None
    return _place(below, rest) if below is not None else here


def _twice(node: yaml.Node | None) -> list[tuple[str, tuple[int, int]]]:
    """Return the keys that appear twice in one mapping, with the place of the second."""
    if not isinstance(node, yaml.CollectionNode):
        return []
    found: list[tuple[str, tuple[int, int]]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                found.append((key.value, (key.start_mark.line + 1, key.start_mark.column + 1)))
            seen.add(key.value)
    return found + [twin for child in _children(node) for twin in _twice(child)]
