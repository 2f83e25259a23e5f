"""What a plain (unquoted) word of YAML means: the meaning that every reader of YAML agrees on, else a problem.

YAML 1.1 (PyYAML, Kubernetes tools) and YAML 1.2 (editors) read some words differently: `no` is false for the one and
a text for the other, `012` is 10 or 12, `1e3` a text or 1000. Such words are refused, with both ways out.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?\.[0-9]+([eE][-+][0-9]+)?|[-+]?(0|[1-9][0-9]*)\.([eE][-+][0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?")
_ODD_NUMBER = re.compile(
    r"""[-+]?(?:
      0[0-9_]+(?:\.[0-9_]*)?                        # leading zero: octal or decimal
    | 0[xob][0-9A-Fa-f_]+                           # other bases
    | [0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+     # 1e3: text in YAML 1.1
    | \.[0-9_]+[eE][0-9]+
    | [0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?            # 1_000: text in YAML 1.2
    | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?   # 1:30 is 90 in YAML 1.1
    )""",
    re.VERBOSE,
)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {"yes": "true", "no": "false", "on": "true", "off": "false"}
_FIXED: dict[str, bool | None] = {"": None, "~": None}
for _word, _value in (("null", None), ("true", True), ("false", False)):
    for _spelling in (_word, _word.capitalize(), _word.upper()):
        _FIXED[_spelling] = _value

Kind = Literal["plain", "date", "word", "number"]


@dataclass(frozen=True, slots=True)
class Plain:
    """The value of a plain scalar.

    `kind` is `date` for text that looks like a date, `word` and `number` when readers of YAML disagree;
    `message` and `hint` then say so.
    """

    value: str | int | float | bool | None
    kind: Kind = "plain"
    message: str = ""
    hint: str = ""


@lru_cache(maxsize=8192)
def plain(text: str) -> Plain:
    """Return what a plain scalar means."""
    if text in _FIXED:
        return Plain(_FIXED[text])
    first = text[0]
    if first.isdigit() or first in "+-.":
        return _numeric(text)
    if text.lower() in _WORDS:
        meant = _WORDS[text.lower()]
        return Plain(
            text,
            "word",
            f"`{text}` is {meant} for some readers of YAML and text for others",
            f'write {meant} if you mean the boolean, "{text}" if you mean the text',
        )
    return Plain(text)


def _numeric(text: str) -> Plain:
    if _INTEGER.fullmatch(text):
        return Plain(int(text)) if len(text) < 20 else _odd(text, "a very long number", f'quote it: "{text}"')
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return Plain(number)
        return _odd(text, "too large for a number", f'write a smaller number, or quote it: "{text}"')
    if _NOT_FINITE.fullmatch(text):
        return _odd(text, "not a finite number", "leave the key out where there is no limit")
    if _DATE.fullmatch(text):
        return Plain(text, "date")
    if _ODD_NUMBER.fullmatch(text):
        return _odd(text, "read as different values by different readers of YAML", _ways_out(text))
    return Plain(text)


def _odd(text: str, why: str, hint: str) -> Plain:
    return Plain(text, "number", f"`{text}` is {why}", hint)


def _ways_out(text: str) -> str:
    quoted = f'"{text}" if you mean the text'
    digits = text.replace("_", "")
    try:
        number = int(digits, 0) if digits.lower().lstrip("+-").startswith(("0x", "0o", "0b")) else float(digits)
    except ValueError:
        return f"write {quoted}"
    if not math.isfinite(number):
        return f"write {quoted}"
    return f"write {spell(number)} if you mean the number, {quoted}"


def spell(number: float) -> str:
    """Return a number in the form that every reader of YAML reads as that number."""
    if float(number).is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = repr(float(number))
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}e{int(exponent):+03d}" if mark else text


_SAFE = re.compile(r"[^\W\d_][\w ./*()%+@°&'-]*|_\w[\w ./-]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def quoted(text: str) -> str:
    """Return a text in double quotes, with escapes for what cannot stand in a file."""
    return (
        '"' + "".join(_ESCAPES.get(one) or (one if one.isprintable() else f"\\U{ord(one):08X}") for one in text) + '"'
    )


def written(text: str) -> str:
    """Return a text as a scalar that reads as that text in block and in flow style, plain where that is safe."""
    safe = _SAFE.fullmatch(text) and text == text.strip() and text.isprintable()
    return text if safe and plain(text).value == text and plain(text).kind == "plain" else quoted(text)
