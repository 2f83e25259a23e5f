"""Digests of files, remembered by path, size and modification time, so that unchanged files are only stat-ed."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from modelops.core import digest
from modelops.core.files import write_atomic

# A file changed in the same tick of a coarse clock keeps its time: only remember files that have settled.
_SETTLED_NS = 2_000_000_000


def file_digests(paths: Iterable[Path], memory: Path, *, check: bool = False) -> dict[Path, str]:
    """Return the digest of each file.

    Parameters
    ----------
    paths
        Files, absolute.
    memory
        Folder with one JSON file for each folder of files; made when missing.
    check
        Read every file, whatever is remembered.
    """
    by_folder = defaultdict(list)
    for path in paths:
        by_folder[path.parent].append(path)
    digests: dict[Path, str] = {}
    for folder, members in by_folder.items():
        digests.update(_folder_digests(folder, members, memory, check))
    return digests


def _folder_digests(folder: Path, paths: list[Path], memory: Path, check: bool) -> dict[Path, str]:
    note = memory / f"{digest.short(digest.of_bytes(str(folder).encode()))}.json"
    known = _read(note)
    digests, learnt = {}, dict(known)
    for path in paths:
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns]
        remembered = known.get(path.name)
        if not check and remembered and remembered[:2] == stamp:
            digests[path] = str(remembered[2])
            continue
        digests[path] = digest.of_file(path)
        learnt.pop(path.name, None)
        if time.time_ns() - status.st_mtime_ns > _SETTLED_NS:
            learnt[path.name] = [*stamp, digests[path]]
    if learnt != known:
        write_atomic(note, json.dumps(learnt, sort_keys=True))
    return digests


def _read(note: Path) -> dict[str, list[int | str]]:
    """Return what was noted; a note that does not read is as good as none."""
    try:
        return dict(json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
