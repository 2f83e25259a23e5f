"""From the text of a file to a checked spec, or to every problem in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modelops.core.document import parse
from modelops.core.errors import InvalidFile, ModelopsError, Problem
from modelops.core.settings import Settings
from modelops.spec import check, shape
from modelops.spec.model import Spec
from modelops.spec.rules.surroundings import Surroundings


def load_spec(root: Path, name: str) -> Spec:
    """Return the spec of one model.

    Raises
    ------
    InvalidFile
        With every problem of the file and its position.
    ModelopsError
        When there is no such file.
    """
    return _load(root, name, check.around(root)[0])


def load_all(root: Path) -> dict[str, Spec]:
    """Return the specs of all models by name, in name order.

    Raises
    ------
    InvalidFile
        With every problem of every file.
    """
    specs: dict[str, Spec] = {}
    problems: list[Problem] = []
    near, _ = check.around(root)
    for path in sorted((root / "specs").glob("*.yaml")):
        try:
            specs[path.stem] = _load(root, path.stem, near)
        except InvalidFile as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidFile(problems)
    return specs


def _load(root: Path, name: str, near: Surroundings) -> Spec:
    path = root / "specs" / f"{name}.yaml"
    if not path.is_file():
        hint = f"modelops new {name} --data FILE --target COLUMN writes it"
        raise ModelopsError(f'no model "{name}": specs/{name}.yaml does not exist', hint=hint)
    spec, problems = check.check_spec(path.read_bytes(), f"specs/{name}.yaml", near)
    if spec is None:
        raise InvalidFile(errors(problems))
    return spec


def parse_spec(text: str | bytes, path: str) -> Spec:
    """Return the spec in a text, for example one from git's history: its form is checked, not its surroundings.

    Raises
    ------
    InvalidFile
        With every problem and its position.
    """
    form = shape.check(parse(text, path), Spec)
    if form.value is None:
        raise InvalidFile(errors(form.problems))
    return form.value


def load_settings(root: Path) -> Settings:
    """Return the platform settings of a repository.

    Raises
    ------
    InvalidFile
        With every problem of `modelops.yaml` and its position.
    """
    settings, problems = check.check_settings((root / check.SETTINGS).read_bytes(), check.SETTINGS)
    if settings is None:
        raise InvalidFile(errors(problems))
    return settings


def errors(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems that make a file invalid."""
    return [problem for problem in problems if problem.level == "error"]
