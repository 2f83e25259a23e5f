"""What needs data or an SQL engine to check a spec: sources exist, the query parses and returns the columns used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

from modelops.core.document import Document, parse, place_of
from modelops.core.errors import ModelopsError, Problem
from modelops.data import canonical, columns, engine, query, sources
from modelops.data.columns import Kind
from modelops.data.sources import Source
from modelops.data.sql import quote
from modelops.spec.model import Spec
from modelops.spec.rules.columns import used
from modelops.spec.wording import listed, suggestion

Keys = tuple[str | int, ...]
_NAMES: dict[Kind, str] = {
    "number": "number",
    "integer": "whole number",
    "boolean": "boolean",
    "text": "text",
    "time": "time",
}
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_NO_COLUMN = re.compile(r'(?:Referenced column "(.+?)" not found|does not have a column named "(.+?)")')
_PLACE = re.compile(r"^LINE (\d+): (.*)\n( *)\^", re.MULTILINE)


def check(spec: Spec, root: Path, path: str, *, data_root: Path | None = None) -> list[Problem]:
    """Return what is wrong with a spec as far as its data can tell. Rows are not checked against the contract.

    Parameters
    ----------
    spec
        A spec that is valid by itself.
    root, path
        The repository, and the spec's file in it.
    data_root
        Where relative paths of sources start, when that is not the repository.
    """
    file = root / path
    document = parse(file.read_bytes() if file.is_file() else b"", path)
    located, problems = _located(spec, data_root or root, document)
    problems += _syntax_problems(spec, document)
    if problems:
        return problems
    try:
        with engine.connect(spec, located) as connection:
            return sorted(_query_problems(spec, connection, document))
    except ModelopsError as error:
        return [_of_engine(spec, document, error)]


def _located(spec: Spec, root: Path, document: Document) -> tuple[list[Source], list[Problem]]:
    """Return where the sources are, and a problem for each that is nowhere."""
    located: list[Source] = []
    problems: list[Problem] = []
    for name in spec.data.sources:
        alone = spec.model_copy(
            update={"data": spec.data.model_copy(update={"sources": {name: spec.data.sources[name]}})}
        )
        try:
            located += sources.locate(alone, root)
        except ModelopsError as error:
            place = document.place(("data", "sources", name))
            problems.append(Problem(document.path, *place, "MO150", error.message, error.hint))
    return located, problems


def _of_engine(spec: Spec, document: Document, error: ModelopsError) -> Problem:
    """Return the problem of a source that cannot be read, or of a query that is not one SELECT."""
    named = next((name for name in spec.data.sources if f"data.sources.{name}" in error.message), None)
    keys: Keys = ("data", "sources", named) if named else ("data", "query")
    code = "MO150" if named else "MO151"
    return Problem(document.path, *document.place(keys), code, error.message, error.hint)


def _query_problems(spec: Spec, connection: duckdb.DuckDBPyConnection, document: Document) -> Iterator[Problem]:
    keys: Keys = ("data", "query") if spec.data.query is not None else ("data", "sources")
    if spec.data.query is not None:
        query.parse(connection, spec.data.query)
        statement = spec.data.query.strip().rstrip(";")
    else:
        statement = f"SELECT * FROM {quote(next(iter(spec.data.sources)))}"
    try:
        described = connection.execute(f"DESCRIBE {statement}").fetchall()
    except duckdb.Error as error:
        yield _sql_problem(spec, document, error)
        return
    names = [str(row[0]) for row in described]
    for name in sorted({name for name in names if names.count(name) > 1}):
        hint = "leave one out with EXCLUDE, or rename it with AS"
        yield Problem(document.path, *document.place(keys), "MO152", f'the query returns "{name}" twice', hint)
    given = {str(row[0]): canonical.kind_of(str(row[1])) for row in described}
    yield from _column_problems(spec, document, given)
    yield from _kind_problems(spec, document, given, connection, statement)


def _sql_problem(spec: Spec, document: Document, error: duckdb.Error) -> Problem:
    """Return the problem of a query that DuckDB refuses, at the place that DuckDB names."""
    message = engine.first_line(error)
    message = message.partition(": ")[2] or message
    declared = list(spec.data.sources)
    table = _NO_TABLE.search(message)
    column = _NO_COLUMN.search(message)
    hint = "data.query is SQL in DuckDB's dialect"
    if table:
        message = f'the query reads "{table[1]}", which is not declared in data.sources'
        hint = suggestion(table[1], declared, otherwise=f"declared: {listed(declared)}")
    elif column:
        message = f'the query uses a column "{column[1] or column[2]}" that no source has'
        candidates = re.search(r"Candidate bindings?: (.+)", str(error))
        hint = f"near: {candidates[1]}" if candidates else "check its name"
    return Problem(document.path, *_sql_place(document, error), "MO151", message, hint)


def _syntax_problems(spec: Spec, document: Document) -> list[Problem]:
    """Return a problem when the query is no SQL, at the place where DuckDB stops to understand it."""
    if spec.data.query is None:
        return []
    with duckdb.connect() as connection:
        row = connection.execute("SELECT json_serialize_sql(?)", [spec.data.query]).fetchone()
    answer = json.loads(row[0]) if row else {}
    if not answer.get("error") or not str(answer.get("position", "")).isdigit():
        return []
    before = spec.data.query[: int(answer["position"])]
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    place = _inside_block(document, line, column)
    hint = "data.query is one SELECT in DuckDB's dialect"
    return [Problem(document.path, *place, "MO151", f"data.query: {answer['error_message']}", hint)]


def _sql_place(document: Document, error: duckdb.Error) -> tuple[int, int]:
    """Return line and column in the file of the place that DuckDB points at in the query."""
    found = _PLACE.search(str(error))
    if found is None:
        return document.place(("data", "query"))
    # DuckDB prefixes the first line with DESCRIBE, and shortens long lines with "..."
    skipped = len(f"LINE {found[1]}: ") + (len("DESCRIBE ") if found[1] == "1" else 0)
    column = 0 if found[2].startswith("...") else max(len(found[3]) - skipped, 0)
    return _inside_block(document, int(found[1]) - 1, column)


def _inside_block(document: Document, line: int, column: int) -> tuple[int, int]:
    """Return the place in the file of a place in the query (from 0); that of its start where lines are folded."""
    node = document.node(("data", "query"))
    if not isinstance(node, yaml.ScalarNode) or node.style != "|":
        return document.place(("data", "query"))
    rows, at = document.lines, node.start_mark.line + 1 + line
    if at >= len(rows):
        return place_of(node)
    indent = len(rows[node.start_mark.line + 1]) - len(rows[node.start_mark.line + 1].lstrip(" "))
    return at + 1, min(indent + column, len(rows[at])) + 1


def _uses(spec: Spec) -> Iterator[tuple[Keys, str]]:
    """Yield every place where the spec names a column of the data."""
    data, evaluate = spec.data, spec.evaluate
    yield ("data", "target"), data.target
    if data.time:
        yield ("data", "time"), data.time
    for index, name in enumerate(data.keys):
        yield ("data", "key") if isinstance(data.key, str) else ("data", "key", index), name
    yield from ((("data", "columns", name), name) for name in data.columns)
    yield from ((keys, name) for keys, _, name in used(spec.features))
    yield from ((("evaluate", "slices", index), name) for index, name in enumerate(evaluate.slices))
    if evaluate.fairness:
        yield from ((("evaluate", "fairness", "columns", i), name) for i, name in enumerate(evaluate.fairness.columns))
    if evaluate.split.by == "hash" and evaluate.split.on:
        yield ("evaluate", "split", "on"), evaluate.split.on
    if spec.train.search and spec.train.search.folds.group:
        yield ("train", "search", "folds", "group"), spec.train.search.folds.group


def _column_problems(spec: Spec, document: Document, given: dict[str, Kind]) -> Iterator[Problem]:
    said: set[str] = set()
    for keys, name in _uses(spec):
        if name in given or name in said:
            continue
        said.add(name)
        hint = suggestion(name, list(given), otherwise=f"it has {listed(sorted(given), limit=20)}")
        on_key = keys[:2] == ("data", "columns")
        place = document.place(keys, key=on_key)
        yield Problem(document.path, *place, "MO152", f'the data has no column "{name}"', hint)


def _kind_problems(
    spec: Spec, document: Document, given: dict[str, Kind], connection: duckdb.DuckDBPyConnection, statement: str
) -> Iterator[Problem]:
    """Yield a problem for each column whose values are not all of the kind that the spec asks for."""
    places = {name: keys for keys, name in reversed(list(_uses(spec)))}
    asked = columns.kinds(spec)
    doubtful = [name for name in asked if name in places and name in given and given[name] != asked[name]]
    doubtful = [name for name in doubtful if asked[name] != "text"]
    if not doubtful:
        return
    plain = ", ".join(f"{canonical.expression(name, given[name])} AS {quote(name)}" for name in doubtful)
    tests = ", ".join(
        f"count_if({quote(name)} IS NOT NULL AND {canonical.conversion(name, given[name], asked[name])} IS NULL)"
        for name in doubtful
    )
    row = connection.execute(f"SELECT {tests} FROM (SELECT {plain} FROM ({statement}))").fetchone() or ()
    for name, wrong in zip(doubtful, row, strict=True):
        if wrong:
            place = document.place(places[name], key=places[name][:2] == ("data", "columns"))
            rows = f"{wrong:,} row{'s' * (wrong != 1)}"
            message = f'"{name}" is no {_NAMES[asked[name]]} in {rows} of the data: it holds {_NAMES[given[name]]}s'
            yield Problem(
                document.path, *place, "MO152", message, "list it under another group, or convert it in data.query"
            )
