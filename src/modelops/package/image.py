"""The container image of a Bento: the command that builds it, and building it where an engine works."""

from __future__ import annotations

import shlex
from pathlib import Path

from modelops.core.settings import Settings
from modelops.package import bento


def name(tag: str, settings: Settings) -> str:
    """Return the image's name and tag in the registry for a Bento's tag."""
    model, _, version = tag.partition(":")
    return f"{settings.image(model)}:{version}"


def command(tag: str, settings: Settings, cache: Path) -> str:
    """Return the command that builds a Bento's image, to be run in the repository."""
    home = bento.home(cache).relative_to(cache.parent).as_posix()
    words = ["bentoml", "containerize", tag, "--image-tag", name(tag, settings)]
    return f"BENTOML_HOME={shlex.quote(home)} {shlex.join(words)}"
