"""The content-addressed store: blobs by digest, and stage records by the digest of what they depend on.

Layout below the store's root (`.modelops/store` by default):

    blobs/ab/cdef…            a file's content, named by its SHA-256
    records/<stage>/ab/cdef…  the JSON record a stage left, named by the stage's key

Writes are atomic and content-addressed, so parallel runs cannot hurt each other.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from modelops.core import digest as digests
from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic


class Store:
    """Blobs and records below one folder.

    `written` names the stages that left a new record through this object: a stage that is not in it did nothing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written: set[str] = set()

    def _path(self, room: str, digest: str) -> Path:
        digits = digest.removeprefix(digests.PREFIX)
        return self.root / room / digits[:2] / digits[2:]

    def has(self, digest: str) -> bool:
        """Return whether a blob is here."""
        return self._path("blobs", digest).is_file()

    def path(self, digest: str) -> Path:
        """Return the file of a blob, to read, never to write.

        Raises
        ------
        ModelopsError
            When no blob with this digest is here.
        """
        path = self._path("blobs", digest)
        if not path.is_file():
            raise ModelopsError(
                f"the store has no blob {digest} ({self.root})", hint="run the stage that makes it again"
            )
        return path

    def put_bytes(self, data: bytes) -> str:
        """Keep some bytes and return their digest."""
        digest = digests.of_bytes(data)
        if not self.has(digest):
            write_atomic(self._path("blobs", digest), data)
        return digest

    def put_file(self, path: Path) -> str:
        """Keep a copy of a file and return its digest."""
        digest = digests.of_file(path)
        target = self._path("blobs", digest)
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
            os.close(handle)
            try:
                shutil.copyfile(path, temporary)
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        return digest

    def put_record(self, stage: str, key: str, text: str) -> None:
        """Remember what a stage resolved to under its key."""
        write_atomic(self._path(f"records/{stage}", key), text)
        self.written.add(stage)

    def get_record(self, stage: str, key: str) -> str | None:
        """Return the record a stage left under a key, or None when it never ran with these inputs."""
        path = self._path(f"records/{stage}", key)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def checkout(self, files: dict[str, str], folder: Path) -> Path:
        """Lay blobs out as a folder: relative name to digest. Files already there with that content stay.

        Returns the folder.
        """
        for name, digest in files.items():
            target = folder / name
            if not target.is_file() or digests.of_file(target) != digest:
                write_atomic(target, self.path(digest).read_bytes())
        return folder
