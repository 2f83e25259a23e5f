"""What the image installs: the serving libraries and everything they need, pinned to the versions in use here."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from modelops.core.errors import ModelopsError

SERVE = ("bentoml", "httptools", "numpy", "onnxruntime", "uvloop")
# Only a model that could not be exported needs the training libraries to predict.
SKOPS = ("pandas", "scikit-learn", "skops")
# The image runs Linux, whatever built the Bento.
_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}


def requirements(model_format: str) -> str:
    """Return `name==version` lines, sorted, for serving a model of this format (`onnx` or `skops`).

    Raises
    ------
    ModelopsError
        When one of the libraries is not installed here, so that its version is unknown.
    """
    roots = SERVE if model_format == "onnx" else (*SERVE, *SKOPS)
    versions: dict[str, str] = {}
    extras_seen: set[tuple[str, str]] = set()
    waiting = [Requirement(name) for name in roots]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        new = {("", name), *((extra, name) for extra in wanted.extras)} - extras_seen
        if not new:
            continue
        extras_seen |= new
        found = _installed(wanted.name)
        versions[name] = found.version
        waiting += _needs(found, {extra for extra, _ in new})
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise ModelopsError(
            f"the library {name}, which serves models, is not installed",
            hint="install modelops with its extras: uv sync --all-extras",
        ) from None


def _needs(found: Distribution, extras: set[str]) -> list[Requirement]:
    wanted = [Requirement(text) for text in found.requires or ()]
    return [
        need
        for need in wanted
        if need.marker is None or any(need.marker.evaluate({**_LINUX, "extra": extra}) for extra in extras)
    ]
