"""What tells that a source still holds the same rows, without reading them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from modelops.data import memory, window
from modelops.data.sources import LocalFiles, Objects, Source, WebFile
from modelops.spec.model import Spec


def of_sources(
    spec: Spec, sources: Sequence[Source], folder: Path, *, check: bool = False
) -> dict[str, list[str] | None]:
    """Return for each source the marks of its files, None where nothing tells whether its rows have changed.

    Files on disk are marked by their digests, remembered by path, size and time; objects and web files by
    entity tag or time and size. A database says nothing: its rows count as settled once the snapshot's end has passed.

    Parameters
    ----------
    spec, sources
        The model's spec, and what its sources stand for.
    folder
        Where digests of files are remembered.
    check
        Read local files, whatever is remembered.
    """
    return {source.name: _marks(spec, source, folder, check) for source in sources}


def _marks(spec: Spec, source: Source, folder: Path, check: bool) -> list[str] | None:
    if isinstance(source, LocalFiles):
        return sorted(memory.file_digests(source.paths, folder, check=check).values())
    if isinstance(source, Objects):
        from modelops.data import objects  # only for such a source

        marks = [listed.mark for listed in objects.listing(source, objects.filesystem(source.protocol))]
        return sorted(mark for mark in marks if mark) if all(marks) else None
    if isinstance(source, WebFile):
        from modelops.data import web  # only for such a source

        mark = web.fingerprint(source)
        return [mark] if mark else None
    settled = spec.data.time is not None and window.snapshot_end(spec) <= datetime.now(UTC)
    return ["settled"] if settled else None
