"""`modelops new`: a valid first spec from a data file."""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modelops.core.errors import InvalidFile, ModelopsError
from modelops.core.files import write_atomic
from modelops.core.workspace import Workspace
from modelops.data import inspect
from modelops.data.sources import known_format
from modelops.flow import choose, first
from modelops.flow.choose import Choice, Task
from modelops.spec import check
from modelops.spec.model import Spec
from modelops.spec.rules.surroundings import read_owners

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Wish:
    """What a person asked for."""

    name: str
    data: str
    target: str
    time: str | None = None
    keys: tuple[str, ...] = ()
    task: Task | None = None
    owner: str | None = None


def new(workspace: Workspace, wish: Wish, start: Path) -> tuple[Path, Choice]:
    """Write the first spec of a model and return its path and what was chosen.

    Parameters
    ----------
    workspace
        The repository.
    wish
        What was asked for.
    start
        The folder that a relative data path starts at.

    Raises
    ------
    ModelopsError
        When the model exists, the file cannot be read, or nothing can be learned from it.
    """
    path = workspace.spec_path(wish.name)
    _free(path, wish.name)
    data = _relative(workspace.root, start, wish.data)
    source = _source_name(wish.data)
    file = inspect.inspect(_probe(wish, source, data), workspace.root)
    choose.check_names(file, wish.target, wish.keys, wish.time)
    _check_roles(wish, file)
    choice = choose.choose(file, wish.target, wish.keys, wish.time, wish.task)
    owner = wish.owner or _owner(workspace)
    head = first.Head(wish.name, owner, source, data, wish.time, datetime.now(UTC).date())
    text = first.render(head, file, choice)
    near, _ = check.around(workspace.root)
    spec, problems = check.check_spec(text, f"specs/{wish.name}.yaml", near)
    if spec is None:
        raise InvalidFile([problem for problem in problems if problem.level == "error"])
    write_atomic(path, text)
    return path, choice


def _free(path: Path, name: str) -> None:
    if not _NAME.fullmatch(name):
        hint = "use up to 40 small letters, digits and hyphens, starting with a letter"
        raise ModelopsError(f'"{name}" cannot be the name of a model', hint=hint)
    if path.exists():
        raise ModelopsError(f"specs/{name}.yaml exists already", hint="choose another name, or edit it")


def _relative(root: Path, start: Path, data: str) -> str:
    """Return a path or glob of data relative to the repository.

    Raises
    ------
    ModelopsError
        When nothing is there, or it is outside of the repository.
    """
    if "://" in data:
        return data
    path = (start / data).absolute()
    plain = path.is_file()
    if path.is_dir():
        raise ModelopsError(f"{data} is a folder", hint=f"name files, for example '{data.rstrip('/')}/*.parquet'")
    if not plain and not glob.glob(str(path), recursive=True):  # noqa: PTH207 - takes absolute patterns
        raise ModelopsError(f"{data} does not exist", hint="give the path of a CSV, Parquet or JSON lines file")
    if known_format(data) is None:
        hint = "CSV (.csv, .tsv), Parquet (.parquet) and JSON lines (.jsonl) are read; save it as one of them"
        raise ModelopsError(f"{data} is of no known format", hint=hint)
    inside = Path(os.path.normpath(path))
    for folder in (root.absolute(), root.resolve()):
        if inside.is_relative_to(folder):
            relative = inside.relative_to(folder).as_posix()
            return glob.escape(relative) if plain else relative
    raise ModelopsError(
        f"{data} is outside of the repository, where nobody else would find it",
        hint=f"copy it below data/, for example data/{path.stem}/{path.name}, and name it there",
    )


def _source_name(data: str) -> str:
    stem = Path(data).name.partition(".")[0].lower()
    name = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")[:40].strip("_")
    return name if name and not name[0].isdigit() else f"rows_{name}".strip("_")


def _probe(wish: Wish, source: str, data: str) -> Spec:
    """Return a spec that is just enough to read the file as training would."""
    return Spec.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Model",
            "name": wish.name,
            "owner": "@nobody",
            "data": {"sources": {source: data}, "target": wish.target, "time": wish.time, "key": wish.keys or None},
            "features": {},
            "train": {"task": "regression", "estimator": "sklearn.linear_model.Ridge"},
        }
    )


def _check_roles(wish: Wish, file: inspect.File) -> None:
    if wish.time is not None and file.times is None:
        kind = next(column.kind for column in file.columns if column.name == wish.time)
        raise ModelopsError(
            f'--time: "{wish.time}" holds {kind}s that are no times',
            hint="write times like 2013-01-31 or 2013-01-31T06:00:00",
        )
    if file.duplicates:
        keys = ", ".join(wish.keys)
        raise ModelopsError(
            f"--key: {keys} does not name a row: {file.duplicates:,} of {file.rows:,} rows have no value or that of"
            " another row",
            hint="name more columns (--key several times), or leave it out",
        )


def _owner(workspace: Workspace) -> str:
    """Return who answers for everything by CODEOWNERS, else the owner of the repository."""
    owners, _ = read_owners(workspace.root)
    fallback = f"@{workspace.settings.owner}"
    if not owners or fallback.lower() in owners:
        return fallback
    return next(iter(owners.values()))
