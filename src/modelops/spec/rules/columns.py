"""Columns: what each one is used for, and whether the contract agrees."""

from __future__ import annotations

from collections.abc import Iterator

from modelops.spec.data import Column, DatabaseSource
from modelops.spec.features import Features
from modelops.spec.model import Spec
from modelops.spec.rules.finding import Finding, Keys, repeated
from modelops.spec.wording import listed, shown, suggestion

_FITTING = {
    "numeric": ("number", "integer", "boolean"),
    "categorical": ("category", "text", "integer", "boolean"),
    "dates": ("time",),
    "text": ("text", "category"),
}
_HOME = {"category": "categorical", "text": "text", "time": "dates", "number": "numeric", "integer": "numeric"}
_ORDERED = ("number", "integer")


def check(spec: Spec) -> Iterator[Finding]:
    """Yield what is wrong with sources, roles of columns and the contract."""
    yield from _sources(spec)
    yield from _roles(spec)
    yield from _features(spec)
    for name, column in spec.data.columns.items():
        yield from _column(name, column)
        yield from _anonymised(spec, name, column)


def used(features: Features) -> Iterator[tuple[Keys, str, str]]:
    """Yield the keys, the group and the name of every column that the features use."""
    for group in ("numeric", "categorical", "dates", "text"):
        preparation = getattr(features, group)
        if preparation is not None:
            for index, name in enumerate(preparation.columns):
                yield ("features", group, "columns", index), group, name
    for number, custom in enumerate(features.custom):
        for index, name in enumerate(custom.columns):
            yield ("features", "custom", number, "columns", index), "custom", name
    for number, pair in enumerate(features.interactions):
        for index, name in enumerate(pair):
            yield ("features", "interactions", number, index), "interactions", name


def _sources(spec: Spec) -> Iterator[Finding]:
    data = spec.data
    if data.query is None and len(data.sources) > 1:
        yield Finding(
            ("data", "sources"),
            "MO132",
            f"{len(data.sources)} sources, and no `data.query` says how they belong together",
            "write a query, or keep one source",
            on_key=True,
        )
    if data.query is not None and not data.query.strip():
        yield Finding(("data", "query"), "MO127", "the query is empty", "write a SELECT, or leave the key out")
    for name, source in data.sources.items():
        keys: Keys = ("data", "sources", name)
        if isinstance(source, DatabaseSource):
            yield from _database(keys, source)
        elif not source.strip():
            yield Finding(
                keys, "MO127", f"data.sources.{name}: must not be empty", "write a path, a glob or an address"
            )
        elif "://" in source:
            yield from _credentials(keys, source)


def _database(keys: Keys, source: DatabaseSource) -> Iterator[Finding]:
    yield from _credentials((*keys, "url"), source.url)
    if (source.table is None) == (source.query is None):
        what = "both `table` and `query`" if source.table else "neither `table` nor `query`"
        yield Finding(keys, "MO132", f"data.sources.{keys[-1]} has {what}", "write exactly one of the two", on_key=True)


def _credentials(keys: Keys, url: str) -> Iterator[Finding]:
    login, mark, _ = url.partition("://")[2].split("/", 1)[0].rpartition("@")
    password = login.partition(":")[2]
    if mark and password and not (password.startswith("${") and password.endswith("}")):
        yield Finding(
            keys,
            "MO132",
            "a password is written in the spec, and so in git",
            "take it from the environment: `${NAME}`; and change that password, it is in the history",
        )


def _roles(spec: Spec) -> Iterator[Finding]:
    data = spec.data
    key: Keys = ("data", "key")
    yield from repeated(key, data.keys, "the key column")
    for index, name in enumerate(data.keys):
        if name == data.target:
            where = key if isinstance(data.key, str) else (*key, index)
            yield Finding(
                where, "MO131", f'"{name}" is both key and target', "a key names a row; choose another column"
            )
    if data.time == data.target:
        yield Finding(("data", "time"), "MO131", f'"{data.time}" is both time and target', "choose another column")
    yield from repeated(("evaluate", "slices"), spec.evaluate.slices, "the slice")
    if data.target in spec.evaluate.slices:
        keys: Keys = ("evaluate", "slices", spec.evaluate.slices.index(data.target))
        yield Finding(keys, "MO131", "the target is a slice: its rows all have one answer", "remove it from the slices")


