"""A trial's report, as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.evidence.grade import MEANINGS
from antitrypsim.protocols.therapywords import amount_words
from antitrypsim.reports.claims import claimed_section
from antitrypsim.reports.document import Cell, Document, Section, Table, manifest
from antitrypsim.reports.harms import harms_section
from antitrypsim.reports.numbers import number, with_unit
from antitrypsim.reports.resultsections import (
    key_section,
    others_in_short,
    primary_in_short,
    published_section,
    results_section,
    secondary_in_short,
)
from antitrypsim.reports.trial import trial_report
from antitrypsim.reports.trial_uncertainty import unknown_sections
from antitrypsim.reports.words import share_words

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.reports.document import Picture, Row
    from antitrypsim.reports.trial import TrialReport
    from antitrypsim.trials.trial import Trial

_TRUTH = (
    "A simulation can do what no trial can: let each person live under every arm, with the same "
    "chance events, and read the result without noise. This is what the model holds to be true; "
    "the trial above is what could be seen of it."
)


def trial_document(trial: Trial, *, model: Model | None = None, pictures: bool = True) -> Document:
    """Return everything that a trial's report shows.

    ``model`` is the model that ran, for its parameters; the packaged one if left out.
    """
    from antitrypsim.reports.plots import arm_colours
    from antitrypsim.reports.plots import pictures as drawn_of

    report = trial_report(trial, model=model)
    drawn = drawn_of(trial, report) if pictures else {}
    key = next(iter(drawn.values()), None)
    survival = drawn.get("survival")
    return Document(
        report.title,
        report.notices,
        (
            Section("Question", (report.question,)),
            Section("Tried", (report.tried,), told="terminal"),
            Section("On whom", (report.on_whom,), told="terminal"),
            Section("Tried, and on whom", (f"{report.tried} {report.on_whom}",), look="lead",
                    told="page"),
            Section("What came out", report.came_out, look="answer"),
            key_section(report, arm_colours(trial)),
        ),
        (
            primary_in_short(report),
            *([secondary_in_short(report)] if report.secondary else []),
            others_in_short(report),
            results_section(report, drawn.get("forest"), None if survival is key else survival),
            *([published_section(report)] if report.published else []),
            *claimed_section(report.claimed),
            harms_section(report.harms),
            _participants_in_short(report),
            _participants(report),
            _schedule(report),
            *_truth(report, drawn),
            *unknown_sections(report.unknown, drawn.get("unknowns")),
            _evidence(report),
            _methods(report),
            *([Section("Notes", items=report.notes, told="terminal")] if report.notes else []),
            Section("Limits and notes", items=(*report.notices, *report.notes, *report.how_sure),
                    told="page", id="limits"),
            manifest(report.manifest),
        ),
        key,
        (
            Section("What decides", report.unknown.decides),
            Section("How sure", report.how_sure + report.truth),
            Section("Resting on", (" ".join(report.resting_on),)),
            Section("What it is for", (report.context_of_use,)),
        ),
    )  # fmt: skip


def _participants_in_short(report: TrialReport) -> Section:
    flow = report.flow
    rows = tuple(
        (a.label, f"{a.randomised:,}", f"{a.discontinued:,}", f"{a.died:,}", f"{a.completed:,}")
        for a in flow.arms
    )
    arms = Table("", ("", "enrolled", "left early", "died", "completed"), rows, align="wnnnn")
    met = f"{flow.met:,} virtual people met, {flow.enrolled:,} enrolled"
    left = tuple((f"{n:,}", f"left out: {reason}") for reason, n in flow.left)
    said = (f"{met}.", flow.told) if flow.told else (met,)
    return Section("Participants", said, (Table("", (), left, align="nw"), arms), told="terminal")


def _participants(report: TrialReport) -> Section:
    flow = report.flow
    met = [Section(f"{flow.met:,} virtual people met", (flow.told,) if flow.told else ())]
    if flow.left:
        left = tuple(f"{n:,}: {reason}" for reason, n in flow.left)
        met.append(Section(f"{flow.met - flow.enrolled:,} left out", items=left))
    entered = "randomised" if len(flow.arms) > 1 else "enrolled"
    arms = [
        Section(
            f"{a.label}: {a.randomised:,}", () if a.title == a.label else (a.title,),
            items=(f"{a.discontinued} left early", f"{a.died} died", f"{a.completed:,} completed"),
        )
        for a in flow.arms
    ]  # fmt: skip
    steps = (met, [Section(f"{flow.enrolled:,} {entered}")], arms)
    rows = tuple((row.what, *row.cells) for row in report.baseline)
    start = Table("", ("At the start", *report.groups), rows, name="Participants at the start")
    return Section(
        "Participants", told="page", id="participants",
        parts=(
            Section("From the first met to the end",
                    parts=tuple(Section(parts=tuple(step), laid="boxes") for step in steps)),
            Section("Who they were at the start", tables=(start,)),
        ),
    )  # fmt: skip


def _schedule(report: TrialReport) -> Section:
    found = report.schedule
    given = Table(
        "", ("Arm", *(f"{title} ({length})" for title, length in found.epochs)),
        tuple((arm, *words) for arm, words in found.treatments),
        align="w" * (1 + len(found.epochs)), name="Treatments by arm and epoch",
    )  # fmt: skip
    blank = [""] * (len(found.visits) - 1)
    rows: list[Row] = [
        (title, "watched throughout", *blank) if marks is None
        else (title, *("●" if mark else "" for mark in marks))
        for title, marks in found.assessments
    ]  # fmt: skip
    head = tuple(Cell(label, "" if id == label else id) for id, label in found.visits)
    visits = Table("● measured", ("Assessment", *head), tuple(rows),
                   align="w" * (1 + len(head)), name="Assessments by visit")  # fmt: skip
    return Section(
        "Schedule of activities", told="page", id="schedule",
        parts=(Section("What each arm received", tables=(given,)),
               Section("What was measured when", tables=(visits,))),
    )  # fmt: skip


def _truth(report: TrialReport, drawn: dict[str, Picture]) -> tuple[Section, ...]:
    """Return what the same people have under every arm, or their true courses under one."""
    shown = tuple(drawn[name] for name in ("courses", "individuals") if name in drawn)
    if not report.effects:
        return (Section("True courses", pictures=shown, told="page", id="truth"),) if shown else ()
    return (
        Section("The same people under every arm", (_TRUTH,),
                parts=(Section(pictures=shown, laid="columns"),
                       Section(tables=(_effects(report),))), told="page", id="truth"),
        _effects_in_short(report),
    )  # fmt: skip


def _effects(report: TrialReport) -> Table:
    several = len({e.label for e in report.effects}) > 1
    rows = [
        (
            e.title, *([e.label] if several else []), e.when,
            with_unit(number(e.mean, e.decimals), e.unit), number(e.sd, e.decimals),
            f"{number(e.low, e.decimals)} to {number(e.high, e.decimals)}", share_words(e.gain),
            f"{e.n:,}",
        )
        for e in report.effects
    ]  # fmt: skip
    which = "" if several else f"{report.effects[0].label}: "
    head = ("Endpoint", *(["Comparison"] if several else []), "When", "Mean", "SD of people",
            "Nine in ten people", "Better for", "n")  # fmt: skip
    return Table(
        f"{which}own effect of each person, among those alive under both arms. The spread is "
        "between people.", head, tuple(rows), align=("ww" if several else "w") + "wvvvvn",
        name="True effects",
    )  # fmt: skip


def _effects_in_short(report: TrialReport) -> Section:
    several = len({e.label for e in report.effects}) > 1
    planned = {result.endpoint for result in report.results}
    rows = tuple(
        (
            f"{e.title}, {e.when}" + (f": {e.label}" if several else ""),
            with_unit(number(e.mean, e.decimals), e.unit),
            f"{number(e.low, e.decimals)} to {number(e.high, e.decimals)}",
            share_words(e.gain),
        )
        for e in report.effects
        if e.endpoint in planned
    )
    title = f"The same people under both arms, without noise: {report.effects[0].label}"
    if several:
        title = "The same people under every arm, without noise"
    head = ("", "mean of people", "nine in ten people", "better for")
    return Section(title, tables=(Table("", head, rows),), told="terminal")


def _evidence(report: TrialReport) -> Section:
    found = report.grounds
    grades = Section(
        f"The {found.total} parameters, by grade",
        parts=(
            Section(parts=tuple(Section(f"{n} {grade}", (MEANINGS[grade],))
                                for grade, n in found.grades.items()), laid="boxes"),
            Section(sentences=(found.caution,) if found.caution else (), look="failed"),
        ),
    )  # fmt: skip
    fitted = f"Fitted to the targets {', '.join(found.targets)}."
    assumed = Table(
        "", ("Parameter", "Value", "Meaning"),
        tuple((p.id, with_unit(_figure(p.value), "" if p.unit in ("1", "-") else p.unit), p.meaning)
              for p in found.assumed),
        align="cvw", name="Assumed parameters",
    )  # fmt: skip
    facts = Table(
        "", ("Fact", "What", "Value", "Source", "How it is known"),
        tuple(
            (f.id, f.quantity, Cell(with_unit(f.value, "" if f.unit == "-" else f.unit), f.uncertainty),
             Cell(f.source, f.identifier),
             f"{f.known}, {f.confidence} confidence" if f.confidence else f.known)
            for f in found.facts
        ),
        align="wwwww", name="Facts",
    )  # fmt: skip
    cited = tuple(
        cite + (f" ({identifier})" if identifier else "") + (f": {why}" if why else "")
        for cite, identifier, why in report.references
    )
    return Section(
        "Evidence and assumptions", told="page", id="evidence",
        parts=(
            grades,
            Section(sentences=(fitted,) if found.targets else (), look="small"),
            Section(f"The {len(found.assumed)} assumed parameters", tables=(assumed,), folded=True),
            *([Section("The facts that this protocol rests on", tables=(facts,))] if found.facts
              else []),
            *([Section("References of the design", items=cited)] if cited else []),
        ),
    )  # fmt: skip


def _methods(report: TrialReport) -> Section:
    parts = tuple(
        Section(
            result.title,
            (f"Not done: {result.plan.failed}" if result.plan.failed else result.plan.method,),
            look="failed" if result.plan.failed else "",
        )
        for result in report.results
    )
    return Section("Methods", parts=parts, told="page", id="methods")


def _figure(value: float) -> str:
    """Return a number to four digits, with a power of ten as people write it."""
    return amount_words(float(f"{value:.4g}"), "")
