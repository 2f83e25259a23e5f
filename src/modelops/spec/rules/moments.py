"""Time: snapshot, windows and durations that must make sense together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from modelops.spec.evaluation import TimeSplit
from modelops.spec.model import Spec
from modelops.spec.rules.finding import Finding, Keys
from modelops.spec.units import format_duration as text

_SNAPSHOT: Keys = ("data", "snapshot")


def check(spec: Spec) -> Iterator[Finding]:
    """Yield what is wrong with times and durations."""
    data = spec.data
    if data.time is None:
        yield from _timeless(spec)
        return
    if not isinstance(moment(data.snapshot), datetime):
        found = (
            f'"{data.snapshot}" is not a day or moment'
            if "snapshot" in data.model_fields_set
            else "data.snapshot is missing"
        )
        yield Finding(
            _SNAPSHOT,
            "MO140",
            f"{found}, and data.time needs one",
            "write the last day of the data, for example 2013-03-31",
        )
    if data.window is None:
        yield Finding(
            ("data", "time"),
            "MO140",
            "data.time needs data.window: how far back from the snapshot rows are taken",
            "for example `window: 90d`",
            on_key=True,
        )
        return
    yield from _parts(spec, data.window)


def moment(snapshot: str) -> datetime | None:
    """Return the first moment (UTC) of a snapshot's day, or its moment; None when it is neither."""
    try:
        if len(snapshot) == 10:
            day = date.fromisoformat(snapshot)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        found = datetime.fromisoformat(snapshot)
    except ValueError:
        return None
    if len(snapshot) < 10:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def future(spec: Spec, now: datetime) -> Iterator[Finding]:
    """Yield a finding when the snapshot is later than now."""
    if spec.data.time is None:
        return
    when = moment(spec.data.snapshot)
    try:
        late = when is not None and when > now
    except OverflowError:
        late = True
    if late:
        yield Finding(
            _SNAPSHOT,
            "MO141",
            f"the snapshot {spec.data.snapshot} is in the future; today is {now:%Y-%m-%d} (UTC)",
            "write a day that has passed",
        )


def _timeless(spec: Spec) -> Iterator[Finding]:
    """Yield every key that needs a time column where there is none."""
    data, evaluate = spec.data, spec.evaluate
    needing: list[tuple[Keys, bool]] = [
        (("data", "window"), data.window is not None),
        (("data", "labels_after"), data.labels_after is not None),
        (("data", "rows", "fresh"), data.rows.fresh is not None),
        (("evaluate", "split", "by"), isinstance(evaluate.split, TimeSplit)),
        (("monitor", "window"), spec.monitor.window is not None),
        (("monitor", "schedule"), spec.monitor.schedule is not None),
        (("train", "search", "folds", "by"), bool(spec.train.search and spec.train.search.folds.by == "time")),
    ]
    for keys, given in needing:
        if given:
            yield Finding(
                keys,
                "MO140",
                f"{'.'.join(map(str, keys))} needs data.time, the column that says when a row happened",
                "write `time: <column>` under data, or remove this key",
                on_key=True,
            )


def _parts(spec: Spec, window: timedelta) -> Iterator[Finding]:
    data, split = spec.data, spec.evaluate.split
    if isinstance(split, TimeSplit):
        held = split.test + (split.validation or timedelta())
        if held >= window:
            parts = "the test part takes" if split.validation is None else "test and validation take"
            yield Finding(
                ("evaluate", "split", "test"),
                "MO140",
                f"{parts} {text(held)} of a window of {text(window)}: nothing is left to train on",
                "lengthen data.window, or shorten the parts",
            )
        if data.labels_after is not None and data.labels_after >= split.test:
            yield Finding(
                ("data", "labels_after"),
                "MO140",
                f"targets are final after {text(data.labels_after)}, so no row of the last {text(split.test)} could be"
                " a test row",
                "lengthen evaluate.split.test",
            )
    if data.labels_after is not None and data.labels_after >= window:
        yield Finding(
            ("data", "labels_after"),
            "MO140",
            f"labels_after is as long as the window of {text(window)}",
            "lengthen data.window",
        )
    if data.rows.fresh is not None and data.rows.fresh > window:
        yield Finding(
            ("data", "rows", "fresh"),
            "MO140",
            f"every row of a window of {text(window)} is fresher than this",
            "shorten it",
        )
