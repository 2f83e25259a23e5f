"""What a source of a spec is: files on disk, by path or glob."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modelops.core.errors import ModelopsError

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


@dataclass(frozen=True)
class LocalFiles:
    """Files of one format on disk, in name order."""

    name: str
    format: Format
    paths: tuple[Path, ...]


def format_of(name: str, address: str) -> Format:
    """Return the format that an address ends in.

    Raises
    ------
    ModelopsError
        When it is none that can be read.
    """
    plain = address.split("?")[0].lower()
    for packed in _PACKED:
        plain = plain.removesuffix(packed)
    for suffix, format in _FORMATS.items():
        if plain.endswith(suffix):
            return format
    raise ModelopsError(
        f"data.sources.{name}: {address!r} does not say what it is",
        hint="name files .parquet, .csv, .tsv, .jsonl or .ndjson (CSV and JSON also with .gz)",
    )


def local_files(name: str, pattern: str, root: Path) -> LocalFiles:
    """Return the files that a path or glob, relative to root, stands for.

    Raises
    ------
    ModelopsError
        When there is none, or their format is unknown.
    """
    format = format_of(name, pattern)
    found = sorted(root / match for match in glob.glob(pattern, root_dir=root, recursive=True))
    paths = tuple(path for path in found if path.is_file())
    if not paths:
        raise ModelopsError(
            f"data.sources.{name}: no file matches {pattern!r}",
            hint=f"paths start at the repository: {root}",
        )
    return LocalFiles(name, format, paths)
