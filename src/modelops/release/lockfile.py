"""The form of `models/<model>/lock.yaml`.

The last line is the digest of all lines above it: an edit by hand, a truncated file and a formatter that went over it
are all noticed when the lock is read, before anything is decided on its numbers.
"""

from __future__ import annotations

from pathlib import Path

from modelops.core import digest as digests
from modelops.core.errors import InvalidFile, Problem
from modelops.core.files import write_atomic
from modelops.records.lock import Lock
from modelops.release.document import dump, load

HEADER = "# written by `modelops run`; do not edit: change the model's spec and run it again\n"
END = "# end "
CODE = "MO201"
REMEDY = "take the committed file back (git checkout), or run `modelops run` again"


def dumps(lock: Lock) -> str:
    """Return the one text of a lock: the record's order, floats with the fewest digits, its own digest at the end."""
    text = HEADER + dump(lock.model_dump(mode="json"), width=100)
    return f"{text}{END}{digest(text)}\n"


def parse(text: str, path: str) -> Lock:
    """Return the lock in a file's text.

    Raises
    ------
    InvalidFile
        When the text is not exactly what `dumps` wrote, or is of another format.
    """
    text = text.replace("\r\n", "\n")
    body, mark, last = text.rpartition(END)
    if "<<<<<<< " in text:
        raise _invalid(path, "an unresolved merge conflict", "take either side, then run `modelops run` again")
    if not mark:
        raise _invalid(path, "not whole: its last line, the digest of the others, is missing", REMEDY)
    if last.rstrip("\n") != digest(body):
        raise _invalid(path, "changed by something else than `modelops run`", REMEDY)
    return load(body, path, Lock, code=CODE, remedy="run `modelops run` again with this version of modelops")


def _invalid(path: str, message: str, hint: str) -> InvalidFile:
    return InvalidFile([Problem(path, 0, 0, CODE, message, hint)])


def read(path: Path) -> Lock | None:
    """Return the lock in a file, None when there is no file.

    Raises
    ------
    InvalidFile
        When the file is not a whole, unedited lock.
    """
    if not path.is_file():
        return None
    return parse(path.read_text(encoding="utf-8"), "/".join(path.parts[-3:]))


def write(path: Path, lock: Lock) -> bool:
    """Write a lock and return whether the file changed."""
    return write_atomic(path, dumps(lock))


def digest(text: str) -> str:
    """Return the digest that names a lock: of its file's text, line ends as in the repository."""
    return digests.of_bytes(text.replace("\r\n", "\n").encode())
