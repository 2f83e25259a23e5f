"""The text of a first spec: commented, at most 70 lines, whatever the number of columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from modelops.core.scalars import quoted, spell, written
from modelops.data.inspect import Column, File, Times
from modelops.data.sql import quote
from modelops.flow.choose import Choice

LINES = 70
_WIDTH = 116
_FEATURE_LINES = 5
_LINTED = 160
_ESTIMATORS = {
    ("classification", True): ("sklearn.linear_model.LogisticRegression", "{max_iter: 1000}"),
    ("classification", False): ("sklearn.ensemble.HistGradientBoostingClassifier", "{max_iter: 100}"),
    ("regression", True): ("sklearn.linear_model.Ridge", "{alpha: 1}"),
    ("regression", False): ("sklearn.ensemble.HistGradientBoostingRegressor", "{max_iter: 100}"),
}


@dataclass(frozen=True)
class Head:
    """What a first spec says beside what follows from the data."""

    name: str
    owner: str
    source: str
    path: str
    time: str | None
    today: date


def render(head: Head, file: File, choice: Choice) -> str:
    """Return the text of a spec that validates and runs."""
    top = [
        "# yaml-language-server: $schema=../schemas/model.schema.json",
        f"# A first spec, written by `modelops new`; from now on it is yours. Next: modelops run {head.name}",
        "apiVersion: modelops/v1",
        "kind: Model",
        f"name: {head.name}",
        f'owner: "{head.owner}" # who answers for the model; GitHub asks them for reviews',
        f"description: {written(f'Predicts {choice.target.name} from {head.path}.')}",
        "",
        *_data(head, file, choice),
    ]
    bottom = [
        "",
        *_features(choice),
        "",
        *_train(choice),
        "",
        *_evaluate(head, file, choice),
        *_monitor(head, file),
    ]
    contract = _contract(file, choice.features, LINES - 1 - len(top) - len(bottom))
    lines = [*top, *contract, *bottom]
    if max(map(len, lines)) > _LINTED:
        lines.insert(1, "# yamllint disable rule:line-length")
    return "\n".join(lines) + "\n"


def _data(head: Head, file: File, choice: Choice) -> list[str]:
    target = choice.target
    lines = [
        "data:",
        "  sources:",
        f"    {head.source}: {written(head.path)} # {file.rows:,} rows",
        *_query(head, file, choice),
    ]
    if len(choice.keys) == 1:
        lines.append(f"  key: {written(choice.keys[0])} # names a row")
    elif choice.keys:
        lines.append(f"  key: [{', '.join(written(key) for key in choice.keys)}] # name a row together")
    if head.time is not None and file.times is not None:
        last, days = _span(file.times, head.today)
        lines += [
            f"  time: {written(head.time)}",
            f"  snapshot: {last} # the last day that is used; a retrain pull request moves this line",
            f"  window: {days}d # how far back rows are taken",
        ]
    else:
        lines.append('  snapshot: "1" # a label of this version of the data; a retrain pull request moves this line')
    lines.append(f"  target: {written(target.name)}{_comment(_shares(file, target))}")
    return lines


def _query(head: Head, file: File, choice: Choice) -> list[str]:
    """Return the query, where columns must be repaired or rows left out."""
    used = {choice.target.name, *choice.keys, *(column.name for column in choice.features), head.time}
    repairs = [column for column in file.columns if column.repair and column.name in used]
    where = [f"{quote(choice.target.name)} IS NOT NULL"] if choice.target.missing else []
    if head.time is not None and file.times is not None and file.times.missing:
        where.append(f"{quote(head.time)} IS NOT NULL")
    if not repairs and not where:
        return []
    replaced = ", ".join(f"{column.repair} AS {quote(column.name)}" for column in repairs)
    columns = f"* REPLACE ({replaced})" if repairs else "*"
    rows = quote(head.source)
    if where and any(column.name in (choice.target.name, head.time) for column in repairs):
        columns, rows = "*", f"(SELECT {columns} FROM {rows})"  # noqa: S608 - names are quoted
    filters = f" WHERE {' AND '.join(where)}" if where else ""
    why = " and ".join(
        [
            *(["makes numbers and times of texts"] if repairs else []),
            *(["leaves out rows without target or time"] if where else []),
        ]
    )
    if not f"{columns}{rows}{filters}".isprintable():
        return [f"  query: {quoted(f'SELECT {columns} FROM {rows}{filters}')} # {why}"]  # noqa: S608
    return [f"  query: | # {why}", f"    SELECT {columns}", f"    FROM {rows}{filters}"]


def _span(times: Times, today: date) -> tuple[date, int]:
    """Return the last day and the number of days up to it."""
    last = min(_utc(times.last).date(), today)
    return last, max((last - _utc(times.first).date()).days + 1, 1)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _shares(file: File, target: Column) -> str:
    """Return how frequent the classes are, or the range of a number."""
    known = max(file.rows - target.missing, 1)
    if target.counts and len(target.values) <= 6:
        parts = [
            f"{_short(value)} {count / known:.0%}" for value, count in zip(target.values, target.counts, strict=True)
        ]
        return ", ".join(parts)
    return f"{spell(target.low)} to {spell(target.high)}" if target.low is not None and target.high is not None else ""


def _short(value: str) -> str:
    clean = "".join(character if character.isprintable() else " " for character in value)
    return clean if len(clean) <= 20 else clean[:19] + "…"


def _comment(text: str) -> str:
    return f" # {text}" if text else ""


def _contract(file: File, features: Sequence[Column], lines: int) -> list[str]:
    """Return the contract: one column a line, more where there are too many for that."""
    head = "  columns: # the contract, checked at training, drift and serving; limits are wider than what was seen"
    items = [f"{written(column.name)}: {_terms(file, column)}" for column in features]
    if len(items) < lines:
        return [head, *(f"    {item}" for item in items)]
    packed = _pack(items, max(lines - 2, 3))
    return [head.replace("columns:", "columns: {", 1), *(f"    {line}" for line in packed), "  }"]


def _terms(file: File, column: Column) -> str:
    terms = [f"type: {'category' if column.kind == 'text' and column.words < 3 else column.kind}"]
    if column.kind in ("number", "integer") and column.low is not None and column.high is not None:
        low, high = _wider(column.low, column.high)
        terms += [f"min: {spell(low)}", f"max: {spell(high)}"]
    values = ", ".join(written(value) for value in sorted(column.values))
    if column.kind == "text" and column.values and len(values) <= 80:
        terms.append(f"values: [{values}]")
    if column.missing:
        share = min(math.ceil(column.missing / max(file.rows, 1) * 100 + 5) / 100, 1)
        terms.append(f"missing: {spell(share)}")
    return f"{{{', '.join(terms)}}}"


def _wider(low: float, high: float) -> tuple[float, float]:
    """Return round limits half a range beyond what was seen; what was never negative stays so."""
    room = (high - low) / 2 or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(room))
    lower = math.floor((low - room) / step) * step
    upper = math.ceil((high + room) / step) * step
    return _clean(0.0 if low >= 0 > lower else lower), _clean(0.0 if high <= 0 < upper else upper)


def _clean(value: float) -> float:
    return float(f"{value:.12g}")


def _features(choice: Choice) -> list[str]:
    impute = ", impute: median" if any(column.missing for column in choice.numeric) or choice.linear else ""
    scale = ", scale: standard" if choice.linear else ""
    encode = "onehot" if choice.linear else "ordinal"
    groups = (
        ("numeric", choice.numeric, impute + scale),
        ("categorical", choice.categorical, f", encode: {encode}"),
        ("dates", choice.dates, ", parts: [hour, weekday, month]"),
        ("text", choice.text, ""),
    )
    lines = ["features:"]
    for name, columns, options in groups:
        if columns:
            lines += _group(name, [written(column.name) for column in columns], options)
    if choice.left_out:
        left = [f"{_short(name)} ({reason})" for name, reason in choice.left_out.items()]
        more = f" and {len(left) - 8} more" if len(left) > 8 else ""
        lines.append(f"  # left out: {', '.join(left[:8])}{more}")
    return lines


def _group(name: str, columns: list[str], options: str) -> list[str]:
    whole = f"  {name}: {{columns: [{', '.join(columns)}]{options}}}"
    if len(whole) <= _WIDTH:
        return [whole]
    packed = _pack(columns, _FEATURE_LINES)
    packed[-1] += f"]{options}}}"
    return [f"  {name}: {{columns: [", *(f"    {line}" for line in packed)]


def _pack(items: Sequence[str], most: int) -> list[str]:
    """Return items, each with a comma but the last, on at most some lines, as narrow as that allows."""
    width = _WIDTH
    while True:
        lines: list[str] = []
        for index, item in enumerate(items):
            text = item if index == len(items) - 1 else f"{item},"
            if lines and len(lines[-1]) + 1 + len(text) <= width:
                lines[-1] += f" {text}"
            else:
                lines.append(text)
        if len(lines) <= most:
            return lines
        width += width // 4


def _train(choice: Choice) -> list[str]:
    estimator, params = _ESTIMATORS[choice.task, choice.linear]
    return ["train:", f"  task: {choice.task}", f"  estimator: {estimator}", f"  params: {params}"]


def _evaluate(head: Head, file: File, choice: Choice) -> list[str]:
    lines = [
        "evaluate:",
        f"  split: {_split(head, file)}",
        f"  metrics: [{', '.join(choice.metrics)}] # the first one counts",
    ]
    if choice.slices:
        lines.append(f"  slices: [{', '.join(written(name) for name in choice.slices)}]")
    return [
        *lines,
        "  gates:",
        *(f"    - {gate} # only catches what is broken: set what you need" for gate in choice.gates),
        (
            f"    - {{metric: {choice.metrics[0]}, against: champion, margin: {_margin(choice)}}} # not worse than the"
            " model that runs"
        ),
        "    - {metric: latency_p99_ms, max: 50}",
    ]


def _margin(choice: Choice) -> str:
    if choice.task == "classification":
        return "0.01"
    spread = (choice.target.high or 0) - (choice.target.low or 0)
    return spell(float(f"{spread / 100 or 0.01:.1g}"))


def _split(head: Head, file: File) -> str:
    """Return the split: the last fifth of the rows by time where there is one, else a quarter by hash."""
    if head.time is None or file.times is None or file.times.first == file.times.last:
        return "{by: hash, test: 0.25} # a row stays on its side in every version"
    last, days = _span(file.times, head.today)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    hours = math.ceil((end - _utc(file.times.late)).total_seconds() / 3600)
    hours = min(max(hours, 1), days * 24 - 1)
    test = f"{math.ceil(hours / 24)}d" if hours >= 24 and math.ceil(hours / 24) < days else f"{hours}h"
    return f"{{by: time, test: {test}}} # the newest rows are held back"


def _monitor(head: Head, file: File) -> list[str]:
    if head.time is None or file.times is None:
        return []
    days = _span(file.times, head.today)[1]
    window = f"{min(30, max(days // 3, 1))}d"
    return [
        "",
        "monitor:",
        f"  window: {window}",
        "  drift: {share: 0.3} # propose a retrain when 30% of the columns have moved",
    ]
