"""The reference pages: every key and every code, written from the schema and the codes themselves."""

from __future__ import annotations

import types
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from modelops.core.codes import CODES
from modelops.core.settings import Settings
from modelops.spec import jsonschema, walk
from modelops.spec.evaluation import CLASSIFICATION_METRICS, MEASURED_METRICS, MODEL_METRICS, REGRESSION_METRICS
from modelops.spec.model import Spec
from modelops.spec.units import format_duration
from modelops.spec.wording import shown

_WRITTEN = "<!-- written by `modelops schema`; do not edit -->\n"
_NAMES: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    date: "day",
    timedelta: "duration",
    Any: "any",
    type(None): "nothing",
}


def generated() -> dict[str, str]:
    """Return every file that is made from the schema, by its path in the repository."""
    return {
        "schemas/model.schema.json": jsonschema.dumps(jsonschema.model_schema()),
        "schemas/platform.schema.json": jsonschema.dumps(jsonschema.platform_schema()),
        "docs/spec.md": spec_page(),
        "docs/errors.md": errors_page(),
    }


def spec_page() -> str:
    """Return the reference of all keys as Markdown."""
    parts = [
        _WRITTEN + "# The keys of a spec\n",
        (
            "A spec is `specs/<name>.yaml`. Unknown keys are errors. `modelops new` writes a first one, `modelops"
            " validate`"
        ),
        "says what is wrong with it, and the first line below lets editors complete and explain every key:\n",
        "```yaml\n# yaml-language-server: $schema=../schemas/model.schema.json\n```\n",
        "Durations are a whole number and a unit: `30s`, `15m`, `2h`, `90d`, `2w`. Days are UTC.\n",
        _section(Spec, "Top of the file"),
        *(_section(inner, f"`{walk.spelled(keys)}`") for keys, inner in _sections(Spec, ())),
        _metrics(),
        "# The keys of `modelops.yaml`\n",
        _section(Settings, "Top of the file"),
        *(_section(inner, f"`{walk.spelled(keys)}` in modelops.yaml") for keys, inner in _sections(Settings, ())),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def errors_page() -> str:
    """Return the list of all codes as Markdown."""
    parts = [_WRITTEN + "# Error codes\n", "`modelops explain CODE` prints the same.\n"]
    for code, entry in CODES.items():
        parts.append(
            f"## {code}"
            f" {entry.title}\n\n{entry.why}\n\nWrong:\n\n{_fenced(entry.wrong)}\n\nRight:\n\n{_fenced(entry.right)}\n"
        )
    return "\n".join(parts)


def _fenced(text: str) -> str:
    return f"```yaml\n{text}\n```"


def _sections(model: type[BaseModel], prefix: tuple[str, ...]) -> list[tuple[tuple[str, ...], type[BaseModel]]]:
    """Return every model below another one, once for each place, in the schema's order."""
    found: list[tuple[tuple[str, ...], type[BaseModel]]] = []
    for key, info in walk.fields(model).items():
        for inner, step in _models(info.annotation):
            keys = (*prefix, key, *step)
            found.append((keys, inner))
            found += _sections(inner, keys)
    return found


def _models(annotation: Any) -> list[tuple[type[BaseModel], tuple[str, ...]]]:
    direct = [(inner, ()) for inner in walk.models_in(annotation)]
    items = [(inner, ("*",)) for item in walk.items_of(annotation) for inner in walk.models_in(item)]
    return [*direct, *items]


def _section(model: type[BaseModel], title: str) -> str:
    lines = [f"## {title}\n", f"{(model.__doc__ or '').strip().splitlines()[0]}\n"]
    lines += ["| key | value | default | meaning | example |", "|---|---|---|---|---|"]
    for key, info in walk.fields(model).items():
        lines.append("| " + " | ".join(_cells(key, info)) + " |")
    return "\n".join(lines) + "\n"


def _cells(key: str, info: FieldInfo) -> list[str]:
    extra = info.json_schema_extra
    missing = isinstance(extra, dict) and bool(extra.get("x-not-available"))
    meaning = f"**Not available yet.** {info.description}" if missing else str(info.description)
    example = f"`{shown(info.examples[0])}`" if info.examples else ""
    return [_cell(text) for text in (f"`{key}`", _type(info.annotation), _default(info), meaning, example)]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.default
    if value is None or isinstance(value, BaseModel) or value in ((), {}):
        return ""
    return f"`{format_duration(value) if isinstance(value, timedelta) else shown(value)}`"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(part) for part in arguments if part is not type(None)))
    if origin is tuple:
        return f"list of {_type(arguments[0])}" if len(arguments) == 2 and arguments[1] is ... else "pair"
    if origin is dict:
        return f"name → {_type(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "keys below"
    return _NAMES.get(annotation, str(annotation))


def _metrics() -> str:
    rows = [
        ("classification", CLASSIFICATION_METRICS),
        ("regression", REGRESSION_METRICS),
        ("gates only: measured", MEASURED_METRICS),
        ("gates only: of the model", MODEL_METRICS),
    ]
    lines = ["## Metrics\n", "| for | names |", "|---|---|"]
    lines += [f"| {task} | {', '.join(f'`{name}`' for name in names)} |" for task, names in rows]
    return "\n".join(lines) + "\n"
