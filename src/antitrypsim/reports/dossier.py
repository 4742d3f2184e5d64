"""The design dossier: what is shown of a design, as text, as one HTML page, and as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from antitrypsim.documents.times import days
from antitrypsim.endpoints import endpoint
from antitrypsim.evidence.grade import GRADES
from antitrypsim.protocols import BANNER, noise_of
from antitrypsim.reports import dossiersettings as settings
from antitrypsim.reports import dossierwords as words
from antitrypsim.reports import labplots
from antitrypsim.reports.document import (
    Document,
    Picture,
    Section,
    Table,
    answered,
    manifest,
    pairs,
)
from antitrypsim.reports.numbers import flat, number
from antitrypsim.reports.people import delivery_words
from antitrypsim.reports.rival import rival_section
from antitrypsim.reports.shareswords import decides_words, grades_words
from antitrypsim.uncertainty.value_of_information import RELIABILITIES, Information
from antitrypsim.uncertainty.variance_shares import Shares

if TYPE_CHECKING:
    from antitrypsim.laboratory.appraisal import Appraisal
    from antitrypsim.laboratory.characteristics import Characteristics, Measured
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.power import PowerCurve

MORE = "not for the care of an individual; not for a submission without independent qualification."
NOTICE = f"{BANNER.split(';')[0]}; {MORE}"

BEWARE = "Look at before believing a result"
CHANGED = "What the design changes in the protocol"


def power_document(lab: DesignSimulation, curve: PowerCurve, *, pictures: bool = True) -> Document:
    """Return what is shown of a power curve."""
    key = labplots.power_picture(lab, curve) if pictures else None
    return Document(
        f"Power: {lab.design.title}", _notices(lab),
        answered(words.power_answer(lab, curve)),
        (
            *_beware(lab),
            Section("Power by number of participants", words.power_lead(lab, curve),
                    (_curve_table(curve),)),
            _settings(lab),
            Section("What is assumed", settings.assumed(lab), told="page"),
            _ademp(lab, curve.replicates),
        ),
        key,
    )  # fmt: skip


def design_document(found: Appraisal, *, pictures: bool = True) -> Document:
    """Return what is shown of a whole appraisal."""
    lab = found.lab
    drawn: list[Any] = []
    if pictures:
        drawn = [labplots.power_picture(lab, found.curve) if found.curve else None,
                 labplots.front_picture(found.tried) if found.tried else None,
                 labplots.worth_picture(found.worth) if isinstance(found.worth, Information) else None,
                 labplots.worlds_picture(found) if found.typical.matters.value >= 0 else None]  # fmt: skip
    kept = [p for p in drawn if p is not None]
    key = kept[0] if kept else None
    named = {p.name: p for p in kept if p is not key}
    sections = [
        *_beware(lab),
        Section("Question", (lab.design.question, f"Context of use. {lab.design.context_of_use}"),
                told="page"),
        _settings(lab),
        _schedule(lab),
        _flow(found),
        Section("Operating characteristics", words.characteristics_lead(found),
                (_operating(found),), _some(named, "worlds")),
    ]  # fmt: skip
    if found.curve is not None:
        sections.append(Section("Power by number of participants",
                                words.power_lead(lab, found.curve), (_curve_table(found.curve),)))  # fmt: skip
    if found.tried:
        sections.append(Section("Designs that were tried", words.search_lead(found),
                                (_front(found),), _some(named, "front")))  # fmt: skip
    if found.rival is not None:
        sections.append(rival_section(found.rival, pictures=pictures))
    sections += [
        Section("Sensitivity: what decides", _decides(found), _worth_tables(found),
                _some(named, "worth")),
        Section("What is assumed, and how well it is known", settings.assumed(lab), (_grades(found),),
                told="page"),
        _ademp(lab, lab.design.replicates),
        manifest([(str(k), flat(v)) for k, v in found.provenance.to_dict().items()]),
    ]  # fmt: skip
    return Document(f"Design dossier: {lab.design.title}", _notices(lab),
                    answered(words.design_answer(found)), tuple(sections), key)  # fmt: skip


def _notices(lab: DesignSimulation) -> tuple[str, ...]:
    return (NOTICE, *lab.protocol.notices[1:], *lab.drawn_from)


def _some(pictures: dict[str, Picture], name: str) -> tuple[Picture, ...]:
    return (pictures[name],) if name in pictures else ()


def share(one: Measured | None) -> str:
    """Return a share in percent with its Monte Carlo error."""
    if one is None or one.value != one.value:
        return "–"
    return f"{100 * one.value:.1f} ± {100 * one.error:.1f} %"


def value(one: Measured, decimals: int) -> str:
    """Return a number with its Monte Carlo error."""
    if one.value != one.value:
        return "–"
    return f"{number(one.value, decimals)} ± {number(one.error, decimals)}"


def _curve_table(curve: PowerCurve) -> Table:
    head = ["participants", "power"] + (["assurance"] if curve.assurance else [])
    rows = []
    for k, n in enumerate(curve.sizes):
        row = [str(n), share(curve.power[k])]
        if curve.assurance:
            row.append(share(curve.assurance[k]))
        rows.append((*row, share(curve.null[k])))
    return Table("Share of trials that claim a benefit, ± Monte Carlo error.",
                 (*head, "where nothing works"), tuple(rows))  # fmt: skip


def _operating(found: Appraisal) -> Table:
    worlds = {"typical values": found.typical, "nothing works": found.nothing}
    if found.unknown is not None:
        worlds["over the unknown"] = found.unknown
    d = words.decimals(found.lab)
    unit = f", {found.lab.unit}" if found.lab.unit else ""

    def row(name: str, get: Any) -> tuple[str, ...]:
        return (name, *(get(c) for c in worlds.values()))

    def shares(name: str) -> Any:
        return lambda c: share(getattr(c, name))

    claim = found.design.design.claim
    rows = [
        row(claim, shares("power")),
        row("significant the wrong way", shares("wrong_way")),
        row("a real benefit that matters exists", shares("matters")),
        row("claims it rightly", shares("right")),
        row("misleads: claims what is not there", shares("false_claim")),
        row("misses what matters", shares("missed_effect")),
        row(f"true effect{unit}", lambda c: value(c.effect, d)),
        row(f"bias of the estimate{unit}", lambda c: value(c.bias, d)),
        row("interval covers the truth", shares("coverage")),
        row("participants", lambda c: value(c.enrolled, 1)),
        row("screened and not taken", lambda c: value(c.screened, 1)),
        row("months to the last reading", lambda c: value(c.months, 1)),
        row("could not be analysed", shares("unusable")),
    ]
    most = max(len(c.stopped) for c in worlds.values())
    if most > 1:
        for k in range(most):
            rows.append(row(f"ends at look {k + 1}",
                            lambda c, k=k: share(c.stopped[k]) if k < len(c.stopped) else "–"))  # fmt: skip
        rows.append(row("given up for futility", shares("futile")))
    if len(found.typical.each) > 1:
        for k, arm in enumerate(found.lab.arms[1:]):
            rows.append(row(f"claims {arm}", lambda c, k=k: share(c.each[k])))
    for name in found.typical.details:
        rows.append(row(name, lambda c, n=name: _detail(c, n)))
    return Table("Mean over trials ± Monte Carlo error.", ("", *worlds),
                 tuple(r for r in rows if any(cell != "–" for cell in r[1:])))  # fmt: skip


def _detail(one: Characteristics, name: str) -> str:
    found = one.details[name]
    return value(found, 2) if name.startswith("people") else share(found)


def _beware(lab: DesignSimulation) -> tuple[Section, ...]:
    told = ((BEWARE, settings.looked_at(lab.design, lab.protocol)),
            (CHANGED, settings.changed(lab.design, lab.protocol)))  # fmt: skip
    return tuple(Section(title, lines) for title, lines in told if lines)


def _settings(lab: DesignSimulation) -> Section:
    return Section("Design", tables=(pairs("", settings.settings(lab)),), told="page")


def _schedule(lab: DesignSimulation) -> Section:
    protocol = lab.protocol
    kept = lab.design.visits or tuple(protocol.visit_days())
    last = protocol.visit_days()[lab.design.until] if lab.design.until else float("inf")
    visits = [v for v, d in protocol.visit_days().items() if v in kept and d <= last]
    known = protocol.visit_days()
    rows = []
    for each in protocol.assessments:
        what = endpoint(each.endpoint)
        if what.kind != "measurement":
            rows.append((what.title, *(["watched"] + [""] * (len(visits) - 1))))
            continue
        at = protocol.assessment_visits(each.endpoint)
        rows.append((what.title, *("x" if v in at else "" for v in visits)))
    treatment = []
    for arm in protocol.arms:
        if arm.id not in lab.arms:
            continue
        given = [f"{e}: {delivery_words(d)}" for e, ds in arm.treatment.items() for d in ds]
        treatment.append((arm.id, arm.title, "; ".join(given) or "none"))
    lengths = ", ".join(f"{e.id} {days(e.length):.0f} days" for e in protocol.epochs)
    return Section("Schedule of activities", (f"Epochs: {lengths}.",), (
        Table("What is measured when.", ("", *(f"{v} (day {known[v]:.0f})" for v in visits)),
              tuple(rows)),
        Table("What is given.", ("arm", "", "treatment"), tuple(treatment), align="www"),
    ), told="page")  # fmt: skip


def _flow(found: Appraisal) -> Section:
    lab = found.lab
    library = lab.library
    left = ", ".join(f"{n} {reason}" for reason, n in library.left.items() if n)
    lines = [
        f"Behind the trials stand {len(library.people)} virtual people, enrolled of {library.met} "
        f"who were met ({left or 'nobody was left'}).{' ' + library.told if library.told else ''}",
    ]
    if found.typical.screened.value > 0:
        lines.append(
            f"A trial screens {found.typical.screened.value + found.typical.enrolled.value:.0f} "
            f"people by measured values for {found.typical.enrolled.value:.0f} places."
        )
    rows = tuple(
        (a.arm, f"{a.randomised:.1f}", f"{a.died:.1f}", f"{a.left:.1f}", f"{a.read:.1f}")
        for a in found.flow
    )
    table = Table("Mean numbers in a trial, at typical values.",
                  ("arm", "in the arm", "died", "left", "read to the end"), rows)  # fmt: skip
    return Section("Flow of participants", tuple(lines), (table,), told="page")


def _front(found: Appraisal) -> Table:
    all_told = len(found.tried) <= 20
    told = [c for c in found.tried if all_told or c.front]
    told.sort(key=lambda c: -c.assurance.value)
    mark = "Every design that was tried; * on the front" if all_told else "The front"
    return Table(
        f"{mark}: no other is at least as good in assurance, patients, time and cost, and better in "
        "one.",
        ("design", "assurance", "power", "nothing works", "misleads", "patients", "screened out",
         "months", f"cost, {found.design.costs.currency}"),
        tuple(
            (c.name + (" *" if all_told and c.front else ""), share(c.assurance), share(c.power),
             share(c.null), share(c.false_claim), f"{c.patients:.0f}", f"{c.screened:.0f}",
             f"{c.months:.0f}", f"{c.cost:,.0f}")
            for c in told[:25]
        ),
    )  # fmt: skip


def _decides(found: Appraisal) -> tuple[str, ...]:
    out = []
    if isinstance(found.decides, Shares):
        out.append(f"What decides the true effect: {decides_words(found.decides)}.")
        out.append(f"Variance from {grades_words(found.decides)}.")
    else:
        out.append(f"What decides the true effect is not told: {found.decides}.")
    return (*out, *words.worth_lead(found))


def _worth_tables(found: Appraisal) -> tuple[Table, ...]:
    if not isinstance(found.worth, Information):
        return ()
    currency = found.design.costs.currency
    head = ("unknown", "grade", *(f"at {r:g}" for r in RELIABILITIES), "error",
            "changes the choice")  # fmt: skip
    rows = tuple(
        (u.id, u.grade, *(settings.money(w) for w in u.worth), settings.money(u.error, 2),
         f"{100 * u.changes:.0f} %" if u.worth[-1] > found.worth.chance else "–")
        for u in found.worth.unknowns[:8]
    )  # fmt: skip
    return (Table(f"Worth of measuring one unknown first, {currency}, at a reliability of the "
                  "measurement; the error is of the last worth.", head, rows),)  # fmt: skip


def _grades(found: Appraisal) -> Table:
    count = {g: sum(p.grade == g for p in found.model.parameters) for g in GRADES}
    total = len(found.model.parameters)
    rows = tuple((g, str(n), f"{100 * n / total:.0f} %") for g, n in count.items())
    return Table("Parameters of the model that ran, by grade.", ("grade", "number", "share"), rows)


def _ademp(lab: DesignSimulation, replicates: int) -> Section:
    noise = noise_of(lab.plan.endpoint).describe()
    return Section("The simulation itself", (
        "Told by the scheme of Morris, White and Crowther (2019): aims, data-generating mechanism, "
        "estimand, methods, performance measures.",
    ), (pairs("", settings.ademp(lab, replicates, noise)),), told="page")  # fmt: skip
