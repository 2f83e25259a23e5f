"""The container image of a Bento: the command that builds it, and building it where an engine works."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from modelops.core.errors import ModelopsError
from modelops.core.settings import Settings
from modelops.package import bento

Engine = Literal["docker", "podman", "buildah"]
_DAEMON_SECONDS = 10.0


def name(tag: str, settings: Settings) -> str:
    """Return the image's name and tag in the registry for a Bento's tag."""
    model, _, version = tag.partition(":")
    return f"{settings.image(model)}:{version}"


def command(tag: str, settings: Settings, cache: Path) -> str:
    """Return the command that builds a Bento's image with Docker, to be run in the repository."""
    home = bento.home(cache).relative_to(cache.parent).as_posix()
    words = ["bentoml", *_containerize(tag, settings, "docker")]
    return f"BENTOML_HOME={shlex.quote(home)} {shlex.join(words)}"


def engine() -> Engine | None:
    """Return a container engine that works here, None when there is none.

    Docker counts only when its daemon answers; podman and buildah need none.
    """
    if shutil.which("docker") and _daemon_answers():
        return "docker"
    found: list[Engine] = [tool for tool in ("podman", "buildah") if shutil.which(tool)]
    return found[0] if found else None


def _daemon_answers() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=_DAEMON_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def build_and_push(tag: str, settings: Settings, cache: Path, using: Engine) -> str:
    """Build a Bento's image, push it, and return the digest that the registry knows it by.

    Raises
    ------
    ModelopsError
        When building or pushing fails.
    """
    home = bento.environment(bento.home(cache))
    _run([sys.executable, "-m", "bentoml", *_containerize(tag, settings, using)], home)
    pushed = name(tag, settings)
    if using == "docker":
        _run(["docker", "push", "--quiet", pushed], home)
        names = json.loads(_run(["docker", "image", "inspect", "--format", "{{json .RepoDigests}}", pushed], home))
        digests = [entry.partition("@")[2] for entry in names if entry.startswith(f"{pushed.rpartition(':')[0]}@")]
        return _digest(digests[0] if digests else "", pushed)
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "digest"
        _run([using, "push", "--digestfile", str(written), pushed], home)
        return _digest(written.read_text(encoding="utf-8").strip(), pushed)


def _containerize(tag: str, settings: Settings, using: Engine) -> list[str]:
    return ["containerize", tag, "--backend", using, "--image-tag", name(tag, settings)]


def _digest(text: str, pushed: str) -> str:
    if not text.startswith("sha256:") or len(text) != len("sha256:") + 64:
        raise ModelopsError(f"the registry gave no digest for {pushed}", hint="push it again, or look at the registry")
    return text


def _run(words: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        shown = shlex.join(words[-5:])
        raise ModelopsError(f"{shown} failed with exit code {done.returncode}", hint="\n  ".join(lines[-12:]))
    return done.stdout
