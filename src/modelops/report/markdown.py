"""Markdown pieces: pure functions from values to text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*{}[]<>|#~"})
# An underscore inside a word is no markup.
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_TICK = "`"


def escape(text: str) -> str:
    """Return text that shows as it is, in a paragraph, a heading or a table cell: on one line, nothing is markup.

    A word joiner (no width) after each @ keeps GitHub from notifying people.
    """
    line = " ".join(text.split())
    return _UNDERSCORE.sub(r"\\_", line.translate(_SPECIAL)).replace("@", "@\u2060")


def code(text: str) -> str:
    """Return text as code on one line, whatever ticks it holds; a pipe is escaped so that table cells stay whole."""
    line = " ".join(text.split()).replace("|", "\\|")
    if _TICK not in line:
        return f"`{line}`"
    fence = _TICK
    while fence in line:
        fence += _TICK
    return f"{fence} {line} {fence}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; cells are Markdown already. Columns in which no row says anything are left out.

    Returns
    -------
    str
        Empty without rows; else lines ending in a line feed.
    """
    if not rows:
        return ""
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    lines = [[header[place] for place in kept], ["---"] * len(kept)]
    lines += [[row[place] for place in kept] for row in rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def number(value: float | None) -> str:
    """Return a number for people: four significant digits, thousands separated; a dash where there is none."""
    if value is None:
        return "–"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def signed(value: float | None) -> str:
    """Return a difference for people: its sign and three significant digits."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "") + (number(value) if abs(value) >= 1000 else f"{value:.3g}")


def interval(low: float | None, high: float | None, *, sign: bool = False) -> str:
    """Return a 95% interval for people, empty where there is none."""
    show = signed if sign else number
    return "" if low is None or high is None else f"{show(low)} to {show(high)}"


def share(value: float | None) -> str:
    """Return a share as a percentage."""
    return "–" if value is None else f"{100 * value:.1f}%"


def section(title: str, body: str, *, level: int = 2) -> str:
    """Return a section with its heading, empty when there is nothing to say."""
    text = body.strip("\n")
    return f"{'#' * level} {title}\n\n{text}\n\n" if text else ""
