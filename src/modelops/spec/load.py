"""From the text of a file to a checked spec, or to every problem in it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from modelops.core.document import Document, parse
from modelops.core.errors import InvalidFile, ModelopsError, Problem
from modelops.core.settings import Settings
from modelops.spec import shape
from modelops.spec.model import Spec

SETTINGS = "modelops.yaml"
SomeModel = TypeVar("SomeModel", Spec, Settings)


def load_spec(root: Path, name: str) -> Spec:
    """Return the spec of one model.

    Raises
    ------
    InvalidFile
        With every problem of the file and its position.
    ModelopsError
        When there is no such file.
    """
    path = root / "specs" / f"{name}.yaml"
    if not path.is_file():
        raise ModelopsError(
            f'no model "{name}": specs/{name}.yaml does not exist', hint=f"modelops new {name} writes one"
        )
    return parse_spec(path.read_bytes(), f"specs/{name}.yaml")


def load_all(root: Path) -> dict[str, Spec]:
    """Return the specs of all models by name, in name order.

    Raises
    ------
    InvalidFile
        With every problem of every file.
    """
    specs: dict[str, Spec] = {}
    problems: list[Problem] = []
    for path in sorted((root / "specs").glob("*.yaml")):
        try:
            specs[path.stem] = load_spec(root, path.stem)
        except InvalidFile as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidFile(problems)
    return specs


def parse_spec(text: str | bytes, path: str) -> Spec:
    """Return the spec in a text, for example one from git's history: its form is checked, not its surroundings.

    Raises
    ------
    InvalidFile
        With every problem and its position.
    """
    document = parse(text, path)
    return _typed(document, Spec)


def load_settings(root: Path) -> Settings:
    """Return the platform settings of a repository.

    Raises
    ------
    InvalidFile
        With every problem of `modelops.yaml` and its position.
    """
    return _typed(parse((root / SETTINGS).read_bytes(), SETTINGS), Settings)


def _typed(document: Document, model: type[SomeModel]) -> SomeModel:
    value, problems = shape.check(document, model)
    errors = [problem for problem in problems if problem.level == "error"]
    if errors or value is None:
        raise InvalidFile(errors)
    return value
