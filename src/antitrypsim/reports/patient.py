"""One virtual person's course, told by people like them: compute, then lay out as one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from antitrypsim.endpoints import Endpoint, endpoint
from antitrypsim.experiments.patient import SHOWN
from antitrypsim.foundations.units import years_words
from antitrypsim.foundations.width import wrapped
from antitrypsim.populations.matching import OUTCOMES
from antitrypsim.protocols.therapywords import therapy_words
from antitrypsim.reports import style
from antitrypsim.reports.document import Picture
from antitrypsim.reports.dossiersettings import flat
from antitrypsim.reports.html import template
from antitrypsim.reports.numbers import number, with_unit
from antitrypsim.trials.harms import event_titles, not_modelled_words

if TYPE_CHECKING:
    from antitrypsim.experiments.patient import PatientCourse

WAYS = {"without": "without", "with": "with", "difference": "own difference"}
COLOURS = {"without": style.REFERENCE, "with": style.ARMS[0]}
_PANEL = (3.5, 2.5)
_MOST_DECIMALS = 2
_ASKED = {"stiffness": "stiffness", "serum": "serum_aat", "fev1": "fev1_percent"}
"""By what a person is described by, the endpoint that it is asked about."""
_FOR_THE_LIVER = ("fazirsiran", "belcesiran", "arc_aat", "base_editor", "nuclease_knockout",
                  "hepatocytes", "liver_progenitors", "hepatic_artery")  # fmt: skip

_READ = {"before a dose": "before the dose", "over a round": "mean over a round of doses"}


@dataclass(frozen=True)
class Table:
    """One endpoint at the years shown, or several at one: a row each, a cell for each way."""

    title: str
    unit: str
    ways: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class PatientReport:
    """Everything that the page of a person's course shows."""

    title: str
    notices: tuple[str, ...]
    lead: str
    answer: tuple[str, ...]
    key: Table
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    survival: Table
    events: tuple[tuple[str, str, str], ...]
    harms: tuple[tuple[str, str], ...]
    resting_on: tuple[str, ...]
    manifest: tuple[tuple[str, str], ...]


def patient_html(course: PatientCourse) -> str:
    """Return a person's course as one self-contained page."""
    return template("patient.html.j2").render(report=patient_report(course), colours=COLOURS)


def patient_report(course: PatientCourse) -> PatientReport:
    """Return everything that the page of a person's course shows."""
    ids = told_first(course)
    given = therapy_words(course.therapy or "")
    therapy = f"without and with {given}" if given else "without therapy"
    return PatientReport(
        title=f"A person such as: {course.described.words()}",
        notices=tuple(course.notices),
        lead=(
            f"{course.people:,} virtual people like this one were found among {course.met:,} met; "
            f"nobody was altered to fit. Each lives {years_words(course.years)} {therapy}"
            + (", with the same chance events." if course.therapy else ".")
        ),
        answer=_answer(course, ids),
        key=_key(course, ids),
        pictures=(*(_picture(course, id) for id in ids), _survival_picture(course)),
        tables=tuple(_table(course, id) for id in ids),
        survival=_survival_table(course),
        events=tuple(
            (way, number(found["exacerbations_per_year"], 2), f"{found['deaths']:,} of "
             f"{found['people']:,}")
            for way, found in course.rates.items()
        ),
        harms=tuple(harm_words(course)),
        resting_on=resting_on(course),
        manifest=tuple((key, flat(value)) for key, value in course.provenance.to_dict().items()),
    )  # fmt: skip


def _shown(years: list[float]) -> list[float]:
    """Return at most six of the years, the first and the last among them."""
    if len(years) <= 6:
        return years
    return [years[round(k * (len(years) - 1) / 5)] for k in range(6)]


def _answer(course: PatientCourse, ids: list[str]) -> tuple[str, ...]:
    """Return what the last year is like, for the first endpoints and for survival."""
    last = max(row["year"] for row in course.rows)
    found = []
    for id in ids[:3]:
        what = endpoint(id)
        rows = {r["way"]: r for r in course.rows if r["endpoint"] == id and r["year"] == last}
        if any(row["median"] is None for row in rows.values()):
            continue
        d = min(what.decimals, _MOST_DECIMALS)
        text = f"{what.title} after {years_words(last)}: median " + " and ".join(
            with_unit(number(rows[way]["median"], d), what.unit) + f" {way} therapy"
            for way in course.ways
        )
        if "difference" in rows:
            own = rows["difference"]
            text += (
                f"; own difference {number(own['median'], d)} ({number(own['p05'], d)} to "
                f"{number(own['p95'], d)} in nine people of ten)"
            )
        found.append(f"{text}.")
    alive = {row["way"]: row["alive"] for row in course.survival if row["year"] == last}
    found.append(
        f"Alive after {years_words(last)}: "
        + " and ".join(f"{100 * share:.0f} % {way} therapy" for way, share in alive.items())
        + "."
    )
    return tuple(found)


