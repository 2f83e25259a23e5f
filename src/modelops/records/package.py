"""What the package stage built."""

from __future__ import annotations

from modelops.records.base import Record


class PackageRecord(Record):
    """One Bento.

    `bento` is the digest of its content without creation time, the same whenever it is built.
    `tag` is BentoML's `name:version`. `image` is the digest of the pushed image, None where nothing built one;
    `image_command` builds it.
    """

    bento: str
    tag: str
    image: str | None
    image_command: str
    seconds: float
