"""Draw a course in the terminal, in plain characters."""

from __future__ import annotations

import shutil
from bisect import bisect_right
from typing import TYPE_CHECKING

from antitrypsim.foundations.units import years_words
from antitrypsim.foundations.width import USUAL

if TYPE_CHECKING:
    from antitrypsim.experiments.patient import PatientCourse

_SHOWN = (("fev1", "FEV1, L"), ("density", "Lung density, g/L"))
_MARKS = {"without": "o", "with": "x"}
_BOTH = "*"
_ROWS = 12
_MARGIN = 9

Line = list[tuple[float, float]]


def draw(course: PatientCourse) -> str:
    """Return the medians of FEV1 and lung density over the years, with and without therapy."""
    columns = max(30, min(88, shutil.get_terminal_size((USUAL, 24)).columns - _MARGIN - 1))
    pictures = []
    for id, title in _SHOWN:
        lines: dict[str, Line] = {}
        for way in course.ways:
            years, medians, _, _ = course.series(id, way)
            lines[way] = [(x, y) for x, y in zip(years, medians, strict=True) if y is not None]
        key = "   ".join(f"{_MARKS[way]} {way} therapy" for way in course.ways)
        if len(lines) > 1:
            key += f"   {_BOTH} both"
        head = f"{title} (median of those alive)   {key}"
        pictures.append("\n".join([head, *_picture(lines, columns)]))
    return "\n\n".join(pictures)


def _picture(lines: dict[str, Line], columns: int) -> list[str]:
    points = [point for line in lines.values() for point in line]
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    if high == low:
        low, high = low - 1, high + 1
    canvas = [[" "] * columns for _ in range(_ROWS)]
    for way, line in lines.items():
        for column in range(columns):
            x = first + (last - first) * column / (columns - 1)
            if x > line[-1][0] + 1e-9:
                break
            row = round((high - _at(line, x)) / (high - low) * (_ROWS - 1))
            canvas[row][column] = _MARKS[way] if canvas[row][column] == " " else _BOTH
    labels = {0: high, _ROWS // 2: high - (high - low) * (_ROWS // 2) / (_ROWS - 1), _ROWS - 1: low}
    out = [
        f"{f'{labels[k]:.2f}' if k in labels else '':>{_MARGIN - 2}} |" + "".join(cells).rstrip()
        for k, cells in enumerate(canvas)
    ]
    end = years_words(last)
    axis = f"{first:g}".ljust(columns - len(end)) + end
    return [*out, " " * (_MARGIN - 1) + "+" + "-" * columns, " " * _MARGIN + axis]


def _at(line: Line, x: float) -> float:
    """Return the height of a line at ``x``, straight between its points."""
    k = min(max(1, bisect_right([point[0] for point in line], x)), len(line) - 1)
    if len(line) == 1:
        return line[0][1]
    (x0, y0), (x1, y1) = line[k - 1], line[k]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
