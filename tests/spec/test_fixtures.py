from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from modelops.core.document import parse
from modelops.spec import check, walk
from modelops.spec.model import Spec
from modelops.spec.rules.surroundings import Surroundings

SPECS = Path(__file__).parent.parent / "specs"
INVALID = sorted((SPECS / "invalid").glob("*.yaml"))
VALID = sorted((SPECS / "valid").glob("*.yaml"))
SCHEMA = Path(__file__).parent.parent.parent / "schemas" / "model.schema.json"
EXPECT = "# expect: "


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_spec_is_answered_with_exactly_these_messages_at_these_places(
    path: Path, near: Surroundings
) -> None:
    text = path.read_text(encoding="utf-8")
    expected = [line.removeprefix(EXPECT) for line in text.splitlines() if line.startswith(EXPECT)]
    spec, problems = check.check_spec(text, "specs/churn.yaml", near)
    said = [f"{one.line}:{one.column} {one.message}{f'; {one.hint}' if one.hint else ''}" for one in problems]
    assert expected
    assert said == expected
    assert spec is None


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_spec_has_no_problem_here_nor_in_an_editor(path: Path, near: Surroundings) -> None:
    text = path.read_text(encoding="utf-8")
    spec, problems = check.check_spec(text, f"specs/{path.name}", near)
    assert problems == []
    assert spec is not None
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(_plain(parse(text, path.name).value))


def _plain(value: Any) -> Any:
    """Return values as a JSON reader would give them."""
    return json.loads(json.dumps(value))


def test_there_are_enough_of_them() -> None:
    assert len(INVALID) >= 60
    assert len(VALID) >= 15


def test_the_valid_specs_use_every_key_that_is_available() -> None:
    used = {
        pattern for path in VALID for pattern in _patterns(parse(path.read_text(encoding="utf-8"), path.name).value, ())
    }
    unavailable = walk.unavailable(Spec)
    wanted = {keys for keys, _ in walk.everything(Spec) if not any(keys[: len(gone)] == gone for gone in unavailable)}
    assert {".".join(keys) for keys in wanted - used} == set()


def _patterns(value: Any, keys: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return the keys used below a value, with `*` for what may have any name."""
    found = {keys} if keys else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
    for key, item in items:
        known = isinstance(key, str) and walk.field_at(Spec, (*keys, key)) is not None
        found |= _patterns(item, (*keys, key if known else "*"))
    return found


@pytest.mark.parametrize("pattern", walk.unavailable(Spec), ids=".".join)
def test_a_key_that_is_not_built_is_refused(pattern: tuple[str, ...], near: Surroundings) -> None:
    text = (SPECS / "valid" / "triggers.yaml").read_text(encoding="utf-8")
    keys = list(pattern)
    if keys[0] == "monitor":
        text += f"  {keys[1]}: {{}}\n"
    else:
        text += f"{keys[0]}: {{{keys[1]}: {{}}}}\n"
    _, problems = check.check_spec(text, "specs/triggers.yaml", near)
    assert f"{'.'.join(keys)}: not available yet" in [problem.message for problem in problems]
