"""The form of a pin, `argocd/environments/<environment>/<model>/release.yaml`."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from modelops.core.errors import InvalidFile, Problem
from modelops.core.files import write_atomic
from modelops.records.lock import Lock
from modelops.records.release import Release
from modelops.release.document import dump, load

NAME = "release.yaml"
HEADER = "# written by `modelops release`, `promote` and `rollback`: which locked version this environment runs\n"
CODE = "MO202"
REMEDY = "take the committed file back (git checkout), or release the model again"


def pin(lock: Lock, digest: str, model: str, environment: str) -> Release:
    """Return the pin of a locked version; `digest` is that of the lock's text."""
    return Release(
        model=model,
        environment=environment,
        version=lock.version,
        lock=digest,
        snapshot=lock.resolved.data.snapshot,
        bento=lock.resolved.bento,
        image=lock.observed.image,
    )


def dumps(release: Release) -> str:
    """Return the one text of a pin."""
    return HEADER + dump(release.model_dump(mode="json"), width=100)


def parse(text: str, path: str) -> Release:
    """Return the pin in a file's text.

    Raises
    ------
    InvalidFile
        When it is not a pin, or when model and environment are not those of the folder it lies in.
    """
    release = load(text, path, Release, code=CODE, remedy=REMEDY)
    folder = PurePosixPath(path).parent
    if (folder.parent.name, folder.name) != (release.environment, release.model):
        message = f"pins {release.model} in {release.environment}, but lies in the folder {folder}"
        raise InvalidFile([Problem(path, 0, 0, CODE, message, REMEDY)])
    return release


def read(path: Path) -> Release | None:
    """Return the pin in a file, None when there is no file.

    Raises
    ------
    InvalidFile
        When the file is not a pin of the folder it lies in.
    """
    if not path.is_file():
        return None
    return parse(path.read_text(encoding="utf-8"), "/".join(path.parts[-5:]))


def write(path: Path, release: Release) -> bool:
    """Write a pin and return whether the file changed."""
    return write_atomic(path, dumps(release))
