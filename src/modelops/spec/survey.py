"""Which files to validate, and what is wrong with any of them."""

from __future__ import annotations

import difflib
import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modelops.core.errors import ModelopsError, Problem
from modelops.core.workspace import find_root
from modelops.spec import check
from modelops.spec.model import Spec

_FOLDER = "specs"


@dataclass
class Survey:
    """What was found.

    `sources` maps each checked path to its text, `specs` each path without errors to its spec.
    """

    root: Path
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    specs: dict[str, Spec] = field(default_factory=dict)


def survey(start: Path, names: Sequence[str]) -> Survey:
    """Check models by name, files by path, or the whole repository around a folder.

    Raises
    ------
    ModelopsError
        When a name or path does not exist, or there is no repository to check as a whole.
    """
    root = _root(start, names)
    # a spec's nodes hold no cycles: collecting them again and again costs a third of the time
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _survey(root, start, names)
    finally:
        if collecting:
            gc.enable()


def _survey(root: Path, start: Path, names: Sequence[str]) -> Survey:
    near, settings_problems = check.around(root)
    found = Survey(root)
    for path in _paths(root, start, names):
        shown = path.as_posix()
        try:
            data = (root / path).read_bytes()
        except OSError as error:
            found.problems.append(Problem(shown, 0, 0, "MO109", f"cannot be read: {error.strerror}"))
            continue
        if Path(path).name == check.SETTINGS:
            problems = settings_problems if shown == check.SETTINGS else check.check_settings(data, shown)[1]
        else:
            spec, problems = check.check_spec(data, shown, near)
            if spec is not None:
                found.specs[shown] = spec
        found.problems += problems
        found.sources[shown] = data.decode("utf-8", errors="replace") if problems else ""
    if not names:
        found.problems += check.stray_files(root)
    found.problems.sort()
    return found


def _root(start: Path, names: Sequence[str]) -> Path:
    """Return the repository; files given by path may be checked without one."""
    try:
        return find_root(start)
    except ModelopsError:
        if names and all(_is_path(name) for name in names):
            return start
        raise


def _is_path(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name


def _paths(root: Path, start: Path, names: Sequence[str]) -> list[Path]:
    """Return the files to check, relative to the root where they are inside it."""
    if not names:
        settings = [Path(check.SETTINGS)] if (root / check.SETTINGS).is_file() else []
        return settings + [path.relative_to(root) for path in sorted((root / _FOLDER).glob("*.yaml"))]
    return list(dict.fromkeys(_path(root, start, name) for name in names))


def _path(root: Path, start: Path, name: str) -> Path:
    path = (start / name) if _is_path(name) else (root / _FOLDER / f"{name}.yaml")
    if path.is_file():
        path = path.resolve()
        return path.relative_to(root.resolve()) if path.is_relative_to(root.resolve()) else path
    known = sorted(file.stem for file in (root / _FOLDER).glob("*.yaml"))
    close = difflib.get_close_matches(name, known, n=1)
    if _is_path(name):
        raise ModelopsError(f"{name} does not exist", hint="give a file, or the name of a model")
    hint = f'did you mean "{close[0]}"?' if close else f"there are: {', '.join(known) or 'none yet'}"
    raise ModelopsError(f'no model "{name}": specs/{name}.yaml does not exist', hint=hint)
