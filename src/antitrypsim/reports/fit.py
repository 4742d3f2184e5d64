"""A fit to one's own data as a document: what changed, whom it rests on, and whether to trust it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.protocols import BANNER
from antitrypsim.reports.document import Document, Section, Table, answered, manifest
from antitrypsim.reports.fitpictures import outside, predictive_check

if TYPE_CHECKING:
    from antitrypsim.experiments.fitting.found import Change, Fit

_SHOWN = 20


def fit_document(found: Fit, *, pictures: bool = True) -> Document:
    """Return a fit as a document."""
    origin = found.posterior.origin.to_dict()
    return Document(
        f"What {so_many(sum(n for _, n in found.used.people), 'person', 'people')} of your own say: {found.protocol}",
        (BANNER,), answered(_answer(found)),
        (
            _changed(found), _used(found), _seen(found), _trust(found),
            manifest([(name, "-" if value is None else f"{value}") for name, value in origin.items()]
                     + [("before", found.start or "prior"), ("posterior", found.posterior.content_hash)]),
        ),
        key=predictive_check(found) if pictures else None,
    )  # fmt: skip


def _answer(found: Fit) -> tuple[str, ...]:
    count = len(found.informed)
    start = found.began
    check = found.check
    said = [
        f"Your data teach something about {count} of {so_many(len(found.changes), 'unknown')}; the others stay as in {start}."
        if count
        else f"Your data teach nothing that shows about any of {so_many(len(found.changes), 'unknown')}: all stay as in {start}.",
        f"Trials of people who live these draws lie as far from their own course as your data in {100 * check.p:.0f} % of cases; "
        "below 0.1 % the data would be like nobody's and nothing would be told.",
    ]
    if check.trusted:
        said.append(f"In the real simulation it holds: Pareto's k is {_k(check.k)}, 0.7 or less.")
    else:
        said.append(
            f"It is not to be trusted yet: Pareto's k is {_k(check.k)}, above 0.7, so that the emulators may be wrong where it "
            "lies; take more runs or people, or another wave."
        )
    blunt = [e for e, error, people in found.emulated if error > people]
    if blunt:
        said.append(
            f"It is wider than your data deserve: of {', '.join(endpoint(e).title for e in blunt)} the emulators err by more than so many "
            "people leave open; more runs and people would teach more."
        )
    if found.failed:
        said.append(f"{so_many(found.failed, 'run')} could not be lived and {verb(found.failed, 'was', 'were')} left out.")  # fmt: skip
    return tuple(said)


def _k(k: float) -> str:
    return f"{k:.2f}" if math.isfinite(k) else ("below any tail" if k < 0 else "infinite")


def _changed(found: Fit) -> Section:
    rows = found.informed
    caption = (
        "Mean and SD before and after, in the unit. 'SD left' and 'moved' (in SDs from before) are of the score behind it, which "
        "is normal before."
    )
    head = ("unknown", "means", "before", "after", "SD left", "moved", "unit")

    def table(some: tuple[Change, ...]) -> Table:
        return Table(caption, head, tuple(_row(one) for one in some), align="wwvvnnw")

    others = [one.id for one in found.changes if not one.informed]
    idle = Section(f"Not informed ({len(others)})", items=tuple(others), folded=True, told="page")
    if not rows:
        return Section("What changed", ("Nothing is known better than before.",), parts=(idle,), id="changed")  # fmt: skip
    more = len(rows) - _SHOWN
    return Section(
        f"What changed ({len(rows)})", id="changed",
        parts=(
            Section(
                sentences=(f"{more:,} more on the page.",) if more > 0 else (),
                tables=(table(rows[:_SHOWN]),), told="terminal",
            ),
            Section(tables=(table(rows),), told="page"),
            idle,
        ),
    )  # fmt: skip


def _row(one: Change) -> tuple[str, ...]:
    return (
        one.id, one.meaning, f"{one.before_mean:.3g} ± {one.before_sd:.2g}", f"{one.mean:.3g} ± {one.sd:.2g}",
        f"{100 * one.left:.0f} %", f"{one.moved:+.1f}", one.unit,
    )  # fmt: skip


def _used(found: Fit) -> Section:
    used = found.used
    items = [
        "People: " + ", ".join(f"{n} in {arm}" for arm, n in used.people) + ".",
        "Values: " + ", ".join(f"{n} of {endpoint(e).title}" for e, n in used.values) + ".",
        f"{so_many(used.missing, 'value')} missing at a visit that others of the arm have: integrated out, as if what is missing "
        "depended on nothing but what was seen.",
    ]
    if used.below:
        items.append(f"{so_many(used.below, 'value')} below the limit of an assay: they say that they lie there.")  # fmt: skip
    items.append(
        "The file does not say who died, so that deaths teach nothing."
        if used.deaths is None
        else f"{so_many(used.deaths, 'death')}, held against the deaths of virtual people who are followed as long."
    )
    items.append(
        f"Differences that go with {', '.join(used.adjusted)} are taken out, of your people and of the virtual ones alike."
        if used.adjusted
        else "AGE, SEX and HEIGHT are not known of everybody, so that nobody's own are used: who was enrolled is the protocol's."
    )
    items += [f"Left out: {one}." for one in used.left]
    return Section("Who and what was used", items=tuple(items), id="used")


def _seen(found: Fit) -> Section:
    table = Table(
        "Percentiles of the people measured, and the band in which those of a trial like yours lie in 90 % of cases.",
        ("arm", "endpoint", "day", "people", "10th", "50th", "90th"),
        tuple(
            (s.arm, endpoint(s.endpoint).title, f"{s.day:g}", f"{s.people}",
             *(f"{seen:.3g} ({low:.3g} to {high:.3g})" for seen, low, high in zip(s.seen, s.low, s.high, strict=True)))
            for s in found.seen
        ),
        align="wwnnvvv",
    )  # fmt: skip
    off = outside(found)
    said = (
        f"{off} of {3 * len(found.seen)} observed percentiles lie outside their band; one in ten would by chance.",
    )
    return Section(
        "Visual predictive check", said, id="seen",
        parts=(Section(tables=(table,), folded=True, told="page"),),
    )  # fmt: skip


def _trust(found: Fit) -> Section:
    check = found.check
    items = [
        f"{check.draws} draws were lived by {check.people:,} people an arm: Pareto's k {_k(check.k)}, effective sample "
        f"{check.effective:.0f}; reweighting by the means of their people moves a mean by at most {check.shift:.2f} SD.",
        "How often trials of these draws lie as far out, by endpoint: "
        + ", ".join(f"{endpoint(e).title} {100 * p:.0f} %" for e, p in check.by_endpoint) + ".",
        "Error of emulated means, emulators and chance, beside what so many people leave open, in SDs between people: "
        + ", ".join(f"{endpoint(e).title} {error:.2f} beside {people:.2f}" for e, error, people in found.emulated)
        + ". Both are part of the likelihood.",
        *_as_normal(found),
        "People's values are taken as normal about a course, or lognormal where measurement errs by a share.",
    ]  # fmt: skip
    return Section("What to trust", items=tuple(items), id="trust")


def _as_normal(found: Fit) -> tuple[str, ...]:
    if found.bent is None:
        return ()
    worst, distance = found.bent
    return (
        f"Before your data {found.began} is taken as a normal of its draws' mean and covariance: bends and skews of it are lost. "
        f"By itself '{worst}' lies farthest from one: the distribution functions differ by at most {distance:.2f}.",
    )
