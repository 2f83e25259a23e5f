"""The content-addressed store: blobs by digest, and stage records by the digest of what they depend on.

Layout below the store's root (`.modelops/store` by default):

    blobs/ab/cdef…            a file's content, named by its SHA-256
    records/<stage>/ab/cdef…  the JSON record a stage left, named by the stage's key

Writes are atomic and content-addressed, so parallel runs cannot hurt each other. A shared store of the same layout
may stand behind the local one: what is not here is fetched from there and checked, what is kept here is kept there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modelops.core import digest as digests
from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic
from modelops.core.remote import Remote


class Store:
    """Blobs and records below one folder, and below a shared URL when there is one.

    `written` names the stages that left a new record through this object: a stage that is not in it did nothing.
    """

    def __init__(self, root: Path, remote: str | None = None) -> None:
        self.root = root
        self.remote = Remote(remote) if remote else None
        self.written: set[str] = set()

    def _name(self, room: str, digest: str) -> str:
        digits = digest.removeprefix(digests.PREFIX)
        return f"{room}/{digits[:2]}/{digits[2:]}"

    def _path(self, room: str, digest: str) -> Path:
        return self.root / self._name(room, digest)

    def has(self, digest: str) -> bool:
        """Return whether a blob is here or in the shared store."""
        if self._path("blobs", digest).is_file():
            return True
        return self.remote is not None and self.remote.has(self._name("blobs", digest))

    def path(self, digest: str) -> Path:
        """Return the file of a blob, to read, never to write; it is fetched when only the shared store has it.

        Raises
        ------
        ModelopsError
            When no blob with this digest is here, or the shared store's has another content.
        """
        path = self._path("blobs", digest)
        if not path.is_file() and not self._fetch(digest, path):
            raise ModelopsError(
                f"the store has no blob {digest} ({self.root})", hint="run the stage that makes it again"
            )
        return path

    def _fetch(self, digest: str, target: Path) -> bool:
        if self.remote is None:
            return False
        with _beside(target) as part:
            if not self.remote.fetch(self._name("blobs", digest), part):
                return False
            if digests.of_file(part) != digest:
                raise ModelopsError(
                    f"{self.remote.url} holds a damaged blob {digest}: its content has another digest",
                    hint="delete it there and run the stage that makes it again",
                )
            part.replace(target)
        return True

    def put_bytes(self, data: bytes) -> str:
        """Keep some bytes and return their digest."""
        digest = digests.of_bytes(data)
        target = self._path("blobs", digest)
        if not target.is_file():
            write_atomic(target, data)
        self._share("blobs", digest)
        return digest

    def put_file(self, path: Path) -> str:
        """Keep a copy of a file and return its digest."""
        digest = digests.of_file(path)
        target = self._path("blobs", digest)
        if not target.is_file():
            with _beside(target) as part:
                shutil.copyfile(path, part)
                part.replace(target)
        self._share("blobs", digest)
        return digest

    def put_record(self, stage: str, key: str, text: str) -> None:
        """Remember what a stage resolved to under its key."""
        write_atomic(self._path(f"records/{stage}", key), text)
        self._share(f"records/{stage}", key, replace=True)
        self.written.add(stage)

    def _share(self, room: str, digest: str, *, replace: bool = False) -> None:
        if self.remote is not None:
            self.remote.put(self._name(room, digest), self._path(room, digest), replace=replace)

    def get_record(self, stage: str, key: str) -> str | None:
        """Return the record a stage left under a key, or None when it never ran with these inputs."""
        room = f"records/{stage}"
        path = self._path(room, key)
        if path.is_file():
            return path.read_text(encoding="utf-8")
        data = self.remote.get(self._name(room, key)) if self.remote else None
        if data is None:
            return None
        write_atomic(path, data)
        return data.decode()

    def checkout(self, files: dict[str, str], folder: Path) -> Path:
        """Lay blobs out as a folder: relative name to digest. Files already there with that content stay.

        Returns the folder.
        """
        for name, digest in files.items():
            target = folder / name
            if not target.is_file() or digests.of_file(target) != digest:
                write_atomic(target, self.path(digest).read_bytes())
        return folder


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a temporary file in the target's folder, to be renamed; what is left of it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
