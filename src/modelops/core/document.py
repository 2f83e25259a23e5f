"""YAML that people wrote: values, the position of every one of them, and the traps of YAML as clear problems.

A file is composed once by PyYAML's C parser; values are built from its nodes here, which is faster than PyYAML's own
construction, finds duplicate keys on the way, and keeps the positions for whoever finds a problem later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from modelops.core import traps
from modelops.core.errors import Problem
from modelops.core.scalars import plain

MAX_DEPTH = 40
MAX_VALUES = 100_000
Keys = Sequence[str | int]

_Parser: Any
try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]
except ImportError:  # PyYAML was built without libyaml
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class _Parser(Reader, Scanner, Parser, Composer):  # type: ignore[no-redef]
        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)


class _Nodes(_Parser):  # type: ignore[misc]
    """Composes nodes without guessing types: an empty tag means that the file names none."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """Leave the type to `modelops.core.scalars`."""
        return ""

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Keep no path."""

    def ascend_resolver(self) -> None:
        """Keep no path."""


@dataclass(frozen=True)
class Document:
    """A parsed file.

    `value` is made of dicts with text keys, tuples, texts, numbers, booleans and None; it is None, and there is at
    least one problem, when the file is no mapping. Dates stay text, as they were written.
    """

    path: str
    text: str
    value: dict[str, Any] | None
    problems: tuple[Problem, ...]
    dates: tuple[yaml.ScalarNode, ...] = ()
    root: yaml.MappingNode | None = None

    @property
    def lines(self) -> list[str]:
        """The file's lines, without their ends."""
        return self.text.splitlines()

    def node(self, keys: Keys) -> yaml.Node | None:
        """Return the node at some keys, None where there is none."""
        node: yaml.Node | None = self.root
        for key in keys:
            node = _child(node, key)
        return node

    def deepest(self, keys: Keys) -> yaml.Node | None:
        """Return the deepest node on the way that exists."""
        node: yaml.Node | None = self.root
        for key in keys:
            below = _child(node, key)
            if below is None:
                return node
            node = below
        return node

    def key_node(self, keys: Keys) -> yaml.Node | None:
        """Return the node of the last key itself, as it is written before the colon."""
        parent = self.node(keys[:-1])
        if isinstance(parent, yaml.MappingNode):
            return next((key for key, _ in parent.value if key.value == str(keys[-1])), None)
        return None

    def place(self, keys: Keys, *, key: bool = False) -> tuple[int, int]:
        """Return line and column, from 1, of the value at some keys, or of the last key itself.

        Where nothing is written, the place is that of the nearest value above.
        """
        node = (self.key_node(keys) if key and keys else None) or self.deepest(keys)
        return place_of(node) if node is not None else (1, 1)


def place_of(node: yaml.Node) -> tuple[int, int]:
    """Return line and column, from 1, where a node starts."""
    mark = node.start_mark
    return mark.line + 1, mark.column + 1


def _child(node: yaml.Node | None, key: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == str(key)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and 0 <= key < len(node.value):
        below: yaml.Node = node.value[key]
        return below
    return None


def parse(data: bytes | str, path: str) -> Document:
    """Return the document in a file's content; what is wrong with it as YAML is in its problems."""
    text, problems = traps.decode(data, path)
    if text is None:
        return Document(path, "", None, tuple(problems))
    problems += traps.before_parsing(text, path)
    if any(problem.level == "error" for problem in problems):
        return Document(path, text, None, tuple(problems))
    try:
        if traps.too_deep(text, _Nodes):
            return Document(path, text, None, (*problems, traps.depth_problem(path, 1, 1)))
        root = _Nodes(text).get_single_node()
    except yaml.YAMLError as error:
        return Document(path, text, None, (*problems, traps.syntax_problem(error, text, path)))
    if not isinstance(root, yaml.MappingNode):
        return Document(path, text, None, (*problems, traps.no_mapping(root, path)))
    builder = _Builder(path, problems)
    value = builder.build(root, 0)
    return Document(path, text, value, tuple(builder.problems), tuple(builder.dates), root)


@dataclass
class _Builder:
    """Builds values from nodes and collects the problems on the way."""

    path: str
    problems: list[Problem]
    dates: list[yaml.ScalarNode] = field(default_factory=list)
    count: int = 0
    open: set[int] = field(default_factory=set)

    def build(self, node: yaml.Node, depth: int) -> Any:
        """Return the value of a node."""
        if type(node) is yaml.ScalarNode:
            return self._scalar(node)
        self.count += len(node.value)
        if id(node) in self.open or depth > MAX_DEPTH or self.count > MAX_VALUES:
            self._endless(node)
            return None
        if node.tag:
            self._add(traps.tag_problem(self.path, node))
        self.open.add(id(node))
        value: Any
        if type(node) is yaml.MappingNode:
            value = self._mapping(node, depth)
        else:
            value = tuple([self.build(item, depth + 1) for item in node.value])
        self.open.discard(id(node))
        return value

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag:
            self._add(traps.tag_problem(self.path, node))
        if node.style:
            return node.value
        word = plain(node.value)
        if word.kind == "date":
            self.dates.append(node)
        elif word.kind != "plain":
            self._add(Problem(self.path, *place_of(node), traps.CODES[word.kind], word.message, word.hint))
        return word.value

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            if type(key) is not yaml.ScalarNode or key.tag or not key.value or key.value == "<<":
                self._add(traps.key_problem(self.path, key))
                continue
            name: str = key.value
            if name in result:
                first = next(other for other, _ in node.value if other.value == name)
                self._add(traps.duplicate(self.path, key, first))
                continue
            result[name] = self.build(value, depth + 1)
        return result

    def _endless(self, node: yaml.Node) -> None:
        if self.count > MAX_VALUES:
            if self.count < 2 * MAX_VALUES:
                self._add(traps.expansion_problem(self.path, *place_of(node)))
            self.count = 2 * MAX_VALUES
        elif id(node) in self.open:
            self._add(traps.cycle_problem(self.path, *place_of(node)))
        else:
            self._add(traps.depth_problem(self.path, *place_of(node)))

    def _add(self, problem: Problem) -> None:
        if problem not in self.problems[-50:]:
            self.problems.append(problem)
