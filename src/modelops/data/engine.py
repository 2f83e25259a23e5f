"""DuckDB, locked down: one connection that reads the declared sources and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from modelops.core.errors import ModelopsError
from modelops.data import query, typed, window
from modelops.data.sources import Database, Format, LocalFiles, Objects, Source, WebFile
from modelops.data.sql import quote, texts
from modelops.spec.model import Spec

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


@dataclass(frozen=True)
class _Files:
    """Files that DuckDB itself reads, by path or by the address of a registered file system."""

    name: str
    format: Format
    paths: tuple[str, ...]


@contextmanager
def connect(
    spec: Spec, sources: Sequence[Source], *, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory database with one view or table for each source, and lock it.

    Only the sources themselves can be read; no other file, no network, no extension, no change of settings.
    When the query holds something whose value depends on the order of rows (a sum of floats, a window,
    a limit), it runs on one thread over sources sorted by all their columns.

    Parameters
    ----------
    spec
        The model's spec.
    sources
        What its sources stand for.
    threads
        How many threads DuckDB may use, all cores by default; the result does not depend on it.

    Raises
    ------
    ModelopsError
        When the query is not exactly one SELECT, or a source cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="modelops-") as folder, duckdb.connect(config=_CONFIG) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # Values that must not be stored are not written to disk when memory is short, either.
        private = any(column.anonymise for column in spec.data.columns.values())
        connection.execute(f"SET temp_directory = '{'' if private else folder}'")
        ordered = False
        if spec.data.query is not None:
            query.check_repeatable(connection, spec.data.query)
            ordered = query.depends_on_order(connection, spec.data.query)
        if ordered or threads:
            connection.execute(f"SET threads = {1 if ordered else threads}")
        opening = _Opening(connection, spec, Path(folder), ordered)
        files = [found for source in sources if (found := opening.reach(source))]
        connection.execute(f"SET allowed_paths = {texts(path for found in files for path in found.paths)}")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for found in files:
            _show(connection, found, ordered)
        yield connection


@dataclass(frozen=True)
class _Opening:
    """What is needed to reach sources before the connection is locked."""

    connection: duckdb.DuckDBPyConnection
    spec: Spec
    folder: Path
    ordered: bool
    stores: dict[str, Any] = field(default_factory=dict)

    def reach(self, source: Source) -> _Files | None:
        """Return the files of a source; a database's rows become a table at once."""
        if isinstance(source, LocalFiles):
            return _Files(source.name, source.format, tuple(str(path) for path in source.paths))
        if isinstance(source, WebFile):
            from modelops.data import web  # only for such a source

            path, layout = web.download(source, self.folder)
            return _Files(source.name, layout, (str(path),))
        if isinstance(source, Objects):
            return self._objects(source)
        self._fill(source)
        return None

    def _objects(self, source: Objects) -> _Files:
        from modelops.data import objects  # only for such a source

        if source.protocol not in self.stores:
            self.stores[source.protocol] = objects.filesystem(source.protocol)
            self.connection.register_filesystem(self.stores[source.protocol])
        listed = objects.listing(source, self.stores[source.protocol])
        return _Files(source.name, source.format, tuple(found.url for found in listed))

    def _fill(self, source: Database) -> None:
        from modelops.data import databases  # only for such a source

        alone = self.spec.data.query is None
        rows = databases.read(source, window.bounds(self.spec), self.spec.data.time if alone else None)
        self.connection.register("incoming", rows)
        sort = " ORDER BY ALL" if self.ordered else ""
        self.connection.execute(f"CREATE TABLE {quote(source.name)} AS SELECT * FROM incoming{sort}")
        self.connection.unregister("incoming")


def _show(connection: duckdb.DuckDBPyConnection, files: _Files, ordered: bool) -> None:
    """Make the rows of files visible under the source's name."""
    try:
        if files.format == "csv":
            typed.add_csv(connection, files.name, files.paths, ordered=ordered)
        elif files.format == "json":
            typed.add_json(connection, files.name, files.paths, ordered=ordered)
        else:
            read = f"SELECT * FROM read_parquet({texts(files.paths)}, union_by_name = true)"
            kind, sort = ("TABLE", " ORDER BY ALL") if ordered else ("VIEW", "")
            connection.execute(f"CREATE {kind} {quote(files.name)} AS {read}{sort}")
    except duckdb.Error as error:
        raise ModelopsError(
            f"data.sources.{files.name} cannot be read: {typed.reason(error)}", hint="check the file; nothing was kept"
        ) from error


def first_line(error: BaseException) -> str:
    """Return the first line of what DuckDB says: the rest quotes the query."""
    lines: list[Any] = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
