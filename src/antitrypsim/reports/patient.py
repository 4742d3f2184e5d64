"""One virtual person's course, told by people like them, as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.counterfactual import MOST_DRAWS
from antitrypsim.experiments.history import PARTICLES
from antitrypsim.experiments.patient import SHOWN
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.units import YEAR, years_words
from antitrypsim.populations.matching import asked
from antitrypsim.populations.persontext import person_text
from antitrypsim.protocols import noise_of
from antitrypsim.protocols.therapywords import therapy_words
from antitrypsim.reports import style
from antitrypsim.reports.document import Cell, Document, Picture, Row, Section, Table, manifest
from antitrypsim.reports.numbers import flat, number, signed, with_unit
from antitrypsim.reports.shareswords import decides_sentence
from antitrypsim.reports.shownunits import as_told, decimals
from antitrypsim.trials.harms import event_titles, not_modelled_words

if TYPE_CHECKING:
    from antitrypsim.experiments.patient import PatientCourse
    from antitrypsim.experiments.visits import Visit

_WAYS = {"difference": "own difference"}
_COLOURS = {"without": style.REFERENCE, "with": style.ARMS[0]}
_PANEL = (3.5, 2.5)
_ASKED = {"stiffness": "stiffness", "serum": "serum_aat", "fev1": "fev1_percent"}
"""By what a person is described by, the endpoint that it is asked about."""
_FOR_THE_LIVER = ("fazirsiran", "belcesiran", "arc_aat", "base_editor", "nuclease_knockout",
                  "galnac_rna_editor", "lipid_rna_editor", "hepatocytes", "liver_progenitors", "hepatic_artery")  # fmt: skip

_TAUGHT, _SAID = 8, 0.1
"""How many lines say what a history taught, and what is worth one, in nats."""
_MORE_DRAWS = 200
"""So many draws are advised, or as many as shares need."""
_MOST_LIVE = 0.9
"""Where fewer are alive, their medians are told to be of who is left."""
_READ = {"before a dose": "before the dose", "over a round": "mean over a round of doses"}
_HOW = (
    "Line: median of those alive. Band: nine people of ten; it is how people like this one differ, "
    "not how well the model is known."
)
_NO_FORECAST = (
    "These are virtual people who are alike in what is stated, not a forecast for anyone."
)


def patient_document(course: PatientCourse, *, pictures: bool = True) -> Document:
    """Return everything that is shown of a person's course."""
    ids = told_first(course)
    first, *more = _answer(course, ids)
    drawn = (*(_picture(course, id) for id in ids), _survival_picture(course)) if pictures else ()
    tables = (*(by_year(course, id) for id in ids), _survival_table(course), _events(course))
    return Document(
        f"A person such as: {course.described.words()}",
        tuple(course.notices),
        (
            Section(sentences=_who(course), look="lead"),
            Section(sentences=(first,), look="answer"),
            Section(tables=(_key(course, ids),), told="page"),
        ),
        (
            Section("Courses", (_HOW,), pictures=drawn, look="small", laid="multiples",
                    told="page", id="courses"),
            Section("In words", (first, *more), told="page", id="words"),
            *_decides(course, ids),
            *_taught(course),
            Section("Numbers", (_paired(course),), tables, look="small", laid="cards",
                    id="numbers"),
            Section("Limits", items=(_NO_FORECAST, *resting_on(course)), id="limits"),
            manifest([(key, flat(value)) for key, value in course.provenance.to_dict().items()]),
        ),
    )  # fmt: skip


def _who(course: PatientCourse) -> tuple[str, ...]:
    """Return who these people are and what they live."""
    given = therapy_words(course.therapy or "")
    lives = (
        f"Each lives {years_words(course.years)} twice, without and with {given}, with the same "
        "chance events."
        if course.therapy
        else f"Each lives {years_words(course.years)} without therapy."
    )
    if course.history is not None:
        visits = so_many(len(course.history.visits), "value")
        past = (
            f" They were given {', '.join(_past_words(one) for one in course.past)}."
            if course.past
            else ""
        )
        return (
            f"{course.people:,} virtual people of this kind, as likely to be the person as {visits} of their own "
            f"history leave them ({course.met:,} lives were weighed).{past} {lives}",
        )
    bands = [f"{e.title} within {e.band:g} {e.unit}" for e in asked(course.described)]
    return (
        f"{course.people:,} virtual people like this one ({', '.join(bands) or 'no more known'}) "
        f"were found among {course.met:,} met; nobody was altered to fit."
        f"{' ' + course.drawn if course.drawn else ''} {lives}",
    )


