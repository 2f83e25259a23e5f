"""Whether a value fits a parameter, by the index's forms: `["integer", 1, null, "left"]`, `["choice", …]`, `list`."""

from __future__ import annotations

from typing import Any

from modelops.spec.wording import listed, shown, suggestion

_WORDS = {
    "boolean": "true or false",
    "nothing": "null",
    "list": "a list",
    "mapping": "a mapping",
    "text": "a text",
    "integer": "a whole number",
    "number": "a number",
    "fraction": "a number with a decimal point",
    "seed": "a whole number",
}


def wrong(forms: list[Any], value: Any) -> str:
    """Return what a parameter must be when a value does not fit, else an empty text.

    Parameters
    ----------
    forms
        The forms that the parameter may have; none means that no value in YAML fits.
    value
        The value of the spec: plain values, tuples and dicts.
    """
    if "any" in forms or any(_fits(form, value) for form in forms):
        return ""
    if not forms:
        return "cannot be set in a spec: it takes a Python object"
    return f"must be {' or '.join(_said(form) for form in forms)}"


def meant(forms: list[Any], value: Any) -> str:
    """Return `did you mean "…"?` for a misspelt choice, else an empty text."""
    choices = [str(choice) for form in forms if form[0] == "choice" for choice in form[1:]]
    return suggestion(value, choices) if isinstance(value, str) else ""


def only_whole(forms: list[Any]) -> bool:
    """Return whether every number that fits is whole."""
    kinds = [form if isinstance(form, str) else form[0] for form in forms]
    return "integer" in kinds and not {"number", "fraction", "any"} & set(kinds)


def named(value: Any) -> str:
    """Return a value for `must be …, not …`; texts are quoted, so that "3" is not taken for 3."""
    return f'"{value}"' if isinstance(value, str) else shown(value)


def _fits(form: Any, value: Any) -> bool:
    if isinstance(form, str):
        return _is(form, value)
    if form[0] == "choice":
        return any(type(choice) is type(value) and choice == value for choice in form[1:])
    kind, low, high, closed = form
    return _is(kind, value) and _inside(value, low, high, closed)


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    types: dict[str, Any] = {
        "nothing": type(None),
        "list": (list, tuple),
        "mapping": dict,
        "text": str,
        "integer": int,
        "number": (int, float),
        "fraction": float,
        "seed": (int, type(None)),
    }
    return kind in types and isinstance(value, types[kind])


def _inside(value: float, low: float | None, high: float | None, closed: str) -> bool:
    if low is not None and (value < low or (value == low and closed not in ("left", "both"))):
        return False
    return high is None or not (value > high or (value == high and closed not in ("right", "both")))


def _said(form: Any) -> str:
    if isinstance(form, str):
        return _WORDS[form]
    if form[0] == "choice":
        return f"one of {listed(form[1:], limit=20)}" if len(form) > 2 else str(form[1])
    kind, low, high, closed = form
    limits = []
    if low is not None:
        limits.append(f"{'at least' if closed in ('left', 'both') else 'above'} {shown(low)}")
    if high is not None:
        limits.append(f"{'at most' if closed in ('right', 'both') else 'below'} {shown(high)}")
    return f"{_WORDS[kind]} {' and '.join(limits)}".rstrip()
