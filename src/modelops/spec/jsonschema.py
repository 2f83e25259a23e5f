"""The JSON Schemas of specs and platform settings: completion, hover and errors in editors."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from modelops.core.settings import Settings
from modelops.spec.evaluation import CLASSIFICATION_METRICS, MEASURED_METRICS, MODEL_METRICS, REGRESSION_METRICS
from modelops.spec.model import Spec
from modelops.spec.rules.estimator import index

_TASK_METRICS = [*CLASSIFICATION_METRICS, *REGRESSION_METRICS]
_UNAVAILABLE = "Not available yet: "
_IMPORT_PATH = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$"


def model_schema() -> dict[str, Any]:
    """Return the JSON Schema of `specs/*.yaml`."""
    schema = _schema(Spec, "model.schema.json", "A model of modelops: specs/<name>.yaml")
    definitions = schema["$defs"]
    definitions["Evaluate"]["properties"]["metrics"]["items"] = {"enum": _TASK_METRICS}
    definitions["Gate"]["properties"]["metric"]["enum"] = [*_TASK_METRICS, *MEASURED_METRICS, *MODEL_METRICS]
    definitions["Performance"]["properties"]["metric"]["enum"] = _TASK_METRICS
    estimator = definitions["Train"]["properties"]["estimator"]
    estimator.pop("pattern")
    known = sorted(path for path, entry in index().items() if not entry["needs"])
    estimator["anyOf"] = [{"enum": known}, {"pattern": _IMPORT_PATH, "not": {"pattern": r"^sklearn\."}}]
    return schema


def platform_schema() -> dict[str, Any]:
    """Return the JSON Schema of `modelops.yaml`."""
    return _schema(Settings, "platform.schema.json", "Platform settings of modelops: modelops.yaml")


def _schema(model: type[BaseModel], name: str, title: str) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("title", None)
        for key, entry in part.get("properties", {}).items():
            part["properties"][key] = _property(entry)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:modelops:v1:{name}",
        "$comment": "written by `modelops schema`; do not edit",
        "title": title,
        **schema,
    }


def _property(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a property for editors: no titles that repeat the key; what is not built is refused and says so."""
    entry = {key: value for key, value in entry.items() if key != "title"}
    if entry.get("x-not-available"):
        return {
            "not": {},
            "deprecated": True,
            "x-not-available": True,
            "description": _UNAVAILABLE + entry["description"],
        }
    return entry


def dumps(schema: dict[str, Any]) -> str:
    """Return the one text of a schema."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