def _cell(row: Mapping[str, Any], decimals: int) -> str:
    if row["median"] is None:
        return "nobody alive"
    low, high = number(row["p05"], decimals), number(row["p95"], decimals)
    return f"{number(row['median'], decimals)} ({low} to {high})"


def _table(course: PatientCourse, id: str) -> Table:
    what = endpoint(id)
    rows = {(r["way"], r["year"]): r for r in course.rows if r["endpoint"] == id}
    ways = tuple(dict.fromkeys(way for way, _ in rows))
    years = _shown(sorted({year for _, year in rows}))
    d = min(what.decimals, _MOST_DECIMALS)
    cells = tuple((f"{y:g}", tuple(_cell(rows[w, y], d) for w in ways)) for y in years)
    return Table(what.title, what.unit, tuple(WAYS.get(way, way) for way in ways), cells)


def _key(course: PatientCourse, ids: list[str]) -> Table:
    """Return every endpoint and survival at the last year, in the order in which they are told."""
    last = max(row["year"] for row in course.rows)
    rows = []
    for id in ids:
        table = _table(course, id)
        unit = f", {table.unit}" if table.unit else ""
        rows.append((f"{table.title}{unit}", table.rows[-1][1]))
    alive = _survival_table(course)
    rows.append(("Alive", (*alive.rows[-1][1], *([""] if len(alive.ways) > 1 else []))))
    title = f"After {years_words(last)}: median of those alive (5th to 95th percentile)"
    return Table(title, "", _table(course, ids[0]).ways, tuple(rows))


def _survival_table(course: PatientCourse) -> Table:
    alive = {(row["way"], row["year"]): row["alive"] for row in course.survival}
    years = _shown(sorted({year for _, year in alive}))
    rows = tuple(
        (f"{y:g}", tuple(f"{100 * alive[w, y]:.0f} %" for w in course.ways)) for y in years
    )
    return Table("Alive", "", tuple(WAYS[way] for way in course.ways), rows)


def _picture(course: PatientCourse, id: str) -> Picture:
    what = endpoint(id)
    lines = {}
    for way in course.ways:
        points = zip(*course.series(id, way), strict=True)
        alive = [point for point in points if point[1] is not None]
        lines[way] = tuple(list(column) for column in zip(*alive, strict=True))
    svg = _draw(f"{what.title}, {what.unit}", lines, f"course-{id}")
    d = min(what.decimals, _MOST_DECIMALS)
    ends = "; ".join(
        f"{way} therapy {with_unit(number(line[1][-1], d), what.unit)}"
        for way, line in lines.items()
    )
    last = next(iter(lines.values()))[0][-1]
    alt = f"{what.title} by year; median after {years_words(last)}: {ends}."
    return Picture(f"course-{id}", what.title, "", alt, svg)


def _survival_picture(course: PatientCourse) -> Picture:
    lines = {}
    for way in course.ways:
        rows = [row for row in course.survival if row["way"] == way]
        lines[way] = ([r["year"] for r in rows], [100 * r["alive"] for r in rows])
    ends = "; ".join(f"{way} therapy {line[1][-1]:.0f} %" for way, line in lines.items())
    svg = _draw("Alive, %", lines, "course-alive", floor=0)
    return Picture("course-alive", "Alive", "", f"Share alive by year; at the end {ends}.", svg)


def _draw(
    title: str, lines: Mapping[str, tuple[list[float], ...]], name: str, floor: float | None = None
) -> str:
    """Draw one small panel: a median for each way and, where there is one, its band."""
    with style.settings():
        figure, axes = style.new(*_PANEL)
        for way, line in lines.items():
            if len(line) == 4:
                axes.fill_between(line[0], line[2], line[3], color=COLOURS[way], alpha=0.14, lw=0)
            axes.plot(line[0], line[1], color=COLOURS[way], linewidth=2)
        low, high = axes.get_ylim()
        axes.set_ylim(low if floor is None else floor, high if floor is None else 103)
        span = axes.get_ylim()[1] - axes.get_ylim()[0]
        places = style.spread_labels([line[1][-1] for line in lines.values()], 0.1 * span)
        for (way, line), y in zip(lines.items(), places, strict=True):
            axes.annotate(way, (line[0][-1], y), xytext=(5, 0), textcoords="offset points",
                          color=COLOURS[way], va="center", fontweight="bold",
                          annotation_clip=False)  # fmt: skip
        axes.set_title(title, loc="left", color=style.INK)
        axes.set_xlabel("years")
        axes.locator_params(axis="x", nbins=6, integer=True)
        style.quiet(axes)
        return style.to_svg(figure, name)