def _decides(course: PatientCourse, ids: Sequence[str]) -> tuple[Section, ...]:
    """Return which unknown decides the difference that a therapy makes, where draws can say it."""
    told = [id for id in ids[:3] if id in course.shares]
    draws = course.provenance.draws
    if not told:
        few = f"It cannot be told from {draws:,} draws of what nobody knows; ask for more, such as 100."
        return (Section("What decides", (few,), id="decides"),) if draws and course.therapy else ()
    shares = course.shares[told[0]]
    items = tuple(decides_sentence(as_told(id).title, course.shares[id]) for id in told)
    lead = (
        f"Of the mean own difference after {years_words(course.years)}, over {shares.draws:,} draws of what nobody knows "
        f"({shares.needed:,} would tell shares to 5 points):"
    )
    return (Section("What decides", (lead,), items=items, id="decides"),)


def _taught(course: PatientCourse) -> tuple[Section, ...]:
    """Return what was measured and what it says of the person, where there is a history."""
    if course.history is None or course.remembered is None:
        return ()
    measured = Table(
        "What was measured",
        ("Years ago", "Endpoint", "Value"),
        tuple(
            (f"{abs(one.day) / YEAR:.1f}", endpoint(one.endpoint).title, _seen(one))
            for one in course.history.visits
        ),
    )
    taught = Table(
        "What sets this person apart, in SD of people of the kind",
        ("", "middle", "left of the SD"),
        tuple(
            (one.meaning, signed(one.mean, 1), f"{100 * one.sd:.0f} %")
            for one in course.remembered.learned[:_TAUGHT]
            if one.much > _SAID
        ),
    )
    found = course.remembered
    seldom = (
        f"Of all people of this kind {100 * found.seldom:.0f} % have a history as far from the middle."
        if found.seldom > 0
        else f"Of {PARTICLES} people of this kind nobody had a history so far from the middle: check units, dates, "
        "genotype and past treatment."
    )
    said = (
        f"{seldom} People like those found would show one further from their own course in {100 * found.p:.0f} % of "
        "cases; below 0.1 % it would be nobody's. What is not in the second table the history says little of."
    )
    over = course.history.passed_over
    told = (said, f"Passed over in the file: {'; '.join(over)}.") if over else (said,)
    return (Section("What the history taught", told, (measured, taught), id="history"),)


def _seen(one: Visit) -> str:
    what = endpoint(one.endpoint)
    limit = noise_of(one.endpoint).limit
    said = f"below {limit:g}" if one.value < limit else number(one.value, what.decimals)
    return with_unit(said, what.unit)


def _past_words(text: str) -> str:
    therapy, _, when = text.partition(" from ")
    return f"{therapy_words(therapy)} from {when}"


def _paired(course: PatientCourse) -> str:
    own = (
        " A difference is each person's own, with less without, of those alive both ways."
        if course.therapy
        else ""
    )
    last = max(row["year"] for row in course.survival)
    left = {row["way"]: row["alive"] for row in course.survival if row["year"] == last}
    said = f"Median of those alive, in brackets the 5th and 95th percentile.{own}"
    return " ".join((said, *_survivors(left)))


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
        what = as_told(id)
        rows = {r["way"]: r for r in course.rows if r["endpoint"] == id and r["year"] == last}
        if any(row["median"] is None for row in rows.values()):
            continue
        d = decimals(what.id)
        text = f"{what.title} after {years_words(last)}: median " + " and ".join(
            with_unit(number(rows[way]["median"], d), what.unit) + f" {way} therapy"
            for way in course.ways
        )
        if "difference" in rows:
            own = rows["difference"]
            text += (
                f"; own difference {with_unit(signed(own['median'], d), what.unit)} ({signed(own['p05'], d)} to "
                f"{signed(own['p95'], d)} in nine people of ten"
            )
            if own.get("unknown_low") is not None:
                low, high = signed(own["unknown_low"], d), signed(own["unknown_high"], d)
                text += f"; its median {low} to {high} in nine draws of ten of what nobody knows"
            text += ")"
        found.append(f"{text}.")
    alive = {row["way"]: row["alive"] for row in course.survival if row["year"] == last}
    found.append(
        f"Alive after {years_words(last)}: "
        + " and ".join(f"{100 * share:.0f} % {way} therapy" for way, share in alive.items())
        + "."
    )
    return tuple(found)


def _survivors(alive: Mapping[str, float]) -> tuple[str, ...]:
    """Return a sentence where so many have died that a median moves by who is left; ``alive`` by way."""
    if min(alive.values()) >= _MOST_LIVE:
        return ()
    said = "As the sickest die first, a median can rise although nobody gets better"
    return (
        f"{said}; the own difference is of the same people." if "with" in alive else f"{said}.",
    )


def _ways(course: PatientCourse) -> tuple[str, ...]:
    return (*course.ways, *(["difference"] if "with" in course.ways else []))


def _cell(row: Mapping[str, Any], decimals: int) -> str | Cell:
    """Return the median and nine people of ten; what differs is told with its sign.

    Small print says where nine draws of ten of the unknown have the median.
    """
    if row["median"] is None:
        return "nobody alive"
    say = signed if row["way"] == "difference" else number
    low, high = say(row["p05"], decimals), say(row["p95"], decimals)
    told = f"{say(row['median'], decimals)} ({low} to {high})"
    if row.get("unknown_low") is None:
        return told
    low, high = say(row["unknown_low"], decimals), say(row["unknown_high"], decimals)
    return Cell(told, mark=f"unknown: {low} to {high}")


def by_year(course: PatientCourse, id: str, *, every: bool = False) -> Table:
    """Return one endpoint by year and way; at most six of the years unless ``every`` is asked for."""
    what = as_told(id)
    rows = {(r["way"], r["year"]): r for r in course.rows if r["endpoint"] == id}
    years = sorted({year for _, year in rows})
    years = years if every else _shown(years)
    d = decimals(what.id)
    read = f", {_READ[what.read]}" if course.therapy and what.read in _READ else ""
    return Table(
        f"{what.title}, {what.unit}{read}",
        ("Year", *(_WAYS.get(way, way) for way in _ways(course))),
        tuple((f"{y:g}", *(_cell(rows[w, y], d) for w in _ways(course))) for y in years),
    )


def _key(course: PatientCourse, ids: list[str]) -> Table:
    """Return every endpoint and survival at the last year, in the order in which they are told."""
    last = max(row["year"] for row in course.rows)
    rows: list[Row] = []
    for id in ids:
        what, table = as_told(id), by_year(course, id)
        rows.append((with_unit(f"{what.title},", what.unit).rstrip(","), *table.rows[-1][1:]))
    alive = [f"{one} %" for one in _survival_table(course).rows[-1][1:]]
    rows.append(("Alive", *alive, *([""] if course.therapy else [])))
    return Table(
        f"After {years_words(last)}: median of those alive (5th to 95th percentile)",
        ("", *(_WAYS.get(way, way) for way in _ways(course))), tuple(rows),
    )  # fmt: skip


def frequencies(course: PatientCourse, year: float) -> tuple[str, ...]:
    """Return how many of a hundred people live at a year, and what a hundred have in one, by way."""

    def told(counts: Mapping[str, str]) -> str:
        return " and ".join(f"{count} {way} therapy" for way, count in counts.items())

    alive = {row["way"]: row["alive"] for row in course.survival if row["year"] == year}
    attacks = {way: one["exacerbations_per_year"] for way, one in course.rates.items()}
    living = told({way: f"{100 * share:.0f}" for way, share in alive.items()})
    having = told({way: f"{100 * rate:.0f}" for way, rate in attacks.items()})
    return (
        f"Of 100 people like this one, alive after {years_words(year)}: {living}.",
        f"Severe exacerbations of 100 such people in a year, over {years_words(course.years)}: {having}.",
        *_survivors(alive),
    )


def _survival_table(course: PatientCourse) -> Table:
    alive = {(row["way"], row["year"]): row["alive"] for row in course.survival}
    years = _shown(sorted({year for _, year in alive}))
    rows = tuple((f"{y:g}", *(f"{100 * alive[w, y]:.0f}" for w in course.ways)) for y in years)
    return Table("Alive, %", ("Year", *course.ways), rows)


def _events(course: PatientCourse) -> Table:
    """Return exacerbations, deaths, and each harm that anybody had."""
    found = course.rates
    rows = [
        ("Severe exacerbations per person and year",
         *(number(one["exacerbations_per_year"], 2) for one in found.values())),
        (f"Deaths within {years_words(course.years)}",
         *(f"{one['deaths']:,} of {one['people']:,}" for one in found.values())),
    ]  # fmt: skip
    for event, title in event_titles().items():
        rates = [one.get(f"{event}_per_100_years") for one in found.values()]
        if any(rates):
            rows.append((f"{title} per 100 person-years", *(number(rate, 1) for rate in rates)))
    return Table("Events", ("", *course.ways), tuple(rows))


