"""The shared store behind the local one: the same files below an fsspec URL, for runners that share nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from modelops.core import console
from modelops.core.errors import ModelopsError

_Answer = TypeVar("_Answer")
_EXTRAS = {"s3": "s3", "gs": "gs", "gcs": "gs", "az": "az", "abfs": "az"}


class Remote:
    """Files below one URL. When it cannot be reached, that is told once and the run goes on without it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.away = False

    @cached_property
    def _place(self) -> tuple[Any, str]:
        try:
            import fsspec
        except ImportError:
            raise ModelopsError(
                f"the shared store {self.url} needs the package fsspec", hint="uv sync --extra train"
            ) from None
        try:
            files, folder = fsspec.core.url_to_fs(self.url)
        except ImportError:
            protocol = self.url.partition("://")[0]
            raise ModelopsError(
                f"no package for {protocol}:// is installed", hint=f"uv sync --extra {_EXTRAS.get(protocol, protocol)}"
            ) from None
        return files, str(folder).rstrip("/")

    def has(self, name: str) -> bool:
        """Return whether a file is there."""
        return self._try(lambda files, path: bool(files.exists(path)), name, absent=False)

    def get(self, name: str) -> bytes | None:
        """Return a file's content, None when it is not there."""
        return self._try(lambda files, path: bytes(files.cat_file(path)), name, absent=None)

    def fetch(self, name: str, target: Path) -> bool:
        """Copy a file to a path of its own; False when it is not there."""

        def copy(files: Any, path: str) -> bool:
            files.get_file(path, str(target))
            return True

        return self._try(copy, name, absent=False)

    def put(self, name: str, source: Path, *, replace: bool = False) -> None:
        """Copy a file there, unless one of that name is there already.

        Readers see all of it or nothing: object stores show an object when it is complete, and on a disk the copy
        gets its name last.
        """

        def copy(files: Any, path: str) -> None:
            if not replace and files.exists(path):
                return
            if "file" not in files.protocol:
                files.put_file(str(source), path)
                return
            files.makedirs(path.rpartition("/")[0], exist_ok=True)
            part = f"{path}.{uuid.uuid4().hex}.tmp"
            files.put_file(str(source), part)
            Path(part).replace(path)

        self._try(copy, name, absent=None)

    def _try(self, action: Callable[[Any, str], _Answer], name: str, *, absent: _Answer) -> _Answer:
        if self.away:
            return absent
        files, folder = self._place
        try:
            return action(files, f"{folder}/{name}")
        except FileNotFoundError:
            return absent
        except Exception as error:  # each store's client has its own classes
            self.away = True
            reason = (str(error) or type(error).__name__).splitlines()[0]
            console.warn(f"the shared store {self.url} cannot be used: {reason}; going on with the local one")
            return absent