def patient_text(course: PatientCourse) -> str:
    """Return a person's course as plain words and tables, as wide as the terminal."""
    bands = [
        f"{e.title} within {e.band:g} {e.unit}"
        for e in OUTCOMES
        if getattr(course.described, e.name) is not None
    ]
    lines = [
        *course.notices,
        "",
        f"The person: {course.described.words()}.",
        f"{course.people:,} virtual people like this one ({', '.join(bands) or 'no more known'}) "
        f"were found among {course.met:,} met; nobody was altered to fit.",
    ]
    if course.therapy is None:
        lines.append(f"They live {years_words(course.years)} without therapy.")
    else:
        lines.append(
            f"Each lives {years_words(course.years)} twice, without and with "
            f"{therapy_words(course.therapy)}, "
            "with the same chance events."
        )
    paired = (
        "; differences are each person's own, of those alive both ways" if course.therapy else ""
    )
    lines.append(f"Median of those alive, in brackets the 5th and 95th percentile{paired}.")
    lines = [*map(wrapped, lines), ""]
    shown = _shown(sorted({row["year"] for row in course.survival}))
    for id in told_first(course):
        lines += [*_block(course, endpoint(id), shown), ""]
    lines += [*_survival_block(course, shown), "", *map(wrapped, resting_on(course))]
    return "\n".join(lines)


def told_first(course: PatientCourse) -> list[str]:
    """Return the endpoints in the order in which they are told: first what was asked about."""
    asked = [id for name, id in _ASKED.items() if getattr(course.described, name) is not None]
    if any(product in (course.therapy or "") for product in _FOR_THE_LIVER):
        asked = ["stiffness", "serum_aat", *asked]
    return [id for id in dict.fromkeys((*asked, *SHOWN)) if id in SHOWN]


def _block(course: PatientCourse, what: Endpoint, shown: list[float]) -> list[str]:
    found = {(r["way"], r["year"]): r for r in course.rows if r["endpoint"] == what.id}
    note = f", {_READ[what.read]}" if course.therapy and what.read in _READ else ""
    ways = [*course.ways, *(["difference"] if "with" in course.ways else [])]
    rows = [["  year", *ways]]
    for year in shown:
        cells = [_signed_cell(found[way, year], what.decimals, way == "difference") for way in ways]
        rows.append([f"  {year:>4g}", *cells])
    return [f"{what.title}, {what.unit}{note}", *_columns(rows)]


def _signed_cell(row: Mapping[str, Any], decimals: int, signed: bool) -> str:
    if row["median"] is None:
        return "nobody alive"
    decimals = min(decimals, 2)
    form = f"{{:{'+' if signed else ''}.{decimals}f}}"
    # Rounded first, so that nothing reads as minus nought.
    numbers = (round(row[k], decimals) + 0.0 for k in ("median", "p05", "p95"))
    middle, low, high = (form.format(x) if x else f"{0:.{decimals}f}" for x in numbers)
    return f"{middle} ({low} to {high})"


def _survival_block(course: PatientCourse, shown: list[float]) -> list[str]:
    alive = {(r["way"], r["year"]): r["alive"] for r in course.survival}
    rows = [["  year", *course.ways]]
    rows += [[f"  {y:>4g}", *(f"{100 * alive[way, y]:.0f}" for way in course.ways)] for y in shown]
    rates = course.rates.items()
    told = "; ".join(f"{way} {rate['exacerbations_per_year']:.2f}" for way, rate in rates)
    deaths = "; ".join(f"{way} {rate['deaths']} of {rate['people']}" for way, rate in rates)
    return [
        "Alive, %",
        *_columns(rows),
        "",
        f"Severe exacerbations per person and year: {told}.",
        f"Deaths within {years_words(course.years)}: {deaths}.",
        *(f"{title}: {told}." for title, told in harm_words(course)),
    ]


def harm_words(course: PatientCourse) -> list[tuple[str, str]]:
    """Return each harm that anybody had, and its rate by way in words."""
    found = []
    for event, title in event_titles().items():
        key = f"{event}_per_100_years"
        rates = {way: rate[key] for way, rate in course.rates.items() if rate.get(key) is not None}
        if any(rates.values()):
            told = "; ".join(f"{way} {rate:.1f}" for way, rate in rates.items())
            found.append((f"{title} per 100 person-years", told))
    return found


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def resting_on(course: PatientCourse) -> tuple[str, ...]:
    """Return what the course rests on, what it leaves out, and how to ask for that."""
    words = {"model": "the whole model", "therapy": "the therapy"}
    told = "; ".join(
        f"of {sum(found.values())} numbers of {words[what]} "
        + ", ".join(f"{count} {grade}" for grade, count in found.items())
        for what, found in course.grades.items()
    )
    ask = course.asked or "product:dose/interval"
    return (
        f"What it rests on: {told}.",
        "Each of them stands at its typical value, so that no spread here holds what is "
        f"unknown of them. For that: antitrypsim compare --therapy '{ask}' --uncertainty 200.",
        *filter(None, [not_modelled_words(course.harmless)]),
    )
