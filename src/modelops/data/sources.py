"""What the sources of a spec are: files on disk, in an object store or on the web, or a database."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from modelops.core.errors import ModelopsError
from modelops.data import credentials
from modelops.data.credentials import Address
from modelops.spec.data import DatabaseSource
from modelops.spec.model import Spec

Format = Literal["parquet", "csv", "json"]
_FORMATS: dict[str, Format] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
}
_PACKED = (".gz", ".zst")
_OBJECT_STORES = ("s3", "gs", "az")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class LocalFiles:
    """Files of one format on disk, in name order."""

    name: str
    format: Format
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Objects:
    """Objects of one format in a store that fsspec reaches. The pattern starts with the protocol."""

    name: str
    format: Format
    protocol: str
    pattern: str


@dataclass(frozen=True)
class WebFile:
    """One file on a web server; its suffix, else what the server says, names the format."""

    name: str
    address: Address


@dataclass(frozen=True)
class Database:
    """A table or a statement of an SQL database."""

    name: str
    address: Address
    table: str | None
    query: str | None


Source = LocalFiles | Objects | WebFile | Database


def locate(spec: Spec, root: Path) -> tuple[Source, ...]:
    """Return what each source of a spec stands for, without reading any of it.

    Parameters
    ----------
    spec
        The model's spec.
    root
        Where relative paths start.

    Raises
    ------
    ModelopsError
        When a source is of no known kind, no file matches, or an address holds or lacks a credential.
    """
    return tuple(_locate(name, source, root) for name, source in spec.data.sources.items())


def _locate(name: str, source: str | DatabaseSource, root: Path) -> Source:
    if isinstance(source, DatabaseSource):
        return _database(name, source, root)
    protocol, separator, _ = source.partition("://")
    if not separator:
        return local_files(name, source, root)
    if protocol in _OBJECT_STORES:
        credentials.refuse_written(name, source)
        return Objects(name, format_of(name, source), protocol, source)
    if protocol in {"https", "http"}:
        return _web_file(name, source)
    raise ModelopsError(
        f"data.sources.{name}: {protocol}:// is not known",
        hint="a path, s3://, gs://, az:// or https://; a database is written {url: postgresql://…, table: …}",
    )


def _web_file(name: str, source: str) -> WebFile:
    if "*" in urlsplit(source).path:
        raise ModelopsError(
            f"data.sources.{name}: a web server has no list of files, so * matches nothing", hint="name one file"
        )
    if source.startswith("http://") and urlsplit(source).hostname not in _LOOPBACK:
        raise ModelopsError(f"data.sources.{name}: http:// can be read and changed on its way", hint="use https://")
    return WebFile(name, credentials.address(name, source))


def _database(name: str, source: DatabaseSource, root: Path) -> Database:
    if (source.table is None) == (source.query is None):
        raise ModelopsError(
            f"data.sources.{name}: a database source has either a table or a query", hint="write one of the two"
        )
    url, prefix = source.url, "sqlite:///"
    path = url.removeprefix(prefix)
    if url.startswith(prefix) and not path.startswith(("/", "$")):
        if not (root / path).is_file():
            raise ModelopsError(
                f"data.sources.{name}: there is no file {path!r}", hint=f"paths start at the repository: {root}"
            )
        url = f"{prefix}{root / path}"
    return Database(name, credentials.address(name, url), source.table, source.query)


def format_of(name: str, address: str) -> Format:
    """Return the format that an address ends in.

    Raises
    ------
    ModelopsError
        When it is none that can be read.
    """
    layout = known_format(address)
    if layout is None:
        raise ModelopsError(
            f"data.sources.{name}: {address!r} does not say what it is",
            hint="name files .parquet, .csv, .tsv, .jsonl or .ndjson (CSV and JSON also with .gz)",
        )
    return layout


def known_format(address: str) -> Format | None:
    """Return the format that an address ends in, None when it is none that can be read."""
    plain = address.split("?")[0].lower()
    for packed in _PACKED:
        plain = plain.removesuffix(packed)
    return next((layout for suffix, layout in _FORMATS.items() if plain.endswith(suffix)), None)


def local_files(name: str, pattern: str, root: Path) -> LocalFiles:
    """Return the files that a path or glob, relative to root, stands for.

    Raises
    ------
    ModelopsError
        When there is none, or their format is unknown.
    """
    layout = format_of(name, pattern)
    found = sorted(root / match for match in glob.glob(pattern, root_dir=root, recursive=True))  # noqa: PTH207 - takes absolute patterns, too
    paths = tuple(path for path in found if path.is_file())
    if not paths:
        raise ModelopsError(
            f"data.sources.{name}: no file matches {pattern!r}",
            hint=f"paths start at the repository: {root}",
        )
    return LocalFiles(name, layout, paths)
