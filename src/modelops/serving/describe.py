"""What `GET /model` says about a model."""

from __future__ import annotations

from typing import Any

from modelops.serving.request import MAX_BYTES, MAX_ROWS
from modelops.serving.signature import Input, Signature


def describe(signature: Signature, version: str) -> dict[str, Any]:
    """Return the signature for people, with an example of a request's body."""
    return {
        "model": signature.name,
        "version": version,
        "task": signature.task,
        "inputs": [_input(column) for column in signature.inputs],
        "classes": list(signature.classes),
        "threshold": signature.threshold,
        "limits": {"rows": MAX_ROWS, "bytes": MAX_BYTES},
        "example": {"rows": [example(signature)]},
    }


def _input(column: Input) -> dict[str, Any]:
    plain = {"values": column.values, "min": column.min, "max": column.max}
    limits = {key: value for key, value in plain.items() if value is not None}
    return {"name": column.name, "type": column.type, "nullable": column.nullable, **limits}


def example(signature: Signature) -> dict[str, Any]:
    """Return one row that the model accepts."""
    return {column.name: _example(column) for column in signature.inputs}


def _example(column: Input) -> Any:
    if column.values is not None:
        return column.values[0]
    if column.type in ("number", "integer"):
        low = column.min if column.min is not None else min(0.0, column.max or 0.0)
        high = column.max if column.max is not None else max(1.0, low)
        middle = (low + high) / 2
        return round(middle) if column.type == "integer" else middle
    return {"boolean": True, "time": "2013-03-31T17:00:00Z"}.get(column.type, "A")
