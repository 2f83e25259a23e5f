"""Ten CSV files as they are found in public places, made from a seed."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

Rows = list[list[Any]]


def _text(rows: Sequence[Sequence[Any]], **options: Any) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", **options).writerows(rows)
    return stream.getvalue().encode()


def _base(rows: int = 300, seed: int = 5) -> Rows:
    """Return rows with a target that depends on the features."""
    draw = random.Random(seed)  # noqa: S311 - a seed, no secret
    found: Rows = [["size", "rooms", "region", "sold"]]
    for _ in range(rows):
        size, rooms, region = (
            round(draw.uniform(30, 200), 1),
            draw.randint(1, 6),
            draw.choice(["north", "south", "east"]),
        )
        sold = size / 40 + rooms + draw.gauss(0, 1) > 6
        found.append([size, rooms, region, int(sold)])
    return found


def quotes() -> bytes:
    """Quoted cells with commas, quotes and line ends in them."""
    rows = _base()
    rows[0].append("note, or remark")
    remarks = ['said "yes"', "no, never", "two\nlines"]
    for index, row in enumerate(rows[1:]):
        row.append(remarks[index % 3])
    return _text(rows, quoting=csv.QUOTE_ALL)


def semicolons() -> bytes:
    """Semicolons between cells and decimal commas, as spreadsheets in much of Europe write them."""
    rows = [[str(cell).replace(".", ",") for cell in row] for row in _base()]
    return _text(rows, delimiter=";")


def missing() -> bytes:
    """Missing values as empty cells, `NA` and `?`."""
    draw = random.Random(1)  # noqa: S311 - a seed, no secret
    rows = _base()
    for row in rows[1:]:
        for index in range(3):
            if draw.random() < 0.1:
                row[index] = draw.choice(["", "NA", "?"]) if index < 2 else ""
        if draw.random() < 0.05:
            row[3] = ""
    return _text(rows)


def dates() -> bytes:
    """Days as they are written by hand: 31.01.2024."""
    rows = _base(400)
    rows[0].append("Listed On")
    for index, row in enumerate(rows[1:]):
        row.append((date(2024, 1, 1) + timedelta(days=index // 4)).strftime("%d.%m.%Y"))
    return _text(rows)


def wide() -> bytes:
    """Three hundred columns."""
    draw = random.Random(2)  # noqa: S311 - a seed, no secret
    rows: Rows = [[*(f"measurement_{index:03d}" for index in range(300)), "label"]]
    for _ in range(120):
        values = [round(draw.gauss(0, 1), 3) for _ in range(300)]
        rows.append([*values, "good" if values[0] + values[1] > 0 else "bad"])
    return _text(rows)


def one_column() -> bytes:
    """Only the target."""
    return _text([["value"], *([index] for index in range(50))])


def unicode_headers() -> bytes:
    """Names with accents, blanks, brackets, quotes and words that YAML takes for something else."""
    rows = _base()
    rows[0] = ["größe (m²)", "no", "région: l'été", "продано"]
    return b"\xef\xbb\xbf" + _text(rows)


def booleans() -> bytes:
    """Booleans as texts, for features and target."""
    rows = _base()
    rows[0].append("garden")
    for index, row in enumerate(rows[1:]):
        row[3] = "Yes" if row[3] else "No"
        row.append(["TRUE", "FALSE"][index % 2])
    return _text(rows)


def constant() -> bytes:
    """A column that never changes, and one that numbers the rows."""
    rows = [["id", *_base()[0], "source"]]
    rows += [[index, *row, "web"] for index, row in enumerate(_base()[1:], start=1)]
    return _text(rows)


def empty_columns() -> bytes:
    """Columns without any value, one of them without a name; numbers to predict."""
    rows = [
        ["", "price", *row[:3], "comment"] if index == 0 else ["", round(row[0] * 1000 + 50, 2), *row[:3], ""]
        for index, row in enumerate(_base(600))
    ]
    return _text(rows)


# Name of the file to its content, the target, and further options of `modelops new`.
TEN: dict[str, tuple[Callable[[], bytes], str, list[str]]] = {
    "quotes": (quotes, "sold", []),
    "semicolons": (semicolons, "sold", []),
    "missing": (missing, "sold", []),
    "dates": (dates, "sold", ["--time", "Listed On"]),
    "wide": (wide, "label", []),
    "one-column": (one_column, "value", []),
    "unicode": (unicode_headers, "продано", []),
    "booleans": (booleans, "sold", []),
    "constant": (constant, "sold", ["--key", "id"]),
    "empty-columns": (empty_columns, "price", []),
}
