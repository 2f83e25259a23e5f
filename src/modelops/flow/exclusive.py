"""One run of a model at a time on one machine."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modelops.core.errors import ModelopsError


@contextmanager
def exclusive(cache: Path, name: str) -> Iterator[None]:
    """Hold the model's run lock; the operating system frees it when the process ends, however it ends.

    Raises
    ------
    ModelopsError
        When another process holds it.
    """
    path = cache / "running" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            holder = stream.read().strip() or "unknown"
            raise ModelopsError(
                f"another run of {name} is under way (process {holder})", hint="wait for it, or stop it, and run again"
            ) from None
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield
