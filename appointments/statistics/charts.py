"""Charts as SVG, drawn by the server: bars, lines and a heat map.

A chart is drawn from a Figure, which is also the table beside it. Colours and
patterns are classes (static/css/staff/charts.css); every series differs by its
pattern, dashes or marker too, and every mark says its value in a <title>.
"""

import itertools
import textwrap
from collections.abc import Callable
from typing import NamedTuple
from xml.etree import ElementTree as ET  # nosec B405 # it writes, and reads nothing

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from appointments.statistics.words import known

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 34, 46
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
STEPS = 4  # lines across the plot, above the axis
MOST_LABELS = 8
LINE = 15  # the height of one of text
LETTER = 7.5  # the width of one, about
CELL_WIDTH, CELL_HEIGHT, DAY_WIDTH = 44, 30, 92
LEVELS = 5  # shades of a heat map


class Series(NamedTuple):
    """Values in the order of the figure's labels; None where there is none."""

    name: str
    values: list


class Figure(NamedTuple):
    """A chart and its table: a row a label, a column a series.

    `key` is unique on the page, `heading` says what the labels are, `draw` is one of
    the functions below, `show` says a value in the person's language, and `least` is
    the lowest that the top of the axis may be.
    """

    key: str
    title: str
    note: str
    heading: str
    labels: list[str]
    series: list[Series]
    draw: Callable
    show: Callable
    least: float = STEPS

    @property
    def svg(self):
        return self.draw(self)

    @property
    def is_empty(self):
        """Nothing to draw: no number, and among counts none but zero."""
        blank = {None} if self.draw is lines else {None, 0}
        return all(value in blank for each in self.series for value in each.values)

    @property
    def table(self):
        """[(label, [the values as they are shown])]."""
        return [(label, [self.told(v) for v in values]) for label, values in self.rows]

    @property
    def rows(self):
        """[(label, [the values, None where there is none])]."""
        columns = [each.values for each in self.series]
        return [
            (label, list(values))
            for label, *values in zip(self.labels, *columns, strict=True)
        ]

    @property
    def cells(self):
        """The table as it is, for a spreadsheet: [[label, value, …]]."""
        return [[label, *values] for label, values in self.rows]

    def told(self, value):
        return known(self.show, value)

    def most(self):
        return max((v for each in self.series for v in each.values if v), default=0)


def bars(figure):
    """A bar a label, the series one upon the other."""
    heights = [sum(value or 0 for value in values) for _label, values in figure.rows]
    top = _top(figure, max(heights))
    svg = _frame(figure, top)
    wide = PLOT_WIDTH / len(figure.labels)
    for number, (label, values) in enumerate(figure.rows):
        x, floor = LEFT + wide * (number + 0.1), HEIGHT - BOTTOM
        for place, value in enumerate(values):
            if value:
                tall = PLOT_HEIGHT * value / top
                floor -= tall
                bar = {"x": x, "y": floor, "width": wide * 0.8, "height": tall}
                css = f"bar series-{place}"
                mark = _add(svg, "rect", css, **bar, **_fill(figure, place))
                _tell(mark, figure, label, place, value)
    return _text(svg)


def lines(figure):
    """A line a series, with a mark at each value; it breaks where there is none."""
    top = _top(figure, figure.most())
    svg = _frame(figure, top)
    wide = PLOT_WIDTH / len(figure.labels)
    size = 4 if len(figure.labels) <= 60 else 2
    for place, series in enumerate(figure.series):
        points = [
            value if value is None else _point(wide, number, value / top)
            for number, value in enumerate(series.values)
        ]
        for stretch in _stretches(points):
            told = " ".join(f"{x:.1f},{y:.1f}" for x, y in stretch)
            _add(svg, "polyline", f"line series-{place}", points=told)
        for label, value, point in zip(
            figure.labels, series.values, points, strict=True
        ):
            if point:
                mark = _marker(svg, place, *point, size)
                _tell(mark, figure, label, place, value)
    return _text(svg)


def heat(figure):
    """A row a label, a column a series; the more, the stronger, and in figures."""
    wide = DAY_WIDTH + CELL_WIDTH * len(figure.series)
    svg = _svg(figure, wide, CELL_HEIGHT * (len(figure.labels) + 1))
    for column, series in enumerate(figure.series):
        middle = DAY_WIDTH + CELL_WIDTH * (column + 0.5)
        _write(svg, middle, CELL_HEIGHT * 0.65, series.name, "middle")
    for number, (label, values) in enumerate(figure.rows):
        y = CELL_HEIGHT * (number + 1)
        _write(svg, DAY_WIDTH - 8, y + CELL_HEIGHT * 0.65, label, "end")
        for column, value in enumerate(values):
            x = DAY_WIDTH + CELL_WIDTH * column
            level = -(-(value or 0) * LEVELS // (figure.most() or 1))
            box = {"width": CELL_WIDTH - 2, "height": CELL_HEIGHT - 2}
            cell = _add(svg, "rect", f"cell heat-{level}", x=x, y=y, **box)
            _tell(cell, figure, label, column, value)
            if value:
                middle = x + CELL_WIDTH / 2 - 1
                told = figure.told(value)
                on = f"heat-{level}-text"
                _write(svg, middle, y + CELL_HEIGHT * 0.62, told, "middle", on)
    return _text(svg)


def _frame(figure, top):
    """The plot without its marks: legend, lines across, labels below."""
    svg = _svg(figure, WIDTH, HEIGHT)
    _legend(svg, figure)
    for step in range(STEPS + 1):
        y = HEIGHT - BOTTOM - PLOT_HEIGHT * step / STEPS
        _add(svg, "line", "grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y)
        _write(svg, LEFT - 6, y + 4, figure.show(top * step / STEPS), "end")
    _labels(svg, figure.labels)
    return svg


def _labels(svg, labels):
    """Below the axis: all where they fit, on several lines; else some."""
    wide = PLOT_WIDTH / len(labels)
    every = -(-len(labels) // MOST_LABELS)
    for number in range(0, len(labels), every):
        told = textwrap.wrap(labels[number], max(6, int(wide * every / LETTER)))
        for line, text in enumerate(told):
            y = HEIGHT - BOTTOM + LINE * (line + 1)
            _write(svg, LEFT + wide * (number + 0.5), y, text, "middle")


def _legend(svg, figure):
    """What each series looks like; of bars, with the patterns that fill them."""
    patterns, x = _add(svg, "defs"), LEFT
    for place, series in enumerate(figure.series):
        if figure.draw is bars:
            _pattern(patterns, figure.key, place)
            box = {"x": x, "y": 6, "width": 14, "height": 14}
            _add(svg, "rect", f"bar series-{place}", **box, **_fill(figure, place))
        else:
            _add(svg, "polyline", f"line series-{place}", points=f"{x},13 {x + 22},13")
            _marker(svg, place, x + 11, 13, 4)
        _write(svg, x + 28, 18, series.name)
        x += 48 + LETTER * len(series.name)


def _fill(figure, place):
    return {"fill": f"url(#{figure.key}-pattern-{place})"}


def _svg(figure, width, height):
    svg = ET.Element(
        "svg",
        {
            "class": "chart",
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "aria-labelledby": f"{figure.key}-title {figure.key}-desc",
        },
    )
    _add(svg, "title", id=f"{figure.key}-title").text = figure.title
    _add(svg, "desc", id=f"{figure.key}-desc").text = _described(figure)
    return svg


def _described(figure):
    """The note, and of each series its least and its most."""
    told = [str(figure.note)]
    for each in figure.series:
        values = [value for value in each.values if value is not None]
        if values and figure.draw is not heat:
            least, most = figure.told(min(values)), figure.told(max(values))
            about = {"name": each.name, "least": least, "most": most}
            told.append(_("%(name)s: from %(least)s to %(most)s.") % about)
    return " ".join(told)


def _pattern(parent, key, place):
    """What fills a bar: its colour, and on it nothing, stripes, dots or a grid."""
    name = f"{key}-pattern-{place}"
    unit = {"width": 8, "height": 8, "patternUnits": "userSpaceOnUse"}
    pattern = _add(parent, "pattern", id=name, **unit)
    _add(pattern, "rect", f"tint series-{place}", width=8, height=8)
    strokes = [None, "M0 8L8 0", "M2 2h3v3h-3z", "M0 4H8M4 0V8"][place % 4]
    if strokes:
        _add(pattern, "path", "ink", d=strokes)


def _marker(parent, place, x, y, size):
    """A circle, a square or a triangle."""
    css = f"marker series-{place}"
    if place % 3 == 0:
        return _add(parent, "circle", css, cx=x, cy=y, r=size)
    if place % 3 == 1:
        box = {"width": 2 * size, "height": 2 * size}
        return _add(parent, "rect", css, x=x - size, y=y - size, **box)
    corners = [(x, y - size), (x + size, y + size), (x - size, y + size)]
    told = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return _add(parent, "polygon", css, points=told)


def _tell(mark, figure, label, place, value):
    name = figure.series[place].name
    _add(mark, "title").text = f"{label} – {name}: {figure.told(value)}"


def _point(wide, number, share):
    """The middle of a label, and how far up the plot."""
    return LEFT + wide * (number + 0.5), HEIGHT - BOTTOM - PLOT_HEIGHT * share


def _stretches(points):
    """The runs of points between the Nones."""
    run = []
    for point in [*points, None]:
        if point:
            run.append(point)
        elif run:
            yield run
            run = []


def _top(figure, most):
    """The top of an axis: 1, 2, 5, 10, 20 … times the least that the figure has."""
    tops = (
        figure.least * mantissa * 10**power
        for power in itertools.count()
        for mantissa in (1, 2, 5)
    )
    return next(top for top in tops if top >= most)


def _write(parent, x, y, text, anchor="start", css=""):
    about = {"x": x, "y": y, "text-anchor": anchor}
    _add(parent, "text", f"label {css}".strip(), **about).text = str(text)


def _add(parent, name, css="", **attributes):
    told = {
        key: f"{value:.1f}" if isinstance(value, float) else str(value)
        for key, value in attributes.items()
    }
    return ET.SubElement(parent, name, {"class": css, **told} if css else told)


def _text(svg):
    return SafeString(ET.tostring(svg, encoding="unicode"))  # nosec B703 # it escapes
