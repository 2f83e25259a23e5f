"""Names inside an ONNX model: the columns' own at the edge, numbers within.

skl2onnx turns column names into identifiers, lets some inner names depend on addresses in memory, and lists operator
sets in the order of a set. All of that is replaced, so that the same pipeline gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rename(model: Any, inputs: list[str]) -> None:
    """Rename everything in a model (onnx.ModelProto), in place: its inputs to these, inner values to numbers."""
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    names = {entry.name: name for entry, name in zip(model.graph.input, inputs, strict=True)}
    for entry in model.graph.output:
        names[entry.name] = entry.name if entry.name not in inputs else f"{entry.name}:out"
    taken = set(names.values())
    for graph in _graphs(model.graph):
        for name in _names(graph):
            names.setdefault(name, _free(len(names), taken))
    for place, graph in enumerate(_graphs(model.graph)):
        if place:
            graph.name = f"inner{place}"
        _apply(graph, names)


def _free(number: int, taken: set[str]) -> str:
    name = f"v{number}"
    return name if name not in taken else f"{name}:inner"


def _graphs(graph: Any) -> Iterator[Any]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _graphs(attribute.g)


def _names(graph: Any) -> Iterator[str]:
    yield from (entry.name for entry in (*graph.input, *graph.initializer))
    for node in graph.node:
        yield from (name for name in (*node.input, *node.output) if name)


def _apply(graph: Any, names: dict[str, str]) -> None:
    for entry in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        entry.name = names.get(entry.name, entry.name)
    for place, node in enumerate(graph.node):
        node.name = f"n{place}"
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
