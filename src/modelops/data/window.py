"""Which span of time a snapshot covers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from modelops.core.errors import ModelopsError
from modelops.spec.model import Spec

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


def snapshot_end(spec: Spec) -> datetime:
    """Return the moment (UTC) before which the rows of the snapshot lie.

    A day counts in full; a timestamp is the moment itself, in UTC when it names no zone.

    Raises
    ------
    ModelopsError
        When the snapshot is neither.
    """
    text = spec.data.snapshot
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ModelopsError(
            f"{spec.name}: data.snapshot {text!r} is neither a day nor a timestamp",
            hint="with a time column the snapshot is written like 2013-03-31 or 2013-03-31T06:00:00Z",
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def bounds(spec: Spec) -> tuple[datetime, datetime] | None:
    """Return the half-open span [start, end) of time, in UTC, that the rows of a spec's snapshot come from.

    The end is the snapshot's end less `data.labels_after`, so that every target inside is final. The start
    is the snapshot's end less `data.window`, the beginning of time without a window. None without a time column.

    Raises
    ------
    ModelopsError
        When the snapshot names no moment, or nothing is left between start and end.
    """
    if spec.data.time is None:
        return None
    end = snapshot_end(spec)
    start = end - spec.data.window if spec.data.window else BEGINNING
    if spec.data.labels_after:
        end -= spec.data.labels_after
    if start >= end:
        raise ModelopsError(
            f"{spec.name}: data.labels_after is as long as data.window, so no row is left",
            hint="make the window longer than labels_after",
        )
    return start, end
