"""Every problem of one spec or of a whole repository, in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from modelops.core.document import Document, parse
from modelops.core.errors import Problem
from modelops.core.settings import Settings
from modelops.spec import repair, shape
from modelops.spec.model import Spec
from modelops.spec.rules import columns, estimator, evaluation, gates, moments, operation, surroundings
from modelops.spec.rules.finding import Finding, Keys
from modelops.spec.rules.surroundings import Surroundings

SETTINGS = "modelops.yaml"
# Each rule, and the keys that it reads beside those that it speaks about.
_RULES: tuple[tuple[Callable[[Spec], Iterator[Finding]], tuple[Keys, ...]], ...] = (
    (columns.check, (("data", "target"), ("data", "key"), ("data", "time"))),
    (moments.check, (("data", "time"), ("data", "snapshot"), ("data", "window"), ("evaluate", "split"))),
    (estimator.check, (("train", "task"), ("train", "estimator"))),
    (evaluation.check, (("train", "task"), ("train", "estimator"), ("evaluate", "metrics"), ("evaluate", "slices"))),
    (gates.check, (("train", "task"), ("train", "estimator"), ("evaluate", "metrics"), ("evaluate", "slices"))),
    (operation.check, (("train", "task"), ("evaluate", "metrics"), ("data", "labels_after"))),
)


def around(root: Path) -> tuple[Surroundings, list[Problem]]:
    """Return what the specs of a repository are checked against, and the problems of its settings."""
    settings: Settings | None = None
    problems: list[Problem] = []
    if (root / SETTINGS).is_file():
        settings, problems = check_settings((root / SETTINGS).read_bytes(), SETTINGS)
    owners, owners_path = surroundings.read_owners(root)
    return Surroundings(datetime.now(UTC), settings, owners, owners_path), problems


def check_settings(data: bytes | str, path: str) -> tuple[Settings | None, list[Problem]]:
    """Return the platform settings in a file's content, and every problem in it."""
    form = shape.check(parse(data, path), Settings)
    return form.value, list(form.problems)


def check_spec(data: bytes | str, path: str, near: Surroundings | None = None) -> tuple[Spec | None, list[Problem]]:
    """Return the spec in a file's content, None when it has errors, and every problem in it.

    Parameters
    ----------
    data, path
        The file's content, and its name for messages.
    near
        What it is checked against beside itself; nothing without it.
    """
    form = shape.check(parse(data, path), Spec)
    if form.draft is None:
        return None, list(form.problems)
    findings = list(_findings(form.draft, form.spoilt, path, near))
    if not findings:
        return form.value, list(form.problems)
    problems = shape.causes((*form.problems, *placed(form.document, findings)))
    failed = any(problem.level == "error" for problem in problems)
    return None if failed else form.value, problems


def _findings(spec: Spec, spoilt: Sequence[Keys], path: str, near: Surroundings | None) -> Iterator[Finding]:
    for rule, needs in _RULES:
        for finding in rule(spec):
            if not spoilt or repair.judged(finding.keys, needs, spoilt):
                yield finding
    if near is not None:
        for finding in surroundings.check(spec, path, near):
            if not spoilt or repair.judged(finding.keys, (), spoilt):
                yield finding


def placed(document: Document, findings: Iterable[Finding]) -> Iterator[Problem]:
    """Yield findings with line and column."""
    for finding in findings:
        place = document.place(finding.keys, key=finding.on_key)
        yield Problem(document.path, *place, finding.code, finding.message, finding.hint, finding.level)


def stray_files(root: Path) -> Iterator[Problem]:
    """Yield a problem for each file under `specs/` that nothing would read, and for names that differ only in case."""
    folder = root / "specs"
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if (
            path.is_file()
            and path.suffix.lower() in (".yaml", ".yml")
            and (path.suffix != ".yaml" or path.parent != folder)
        ):
            hint = f"move it to specs/{path.stem}.yaml"
            yield Problem(relative, 0, 0, "MO130", "not read: specs are specs/<name>.yaml", hint)
