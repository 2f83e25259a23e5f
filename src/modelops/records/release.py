"""Which locked version an environment runs."""

from __future__ import annotations

from modelops.records.base import Record


class Release(Record):
    """The pin `argocd/environments/<env>/<model>/release.yaml`. Promotion copies it, nothing else.

    `lock` is the digest of the lock file of this version, `commit`-independent; `image` is None only where the
    environment accepts unpinned images.
    """

    model: str
    environment: str
    version: int
    lock: str
    snapshot: str
    bento: str
    image: str | None
