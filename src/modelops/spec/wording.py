"""Turns what pydantic says into what a person needs: the key, what is wrong with it, and what to write."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import BaseModel

from modelops.core.document import Document
from modelops.core.errors import Problem
from modelops.core.scalars import spell
from modelops.spec import walk

Keys = tuple[str | int, ...]

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "date_type": "a day such as 2013-09-30",
    "date_parsing": "a day such as 2013-09-30",
    "date_from_datetime_parsing": "a day such as 2013-09-30",
    "date_from_datetime_inexact": "a day such as 2013-09-30",
    "finite_number": "a finite number",
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_BRANCHES = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}


def problem(document: Document, model: type[BaseModel], keys: Keys, issue: Any, branches: Sequence[str]) -> Problem:
    """Return the problem that an issue of pydantic stands for.

    Parameters
    ----------
    document, model
        The file and the schema it is checked against.
    keys
        Where in the file.
    issue
        One item of `ValidationError.errors()`.
    branches
        Names of the forms that the value may have, when there are several.
    """
    kind = str(issue["type"])
    if kind == "extra_forbidden":
        return _unknown_key(document, model, keys)
    if kind == "missing":
        return _missing_key(document, model, keys)
    code, message, hint = _said(document, model, keys, issue, branches)
    if str(issue["type"]) == "union_tag_invalid":
        keys = (*keys, "by")
    on_key = bool(issue["loc"]) and issue["loc"][-1] == "[key]"
    return Problem(document.path, *document.place(keys, key=on_key), code, f"{walk.spelled(keys)}: {message}", hint)


def suggestion(word: str, known: Sequence[str], *, otherwise: str = "") -> str:
    """Return `did you mean "…"?` when a known word is close, else what is given for that case."""
    close = closest(word, known)
    return f'did you mean "{close}"?' if close else otherwise


def closest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that was probably meant."""
    lowered = {name.lower(): name for name in reversed(known)}
    found = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.62)
    # `auc` for roc_auc, `prod` for production
    holding = [name for name in lowered if len(word) >= 3 and word.lower() in name]
    if not found and len(holding) == 1:
        found = holding
    return lowered[found[0]] if found else None


def listed(words: Sequence[Any], *, limit: int = 12) -> str:
    """Return words with commas, cut after some."""
    texts = [str(word) for word in words]
    more = f" and {len(texts) - limit} more" if len(texts) > limit else ""
    return ", ".join(texts[:limit]) + more


def _unknown_key(document: Document, model: type[BaseModel], keys: Keys) -> Problem:
    key = str(keys[-1])
    known = walk.keys_at(model, keys[:-1])
    known = [name for name in known if (*keys[:-1], name) not in walk.unavailable(model)]
    close = closest(key, known)
    elsewhere = [home for home in walk.homes(model).get(key, []) if "*" not in home and home != keys[:-1]]
    if close:
        hint = f'did you mean "{close}"?'
    elif elsewhere:
        hint = (
            f"it belongs under `{walk.spelled(elsewhere[0])}`" if elsewhere[0] else "it belongs at the top of the file"
        )
    else:
        hint = f"known here: {listed(known, limit=20)}"
    return Problem(document.path, *document.place(keys, key=True), "MO120", f"{walk.spelled(keys)}: unknown key", hint)


def _missing_key(document: Document, model: type[BaseModel], keys: Keys) -> Problem:
    info = walk.field_at(model, keys)
    place = document.place(keys[:-1], key=True) if len(keys) > 1 else (1, 1)
    hint = ""
    if info is not None:
        example = f"for example `{keys[-1]}: {shown(info.examples[0])}`" if info.examples else ""
        hint = f"{(info.description or '').rstrip('.')}; {example}" if example else info.description or ""
    return Problem(document.path, *place, "MO121", f"{walk.spelled(keys)}: missing", hint)


def _said(
    document: Document, model: type[BaseModel], keys: Keys, issue: Any, branches: Sequence[str]
) -> tuple[str, str, str]:
    """Return code, message and hint of an issue."""
    kind, given = str(issue["type"]), issue["input"]
    context = issue.get("ctx", {})
    if kind == "union_tag_not_found":
        return "MO121", "`by` is missing", "write `by: time` or `by: hash`"
    if kind == "union_tag_invalid":
        choices = [choice.strip(" '") for choice in str(context["expected_tags"]).split(",")]
        return _chosen(str(context["tag"]), choices)
    if len(branches) > 1 and (kind.endswith("_type") or kind == "literal_error"):
        return _no_branch(given, branches, model, keys)
    if kind in _WANTED:
        return _other_type(document, model, keys, kind, given)
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        message = f"must be {words} {shown(context[name])}, is {shown(given)}"
        return "MO124", message, _percent(kind, given, context[name]) or _unit(model, keys)
    if kind == "literal_error":
        info = walk.field_at(model, keys)
        return _chosen(given, _literals(info.annotation) if info is not None else [])
    if kind in ("too_short", "string_too_short", "too_long", "string_too_long"):
        return "MO127", _length(kind, context), _unit(model, keys)
    if kind == "string_pattern_mismatch":
        form = _FORMS.get(context["pattern"], "does not have the right form")
        return "MO125", f"{quoted(given)} {form}", _unit(model, keys)
    if kind == "value_error":
        return "MO125", f"{quoted(given)} is no {_kind_of(model, keys)}: {context['error']}", ""
    return "MO122", str(issue["msg"])[:1].lower() + str(issue["msg"])[1:], _unit(model, keys)


def _other_type(document: Document, model: type[BaseModel], keys: Keys, kind: str, given: Any) -> tuple[str, str, str]:
    node = document.node(keys)
    if given is None:
        return "MO122", f"must be {_WANTED[kind]}, and is empty", "write a value, or leave the key out"
    hint = _conversion(kind, given, node)
    if not hint and kind.startswith(("model", "dict")):
        hint = _unit(model, keys)
    return "MO122", f"must be {_WANTED[kind]}, not {described(given)}", hint


def _percent(kind: str, given: Any, limit: Any) -> str:
    """Return how to write a percentage that was meant as a share."""
    meant = kind.startswith("less_than") and limit == 1 and 1 < given <= 100
    return f"write {shown(given / 100)} for {shown(given)}%" if meant else ""


def _length(kind: str, context: Any) -> str:
    things = "characters" if kind.startswith("string") else "items"
    if kind.endswith("short"):
        return "must not be empty" if context["min_length"] == 1 else f"needs at least {context['min_length']} {things}"
    return f"is too long: at most {context['max_length']} {things}"


def _kind_of(model: type[BaseModel], keys: Keys) -> str:
    info = walk.field_at(model, keys)
    text = str(info.annotation) if info is not None else ""
    return "duration" if "timedelta" in text else "day" if "date" in text else "value"


# What a pattern of the schema asks for.
_FORMS: dict[str, str] = {
    r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$": (
        "is no name: use up to 40 small letters, digits and hyphens, starting with a letter"
    ),
    r"^@[A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?$": "is no GitHub user or team: write @user or @organisation/team",
    r"^[a-z_][a-z0-9_]{0,62}$": "is no name for SQL: use small letters, digits and underscores, starting with a letter",
    r"^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti|k|M|G|T)?$": (
        "is no Kubernetes quantity: write 500m or 2 for processors, 512Mi or 1Gi for memory"
    ),
    r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$": "is no import path: write package.module.Class",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "is no Python name",
    r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$": "is no Kubernetes name: use up to 63 small letters, digits and hyphens",
}


def _chosen(given: Any, choices: Sequence[Any]) -> tuple[str, str, str]:
    if len(choices) == 1:
        return "MO123", f"must be {choices[0]}, not {quoted(given)}", ""
    hint = suggestion(str(given), [str(choice) for choice in choices])
    return "MO123", f"{quoted(given)} is not one of {listed(choices)}", hint


def _literals(annotation: Any) -> list[Any]:
    from typing import Literal, get_args, get_origin

    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [choice for part in get_args(annotation) for choice in _literals(part)]


def _no_branch(given: Any, branches: Sequence[str], model: type[BaseModel], keys: Keys) -> tuple[str, str, str]:
    wanted = " or ".join(dict.fromkeys(_branch(branch) for branch in branches))
    listable = any(branch.startswith("tuple[") for branch in branches) and isinstance(given, str)
    return "MO122", f"must be {wanted}, not {described(given)}", f"write [{given}]" if listable else _unit(model, keys)


def _branch(name: str) -> str:
    """Return what pydantic's name of a union's branch stands for."""
    if name.startswith("tuple["):
        return "a list"
    if name.startswith("literal["):
        return name[8:-1].replace("'", "`")
    return _BRANCHES.get(name.removeprefix("constrained-"), "a mapping of keys to values")


def _conversion(kind: str, given: Any, node: yaml.Node | None) -> str:
    if kind == "string_type" and isinstance(given, (bool, int, float)) and isinstance(node, yaml.ScalarNode):
        return f'quote it: "{node.value}"'
    if kind == "tuple_type" and isinstance(given, (str, int, float, bool)):
        return f"write [{given}]"
    if kind.startswith(("int", "float", "bool")) and isinstance(given, str):
        percent = given.strip().removesuffix("%")
        if kind.startswith("float") and percent != given and _looks_like(kind, percent):
            return f"write {shown(float(percent) / 100)}"
        return "drop the quotes" if _looks_like(kind, given) else ""
    return ""


def _looks_like(kind: str, given: str) -> bool:
    if kind.startswith("bool"):
        return given in ("true", "false")
    try:
        float(given)
    except ValueError:
        return False
    return True


def _unit(model: type[BaseModel], keys: Keys) -> str:
    info = walk.field_at(model, keys)
    return f"for example {shown(info.examples[0])}" if info is not None and info.examples else ""


def described(value: Any) -> str:
    """Return what a value is, for `not …`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {shown(value)}"
    if isinstance(value, (int, float)):
        return f"the number {shown(value)}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return "a list" if isinstance(value, (list, tuple)) else "a mapping"


def shown(value: Any) -> str:
    """Return a value as it would be written in one line of YAML, cut when long."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str):
        text = (
            value
            if value and value.isprintable() and len(value) <= 60
            else repr(value[:57] + "…" if len(value) > 60 else value)
        )
        return f'"{text}"' if text == value and (not text[0].isalnum() or " " in text) else text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return spell(value) if isinstance(value, float) else str(value)


def quoted(value: Any) -> str:
    """Return a value as `shown`, texts always in quotes."""
    text = shown(value)
    return f'"{text}"' if isinstance(value, str) and not text.startswith(('"', "'")) else text
