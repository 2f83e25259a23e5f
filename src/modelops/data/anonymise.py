"""Takes what identifies people out of the rows before anything is stored or logged."""

from __future__ import annotations

import hashlib
import hmac
import os

from modelops.core.errors import ModelopsError
from modelops.data.columns import Kind
from modelops.spec.model import Spec

KEY = "MODELOPS_HASH_KEY"
_SHORTEST = 16
_BLOCK = 64
# Hexadecimal digits of HMAC-SHA256 that are kept: 128 bits.
_DIGITS = 32


def key_mark(spec: Spec) -> str:
    """Return what tells one hash key from another without giving it away; empty when no column is hashed.

    Raises
    ------
    ModelopsError
        When a column is hashed and the environment has no key.
    """
    if not any(column.anonymise == "hash" for column in spec.data.columns.values()):
        return ""
    return hmac.new(_key(), b"modelops hash key", hashlib.sha256).hexdigest()


def expression(spec: Spec, column: str, kind: Kind, value: str) -> tuple[str, Kind]:
    """Return the SQL of a column's value as it may be stored, and its kind.

    Parameters
    ----------
    spec
        The model's spec.
    column, kind
        The column and the kind of its values.
    value
        SQL of the plain value, in the one type of its kind.

    Raises
    ------
    ModelopsError
        When the column's kind does not go with what the contract asks.
    """
    rule = spec.data.columns[column].anonymise if column in spec.data.columns else None
    if rule is None or rule == "drop":
        return value, kind
    if column == spec.data.time:
        raise ModelopsError(
            f"{spec.name}: data.columns.{column}.anonymise: the time column is needed as it is",
            hint="leave it out there",
        )
    if rule == "hash":
        return _hashed(f"CAST({value} AS VARCHAR)"), "text"
    if kind not in {"number", "integer"}:
        raise ModelopsError(
            f"{spec.name}: data.columns.{column}.anonymise: {rule:g} rounds numbers, and the column holds none",
            hint="use hash or drop",
        )
    whole = kind == "integer" and float(rule).is_integer()
    rounded = f"floor({value} / {float(rule)!r}) * {float(rule)!r}"
    return (f"CAST({rounded} AS BIGINT)", "integer") if whole else (rounded, "number")


def dropped(spec: Spec) -> frozenset[str]:
    """Return the columns that are never kept.

    Raises
    ------
    ModelopsError
        When the model needs one of them.
    """
    names = frozenset(name for name, column in spec.data.columns.items() if column.anonymise == "drop")
    needed = {*spec.features.columns, *spec.data.keys, spec.data.target, *([spec.data.time] if spec.data.time else [])}
    if names & needed:
        name = min(names & needed)
        raise ModelopsError(
            f"{spec.name}: data.columns.{name} is dropped, and the model needs it",
            hint="hash it, or take it out of the features",
        )
    return names


def _key() -> bytes:
    key = os.environ.get(KEY, "").encode()
    if len(key) < _SHORTEST:
        raise ModelopsError(
            f"a column is anonymised by a keyed hash, and {KEY} is {'too short' if key else 'not set'}",
            hint=f"set it to a random text of at least {_SHORTEST} characters, the same wherever the model is run",
        )
    return key


def _hashed(text: str) -> str:
    """Return the SQL of HMAC-SHA256 (RFC 2104) of a text, NULL for NULL."""
    key = _key()
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (f"unhex('{bytes(byte ^ pad for byte in block).hex()}')" for pad in (0x36, 0x5C))
    digest = f"sha256({outer} || unhex(sha256({inner} || encode({text}))))"
    return f"left({digest}, {_DIGITS})"


def shown(spec: Spec, column: str) -> bool:
    """Return whether values of a column may show in messages."""
    rules = spec.data.columns.get(column)
    return rules is None or not (rules.sensitive or rules.anonymise)