def _picture(course: PatientCourse, id: str) -> Picture:
    what = as_told(id)
    lines = {way: of_the_living(*course.series(id, way)) for way in course.ways}
    svg = draw_courses(f"{what.title}, {what.unit}", lines, f"course-{id}")
    d = decimals(what.id)
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
    svg = draw_courses("Alive, %", lines, "course-alive", floor=0)
    return Picture("course-alive", "Alive", "", f"Share alive by year; at the end {ends}.", svg)


def of_the_living(*columns: Sequence[float | None]) -> tuple[list[float], ...]:
    """Return columns of a course without the years in which nobody lives."""
    points = (point for point in zip(*columns, strict=True) if None not in point)
    return tuple(list(column) for column in zip(*points, strict=True))


def draw_courses(
    title: str, lines: Mapping[str, tuple[list[float], ...]], name: str, *, floor: float | None = None,
    own: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> str:  # fmt: skip
    """Draw one small panel as SVG: by way years and medians, and where there are such the ends of bands.

    The first band is of people, the second of what is unknown; ``own`` is one person's years and values by way.
    """
    with style.settings():
        figure, axes = style.new(*_PANEL)
        for way, line in lines.items():
            for k, alpha in ((2, 0.14), (4, 0.4)):
                if len(line) > k:
                    axes.fill_between(
                        line[0], line[k], line[k + 1], color=_COLOURS[way], alpha=alpha, lw=0
                    )
            axes.plot(line[0], line[1], color=_COLOURS[way], linewidth=2)
        for way, points in (own or {}).items():
            filled = _COLOURS[way] if way == "with" else style.PAPER
            axes.plot(*zip(*points, strict=True), color=_COLOURS[way], linewidth=1, marker="o",
                      markersize=3.5, markerfacecolor=filled)  # fmt: skip
        low, high = axes.get_ylim()
        axes.set_ylim(low if floor is None else floor, high if floor is None else 103)
        span = axes.get_ylim()[1] - axes.get_ylim()[0]
        places = style.spread_labels([line[1][-1] for line in lines.values()], 0.1 * span)
        for (way, line), y in zip(lines.items(), places, strict=True):
            axes.annotate(way, (line[0][-1], y), xytext=(5, 0), textcoords="offset points",
                          color=_COLOURS[way], va="center", fontweight="bold",
                          annotation_clip=False)  # fmt: skip
        axes.set_title(title, loc="left", color=style.INK)
        axes.set_xlabel("years")
        axes.locator_params(axis="x", nbins=6, integer=True)
        style.quiet(axes)
        return style.to_svg(figure, name)


def told_first(course: PatientCourse) -> list[str]:
    """Return the endpoints in the order in which they are told: first what was asked about."""
    asked = [id for name, id in _ASKED.items() if getattr(course.described, name) is not None]
    if any(product in (course.therapy or "") for product in _FOR_THE_LIVER):
        asked = ["stiffness", "serum_aat", *asked]
    return [id for id in dict.fromkeys((*asked, *SHOWN)) if id in SHOWN]


def resting_on(course: PatientCourse) -> tuple[str, ...]:
    """Return what the course rests on, what it leaves out, and how to ask for that."""
    words = {"model": "the whole model", "therapy": "the therapy"}
    told = "; ".join(
        f"of {sum(found.values())} numbers of {words[what]} "
        + ", ".join(f"{count} {grade}" for grade, count in found.items())
        for what, found in course.grades.items()
    )
    ask = course.asked or "product:dose/interval"
    draws = course.provenance.draws
    unknown = (
        f"Percentiles are between people. What is unknown was drawn {draws} times, from the day on: "
        "nine draws of ten have the median where the numbers say. Which unknown decides, told by more people: "
        if draws
        else "Each of them stands at its typical value, so that no spread here holds what is "
        "unknown of them. For that: "
    )
    # In people like this one; those with a history are weighed, which a comparison does not do.
    whom = "" if course.history else f" --population {person_text(course.described)}"
    needed = max((shares.needed for shares in course.shares.values()), default=0)
    more = min(MOST_DRAWS, max(_MORE_DRAWS, 100 * ceil(needed / 100)))
    half_life = (
        f"Infused AAT has a terminal half-life of {course.half_life:.1f} days in a typical person; seven "
        "people had 8.7 (SD 1.0, BIO-B06), labels say 5 to 6 (BIO-B08)."
        if course.half_life
        else ""
    )
    return (
        f"What it rests on: {told}.",
        f"{unknown}compare this therapy with {more:,} draws (antitrypsim compare --therapy '{ask}'{whom} --uncertainty {more}).",
        *filter(None, [half_life, not_modelled_words(course.harmless)]),
    )