def _features(spec: Spec) -> Iterator[Finding]:
    data, columns = spec.data, spec.data.columns
    seen: dict[str, set[str]] = {}
    empty = True
    for keys, group, name in used(spec.features):
        empty = False
        where = f"{keys[0]}.{keys[1]}"
        if name == data.target:
            yield Finding(
                keys,
                "MO131",
                f'the target "{name}" is a feature: the model would be told the answer',
                f"remove it from {where}",
            )
        elif data.keys == (name,):
            yield Finding(
                keys,
                "MO131",
                f'the key "{name}" is a feature: it names a row and says nothing about new ones',
                f"remove it from {where}",
            )
        elif name == data.time and group not in ("dates", "custom"):
            yield Finding(
                keys, "MO131", f'the time column "{name}" is listed under {group}', "put it under features.dates"
            )
        elif columns and name not in columns:
            hint = suggestion(name, list(columns), otherwise="add it to data.columns")
            yield Finding(keys, "MO132", f'"{name}" is not in the contract (data.columns)', hint)
        elif columns:
            yield from _fitting(keys, group, name, columns[name])
        names = seen.setdefault(group, set())
        if name in names and group in _FITTING:
            yield Finding(keys, "MO131", f'"{name}" is listed twice in {where}', "keep one of the two")
        names.add(name)
    if empty:
        yield Finding(
            ("features",),
            "MO131",
            "features names no column",
            "for example `numeric: {columns: [distance]}`",
            on_key=True,
        )


def _fitting(keys: Keys, group: str, name: str, column: Column) -> Iterator[Finding]:
    if group == "interactions":
        group = "numeric"
    if column.type not in _FITTING.get(group, (column.type,)) and column.anonymise != "hash":
        hint = f"list it under features.{_HOME.get(column.type, 'categorical')}, or change its type"
        yield Finding(keys, "MO132", f'"{name}" is a {column.type} in the contract, and listed under {group}', hint)


def _column(name: str, column: Column) -> Iterator[Finding]:
    keys: Keys = ("data", "columns", name)
    for limit in ("min", "max"):
        if getattr(column, limit) is not None and column.type not in _ORDERED:
            yield Finding(
                (*keys, limit),
                "MO132",
                f"a {column.type} has no `{limit}`",
                "remove it, or make the type number or integer",
            )
    if column.min is not None and column.max is not None and column.min > column.max:
        yield Finding((*keys, "min"), "MO132", f"min {shown(column.min)} is above max {shown(column.max)}", "swap them")
    if column.values is None:
        return
    if not column.values:
        yield Finding(
            (*keys, "values"),
            "MO127",
            "values is empty: no value would be allowed",
            "list the values, or leave the key out",
        )
    if column.type in ("number", "time", "boolean"):
        yield Finding(
            (*keys, "values"),
            "MO132",
            f"a {column.type} has no list of values",
            "use min and max, or make the type category",
        )
    names = [value if isinstance(value, str) else shown(value) for value in column.values]
    yield from repeated((*keys, "values"), names, "the value")
    for index, value in enumerate(column.values):
        if column.type == "integer" and (isinstance(value, (str, bool))):
            yield Finding(
                (*keys, "values", index), "MO132", f"{shown(value)} is no whole number", "write numbers without quotes"
            )


def _anonymised(spec: Spec, name: str, column: Column) -> Iterator[Finding]:
    keys: Keys = ("data", "columns", name, "anonymise")
    how = column.anonymise
    if how is None:
        return
    roles = {"the target": spec.data.target, "the time column": spec.data.time}
    role = next((role for role, holder in roles.items() if holder == name), None)
    in_features = name in spec.features.columns
    if how == "drop" and (role or in_features or name in spec.data.keys or name in spec.evaluate.slices):
        role = role or ("a feature" if in_features else "the key" if name in spec.data.keys else "a slice")
        yield Finding(
            keys, "MO132", f'"{name}" is {role} and cannot be dropped', "use `hash`, or do not use the column"
        )
    elif how == "hash" and (role or column.type not in ("category", "text", "integer")):
        what = role or f"a {column.type}"
        yield Finding(
            keys,
            "MO132",
            f'"{name}" is {what} and cannot be hashed',
            "hashing is for categories and texts; round numbers with a width such as 10",
        )
    elif isinstance(how, (int, float)) and (isinstance(how, bool) or how <= 0 or column.type not in _ORDERED):
        fitting = listed(["drop", "hash"])
        yield Finding(
            keys,
            "MO132",
            (
                f'{shown(how)} rounds numbers, and "{name}" is a {column.type}'
                if how > 0
                else "a width must be more than 0"
            ),
            f"use one of {fitting}, or a width above 0 for numbers",
        )
