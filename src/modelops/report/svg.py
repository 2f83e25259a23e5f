"""Small charts as SVG text: no plotting library, the same bytes for the same numbers, readable in light and dark."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 44
COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f")
ROW = 22


@dataclass(frozen=True)
class Series:
    """Points of one line: same number of x and y. `dots` marks each point."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    dots: bool = False


@dataclass(frozen=True)
class Bar:
    """One row of a chart of intervals: a value, and its interval where there is one."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


def lines(
    title: str, across: str, up: str, series: Sequence[Series], *, diagonal: bool = False, unit: bool = False
) -> str:
    """Draw lines over two axes.

    Parameters
    ----------
    title, across, up
        What the chart, its x axis and its y axis show.
    series
        At least one, at most as many as there are colours.
    diagonal
        Whether to draw the line y = x.
    unit
        Whether both axes go from 0 to 1.
    """
    xs = [value for each in series for value in each.x]
    ys = [value for each in series for value in each.y]
    span_x, span_y = ((0.0, 1.0), (0.0, 1.0)) if unit else (_span(xs), _span(ys))

    def place(x: float, y: float) -> str:
        across_by = LEFT + (x - span_x[0]) / (span_x[1] - span_x[0]) * (WIDTH - LEFT - RIGHT)
        up_by = HEIGHT - BOTTOM - (y - span_y[0]) / (span_y[1] - span_y[0]) * (HEIGHT - TOP - BOTTOM)
        return f"{across_by:.1f},{up_by:.1f}"

    parts = [_axes(span_x, span_y, across, up)]
    if diagonal:
        ends = (max(span_x[0], span_y[0]), min(span_x[1], span_y[1]))
        parts.append(f'<polyline class="guide" points="{place(ends[0], ends[0])} {place(ends[1], ends[1])}"/>')
    for number, each in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        points = [place(x, y) for x, y in zip(each.x, each.y, strict=True)]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(points)}"/>')
        if each.dots:
            spots = (point.split(",") for point in points)
            parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in spots]
        if len(series) > 1:
            parts.append(_legend(number, each.name, colour))
    return _svg(title, HEIGHT, parts)


def bars(title: str, across: str, entries: Sequence[Bar], *, line: float | None = None) -> str:
    """Draw one row for each value with its interval.

    Parameters
    ----------
    title, across
        What the chart and its x axis show.
    entries
        From top to bottom.
    line
        Where to draw a vertical line: the overall value, or zero.
    """
    values = [value for bar in entries for value in (bar.value, bar.low, bar.high) if value is not None]
    low, high = _span([*values, *([line] if line is not None else [])])
    left, height = 150, TOP + BOTTOM + ROW * len(entries)

    def place(value: float) -> float:
        return left + (value - low) / (high - low) * (WIDTH - left - RIGHT)

    parts = []
    for tick in _ticks(low, high):
        x = place(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - BOTTOM + 16}" text-anchor="middle">{tick:g}</text>')
    if line is not None:
        x = place(line)
        parts.append(f'<line class="guide" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>')
    for number, bar in enumerate(entries):
        y = TOP + ROW * number + ROW / 2
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{html.escape(_short(bar.name))}</text>')
        if bar.low is not None and bar.high is not None:
            ends = f'x1="{place(bar.low):.1f}" x2="{place(bar.high):.1f}"'
            parts.append(f'<line {ends} y1="{y:.1f}" y2="{y:.1f}" stroke="{COLOURS[0]}" stroke-width="2"/>')
        parts.append(f'<circle cx="{place(bar.value):.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[0]}"/>')
    parts.append(
        f'<text x="{(left + WIDTH) / 2:.0f}" y="{height - 8}" text-anchor="middle">{html.escape(across)}</text>'
    )
    return _svg(title, height, parts)


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    label = html.escape(title, quote=True)
    head = f'<svg viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" role="img" aria-label="{label}">'
    return f"<figure><figcaption>{html.escape(title)}</figcaption>{head}{''.join(parts)}</svg></figure>"


def _axes(span_x: tuple[float, float], span_y: tuple[float, float], across: str, up: str) -> str:
    parts = []
    for tick in _ticks(*span_x):
        x = LEFT + (tick - span_x[0]) / (span_x[1] - span_x[0]) * (WIDTH - LEFT - RIGHT)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{tick:g}</text>')
    for tick in _ticks(*span_y):
        y = HEIGHT - BOTTOM - (tick - span_y[0]) / (span_y[1] - span_y[0]) * (HEIGHT - TOP - BOTTOM)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{html.escape(across)}</text>')
    turned = f'x="12" y="{HEIGHT / 2 - 20:.0f}" text-anchor="middle" transform="rotate(-90 12 {HEIGHT / 2 - 20:.0f})"'
    return "".join([*parts, f"<text {turned}>{html.escape(up)}</text>"])


def _legend(number: int, name: str, colour: str) -> str:
    y = TOP + 14 + 16 * number
    x = WIDTH - RIGHT - 6
    return f'<text x="{x}" y="{y}" text-anchor="end" style="fill:{colour}">{html.escape(_short(name))}</text>'


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"{name[:21]}…"


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two ends, about five of them."""
    rough = (high - low) / 5
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]
