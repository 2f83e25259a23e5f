"""Building a Bento with BentoML, in a process of its own, and the digest of what came out.

BentoML imports the service that it packs and keeps global state, so it runs as a command. The Bento is built in a
temporary folder and moved into BentoML's home by one rename: a killed build leaves nothing that anybody would use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from modelops.core import digest as digests
from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic

_BENTOFILE = """\
service: modelops.serving.service:Model
description: A model and the code that serves it; GET /model says what it is.
include: ["modelops/**", "model/**", requirements.txt]
"""
INFO = "bento.yaml"
# What BentoML stamps on every build, however equal its content.
STAMPS = ("creation_time", "version")
_UNVERSIONED = "unversioned"
_ABANDONED_SECONDS = 3600.0


def home(cache: Path) -> Path:
    """Return BentoML's home below a workspace's cache."""
    return cache / "bentoml"


def folder(cache: Path, tag: str) -> Path:
    """Return where a Bento with the tag `name:version` is kept."""
    name, _, version = tag.partition(":")
    return home(cache) / "bentos" / name / version


def is_complete(bento: Path) -> bool:
    """Return whether a Bento is in this folder."""
    return (bento / INFO).is_file()


def environment(bentoml_home: Path) -> dict[str, str]:
    """Return the environment that BentoML's commands run in: its home, no telemetry, this Python's tools first."""
    tools = str(Path(sys.executable).parent)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("BENTOML_")}
    return {
        **inherited,
        "BENTOML_HOME": str(bentoml_home),
        "BENTOML_DO_NOT_TRACK": "True",
        "DO_NOT_TRACK": "1",
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONWARNINGS": "ignore",
    }


def build(name: str, content: Mapping[str, Path | str], cache: Path) -> tuple[str, str]:
    """Build a Bento and return its digest and its tag.

    Parameters
    ----------
    name : str
        The model's name, and the Bento's.
    content : mapping of relative name to file or text
        What the Bento's `src` folder holds.
    cache : Path
        The workspace's cache.

    Raises
    ------
    ModelopsError
        When BentoML cannot build it.
    """
    with _temporary(home(cache)) as work:
        context = work / "context"
        for relative, source in sorted({**content, "bentofile.yaml": _BENTOFILE}.items()):
            target = context / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.encode() if isinstance(source, str) else source.read_bytes())
        built = _run_bentoml(name, context, work / "home")
        digest = content_digest(built)
        version = digests.short(digest)
        _set_version(built / INFO, version)
        _keep(built, home(cache) / "bentos" / name, version)
    return digest, f"{name}:{version}"


def _run_bentoml(name: str, context: Path, bentoml_home: Path) -> Path:
    bentoml_home.mkdir()
    options = ["--bentofile", "bentofile.yaml", "--name", name, "--version", _UNVERSIONED, "--output", "tag"]
    command = [sys.executable, "-m", "bentoml", "build", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=context, env=environment(bentoml_home))
    built = bentoml_home / "bentos" / name / _UNVERSIONED
    if done.returncode != 0 or not is_complete(built):
        words = (done.stderr or done.stdout).strip().splitlines()
        raise ModelopsError(
            f"BentoML could not build {name}: {words[-1] if words else f'exit code {done.returncode}'}",
            hint="the output above the last line:\n  " + "\n  ".join(words[-12:-1]) if len(words) > 1 else "",
        )
    return built


def content_digest(bento: Path) -> str:
    """Return the digest of a Bento's files, without the stamps of the moment it was built."""
    entries: dict[str, Any] = {}
    for path in sorted(bento.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(bento).as_posix()
            entries[name] = _unstamped(path) if name == INFO else digests.of_file(path)
    return digests.of_value(entries)


def _unstamped(info: Path) -> Any:
    plain = yaml.safe_load(info.read_text(encoding="utf-8"))
    return {key: value for key, value in plain.items() if key not in STAMPS}


def _set_version(info: Path, version: str) -> None:
    text = info.read_text(encoding="utf-8")
    stamped = text.replace(f"version: {_UNVERSIONED}\n", f"version: {version}\n", 1)
    if stamped == text:
        raise ModelopsError(f"{info}: BentoML wrote no version", hint="a new BentoML may have changed its format")
    info.write_text(stamped, encoding="utf-8")


def _keep(built: Path, bentos: Path, version: str) -> None:
    bentos.mkdir(parents=True, exist_ok=True)
    built.chmod(0o755)  # BentoML makes it in a temporary folder that only its owner may read
    kept = bentos / version
    try:
        built.rename(kept)
    except OSError:  # something is there: the same content from another build, or what somebody left of it
        if not is_complete(kept):
            shutil.rmtree(kept)
            built.rename(kept)
    write_atomic(bentos / "latest", version)


@contextmanager
def _temporary(bentoml_home: Path) -> Iterator[Path]:
    """Give a folder on the same disk as BentoML's home; folders that killed builds left are removed."""
    room = bentoml_home / "tmp"
    room.mkdir(parents=True, exist_ok=True)
    for left in room.iterdir():
        if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(dir=room))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
