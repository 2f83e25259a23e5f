"""Digests: `sha256:<64 hex digits>` of bytes, files and plain values, written the same way everywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PREFIX = "sha256:"


def of_bytes(data: bytes) -> str:
    """Return the digest of some bytes."""
    return PREFIX + hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> str:
    """Return the digest of a file's content, read in pieces."""
    with path.open("rb") as stream:
        return PREFIX + hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a plain value: sorted keys, no blanks, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def of_value(value: Any) -> str:
    """Return the digest of a plain value (dict, list, str, int, float, bool, None)."""
    return of_bytes(canonical_json(value).encode())


def of_tree(root: Path, files: Iterable[Path]) -> str:
    """Return the digest of some files below root: their relative names and contents, in name order."""
    return of_value({path.relative_to(root).as_posix(): of_file(path) for path in sorted(files)})


def short(digest: str) -> str:
    """Return the first 12 hex digits, for people."""
    return digest.removeprefix(PREFIX)[:12]
