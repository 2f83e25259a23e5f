"""Object stores through fsspec; credentials come from the environment, the way each cloud's own tools take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modelops.core.errors import ModelopsError
from modelops.data.sources import Objects

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}
# What names an object's content, by store: entity tag, checksum, generation; else when it changed.
_MARKS = ("ETag", "etag", "md5Hash", "generation", "LastModified", "last_modified", "updated", "mtime")


@dataclass(frozen=True)
class Listed:
    """One object: its address, and what names its content (None when the store does not say)."""

    url: str
    mark: str | None


def filesystem(protocol: str) -> Any:
    """Return the fsspec file system of a protocol.

    Raises
    ------
    ModelopsError
        When its package is not installed.
    """
    import fsspec  # only when a source is in an object store

    try:
        return fsspec.filesystem(protocol, skip_instance_cache=True)
    except ImportError:
        raise ModelopsError(
            f"{protocol}:// needs the package {_PACKAGES.get(protocol, protocol)}",
            hint=f"uv sync --extra {protocol}",
        ) from None
    except (ValueError, OSError) as error:
        raise ModelopsError(
            f"{protocol}:// cannot be reached: {error}", hint="set its credentials in the environment"
        ) from None


def listing(source: Objects, files: Any) -> tuple[Listed, ...]:
    """Return the objects that a path or glob stands for, in name order.

    Parameters
    ----------
    source
        The path or glob.
    files
        The file system to ask; it remembers the listing, so that reading from it asks less.

    Raises
    ------
    ModelopsError
        When there is none, or the store cannot be reached or refuses.
    """
    try:
        if any(sign in source.pattern for sign in "*?["):
            found = dict(files.glob(source.pattern, detail=True))
        else:
            found = {source.pattern: files.info(source.pattern)}
    except FileNotFoundError:
        found = {}
    except Exception as error:  # each cloud's client has its own classes
        raise unreachable(source, error) from None
    objects = [info for info in found.values() if info.get("type") != "directory"]
    if not objects:
        raise ModelopsError(
            f"data.sources.{source.name}: no object matches {source.pattern!r}", hint="check bucket and path"
        )
    return tuple(sorted((_listed(files, info) for info in objects), key=lambda listed: listed.url))


def unreachable(source: Objects, error: Exception) -> ModelopsError:
    """Return what to tell when a store refuses or is away."""
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return ModelopsError(
        f"data.sources.{source.name}: {source.pattern} cannot be read: {reason}",
        hint="check the network and the store's credentials in the environment",
    )


def _listed(files: Any, info: dict[str, Any]) -> Listed:
    # DuckDB asks for objects by the first of the file system's own names: abfs:// for az://.
    url = str(files.unstrip_protocol(str(info["name"])))
    mark = next((f"{name} {info[name]}" for name in _MARKS if info.get(name)), None)
    return Listed(url, f"{mark} {info.get('size')}" if mark else None)
