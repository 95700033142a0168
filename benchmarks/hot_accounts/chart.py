"""A grid of small line charts as SVG, written by hand: four figures need no library of charts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH: Final = 250
_HEIGHT: Final = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 30, 34
_PLOT_WIDTH: Final = _WIDTH - _LEFT - _RIGHT
_PLOT_HEIGHT: Final = _HEIGHT - _TOP - _BOTTOM
_TITLE_HEIGHT: Final = 26
_LEGEND_HEIGHT: Final = 30
_COLOURS: Final = ("#b5382a", "#1f6f8b", "#5b7f2b")
_TICKS: Final = 4
_NICE: Final = (1, 2, 2.5, 5, 10)
_STYLE: Final = (
    "text{font:11px system-ui,sans-serif;fill:#222}.t{font-weight:600}.r{font-size:13px}"
    ".g{stroke:#ddd}.s{fill:#666}path{fill:none;stroke-width:2}rect{fill:#fff}"
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: values over the same x for each series, from zero upwards.

    Parameters
    ----------
    title
        What is shown, with its unit.
    series
        The values by the name of the series; the order decides the colour.
    """

    title: str
    series: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Row:
    """Panels beside each other, under a title."""

    title: str
    panels: Sequence[Panel]


def svg(rows: Sequence[Row], x: Sequence[float], x_title: str) -> str:
    """Draw rows of charts over the same values of x, which are spread evenly."""
    columns = max(len(row.panels) for row in rows)
    row_height = _HEIGHT + _TITLE_HEIGHT
    width, height = columns * _WIDTH, len(rows) * row_height + _LEGEND_HEIGHT
    size = f'width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size}>',
        f"<style>{_STYLE}</style><rect {size}/>",
        *_legend(list(rows[0].panels[0].series), height - _LEGEND_HEIGHT / 2),
    ]
    for number, row in enumerate(rows):
        top = number * row_height
        parts.append(_text(12, top + 18, row.title, "t r"))
        for column, panel in enumerate(row.panels):
            parts.append(f'<g transform="translate({column * _WIDTH} {top + _TITLE_HEIGHT})">')
            parts += [*_panel(panel, x, x_title), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, x: Sequence[float], x_title: str) -> Iterator[str]:
    step = _step(max(value for values in panel.series.values() for value in values))
    top = step * _TICKS
    yield _text(_LEFT, 18, panel.title, "t")
    for tick in range(_TICKS + 1):
        at = _y(tick * step, top)
        yield f'<line class="g" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        yield _text(_LEFT - 6, at + 4, f"{tick * step:g}", "s", "end")
    for position, value in enumerate(x):
        yield _text(_x(position, len(x)), _HEIGHT - _BOTTOM + 16, f"{value:g}", "s", "middle")
    yield _text(_LEFT + _PLOT_WIDTH / 2, _HEIGHT - 4, x_title, "s", "middle")
    for colour, values in zip(_COLOURS, panel.series.values(), strict=False):
        yield from _line(values, top, colour)


def _line(values: Sequence[float], top: float, colour: str) -> Iterator[str]:
    points = [(_x(i, len(values)), _y(value, top)) for i, value in enumerate(values)]
    path = " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
    yield f'<path d="{path}" stroke="{colour}"/>'
    for (x, y), value in zip(points, values, strict=True):
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}">'
            f"<title>{value:.4g}</title></circle>"
        )


def _legend(names: Sequence[str], at: float) -> Iterator[str]:
    for number, (name, colour) in enumerate(zip(names, _COLOURS, strict=False)):
        left = _LEFT + number * _WIDTH
        yield f'<path d="M{left} {at} h24" stroke="{colour}"/>'
        yield _text(left + 32, at + 4, name)


def _step(highest: float) -> float:
    """Choose a round distance of ticks so that the highest value is within the chart."""
    rough = max(highest, 0.01) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * nice for nice in _NICE if power * nice >= rough * 0.9999)


def _x(position: int, count: int) -> float:
    return _LEFT + _PLOT_WIDTH * (position + 0.5) / count


def _y(value: float, top: float) -> float:
    return _TOP + _PLOT_HEIGHT * (1 - value / top)


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
    )
