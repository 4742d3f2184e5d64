"""The courses of a person to be taken away: each picture as it is looked at, and one of the people as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.web.carried import carried, csv_text, in_csv, in_svg
from antitrypsim.web.shapes import Question

if TYPE_CHECKING:
    from antitrypsim.web.shapes import Answer, Single


def course_svg(answer: Answer, question: Question, id: str, who: int | None = None) -> str:
    """Return the courses of an endpoint as SVG that carries its question; with ``who`` both of one person.

    Raises KeyError where the answer has no such courses or nobody of this number.
    """
    from antitrypsim.reports.patient import draw_courses, of_the_living

    chart = {one.id: one for one in answer.charts}[id]
    lines = {}
    for name, way in chart.ways.items():
        bands = (way.unknown_low, way.unknown_high) if way.unknown_low else ()
        columns = (chart.years, way.median, way.low, way.high, *bands)
        lines[name] = of_the_living(*columns)
    own = {}
    if who is not None:
        for name, told in _single(answer, who).courses[id].items():
            own[name] = tuple(
                (year, float(said)) for year, said in zip(chart.years, told, strict=True) if said
            )
    svg = draw_courses(chart.title, lines, f"course-{id}", own=own)
    return in_svg(svg, _told(answer, question))


def person_csv(answer: Answer, question: Question, who: int) -> str:
    """Return both courses of one person by year as CSV, below what happens to them and what was asked.

    What is read of the dead is left empty. Raises KeyError where there is nobody of this number.
    """
    one = _single(answer, who)
    titles = {chart.id: chart.title for chart in answer.charts}
    columns = [(id, way) for id, ways in one.courses.items() for way in ways]
    head = ["Year", *(f"{titles[id]}, {way} therapy" for id, way in columns)]
    rows = [
        [f"{year:g}", *(one.courses[id][way][k] for id, way in columns)]
        for k, year in enumerate(answer.charts[0].years)
    ]
    happens = [f"{way} therapy: {mark.words}" for way, marks in one.marks.items() for mark in marks]
    about = f"Person {who}: {one.words}. {' '.join(one.sentences)}"
    return in_csv(
        csv_text([head, *rows]), "\n".join([_told(answer, question).strip(), about, *happens])
    )


def _single(answer: Answer, who: int) -> Single:
    return {one.number: one for one in answer.singles}[who]


def _told(answer: Answer, question: Question) -> str:
    return carried(question.request, question.seed, answer.hash)
