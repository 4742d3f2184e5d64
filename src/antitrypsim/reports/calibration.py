"""A calibration as a document: what the data taught, what trades, what is predicted, what to trust."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.protocols import BANNER
from antitrypsim.reports.document import Document, Section, Table, answered, manifest

if TYPE_CHECKING:
    from antitrypsim.calibration.posterior.calibration import Calibration, Learned, Predicted
    from antitrypsim.calibration.posterior.emulate import Quality
    from antitrypsim.calibration.posterior.file import Posterior
    from antitrypsim.calibration.posterior.identifiability import Identifiability
    from antitrypsim.calibration.posterior.trades import Trade

_SHOWN = 20
"""So many rows are told in a terminal; a page has all."""
_SCORES = (
    "An SD of 100 % is that of the prior: nothing was learned. 'Moved' is by how many prior SDs the middle of "
    "what is believed moved. Values are medians with the 5th and 95th percentile."
)


def calibration_document(found: Calibration, *, pictures: bool = True) -> Document:
    """Return a calibration as a document."""
    key = None
    if pictures:
        from antitrypsim.reports.calibrationpictures import predicted_picture

        key = predicted_picture(found)
    return Document(
        "What is unknown, after the targets", (BANNER,), answered(_answer(found)),
        (
            learned_section(found.learned), trades_section(found.trades), _predicted(found), _validated(found), _emulators(found),
            _trust(found),
            posterior_manifest(found.posterior),
        ),
        key=key,
    )  # fmt: skip


def posterior_manifest(posterior: Posterior) -> Section:
    """Return what a posterior was made from."""
    said = [(name, _said(value)) for name, value in posterior.origin.to_dict().items()]
    return manifest([*said, ("posterior", posterior.content_hash)])


def _said(value: object) -> str:
    return "-" if value is None else f"{value:.3g}" if isinstance(value, float) else f"{value}"


def identifiability_document(found: Identifiability) -> Document:
    """Return how well a posterior knows what is unknown as a document."""
    informed = [row for row in found.learned if row.informed]
    said = (
        f"Of {so_many(len(found.learned), 'unknown')} this posterior knows {len(informed)} better than before; "
        f"{so_many(len(found.trades), 'group')} {verb(len(found.trades), 'is', 'are')} known better together than one "
        "by one.",
    )
    return Document(
        "What can be known apart", (BANNER,), answered(said),
        (
            trades_section(found.trades), learned_section(found.learned),
            posterior_manifest(found.posterior),
        ),
    )  # fmt: skip


def _answer(found: Calibration) -> tuple[str, ...]:
    informed = [row for row in found.learned if row.informed]
    said = [
        f"The targets taught something about {len(informed)} of {so_many(len(found.learned), 'unknown')}; the "
        f"others keep what was known before."
    ]
    met = [one for one in found.predicted if one.met >= 0.5]
    how = "lived" if found.truth else "emulated"
    said.append(
        f"Of {so_many(len(found.predicted), 'published statistic')} {len(met)} {verb(len(met), 'is', 'are')} met by at "
        f"least half of the draws, as they were {how}."
    )
    if found.contradicted:
        told = ", ".join(f"{row.id} ({row.mean:+.1f} SD)" for row in found.contradicted)
        said.append(
            f"The targets disagree with what was known before about {told}: look at the prior and at what moves it."
        )
    truth = found.truth
    if truth is None:
        said.append(
            "No draw was lived in the real simulation: this posterior is as good as its emulators, which "
            "nobody has checked."
        )
    elif truth.trusted:
        said.append(
            f"In the real simulation it holds: Pareto's k is {_k(truth.k)}, 0.7 or less, and {100 * truth.share_meeting:.0f} % "
            "of the draws meet nine tenths of the statistics."
        )
    else:
        said.append(
            f"It is not to be trusted yet: Pareto's k is {_k(truth.k)}, above 0.7, so that the emulators are wrong where "
            "it lies; run another wave."
        )
    if found.failed:
        said.append(
            f"{so_many(found.failed, 'run')} could not be lived and {verb(found.failed, 'was', 'were')} left out; the "
            f"first: {found.failure}."
        )
    return tuple(said)


def _k(k: float) -> str:
    return f"{k:.2f}" if math.isfinite(k) else ("below any tail" if k < 0 else "infinite")


def _value(value: float) -> str:
    return f"{value:.3g}"


def learned_section(rows: Sequence[Learned]) -> Section:
    """Return what the data taught about each unknown, what they did not inform folded away."""
    informed = [row for row in rows if row.informed]
    others = [row for row in rows if not row.informed]
    before = (_before(rows),)
    head = ("unknown", "grade", "SD left", "moved", "before", "after", "5th to 95th", "unit")
    few = Table(_SCORES, head, tuple(_row(row) for row in informed[:_SHOWN]), align="wwnnnnvw")
    every = Table(_SCORES, head, tuple(_row(row) for row in informed), align="wwnnnnvw")
    more = len(informed) - _SHOWN
    short = (f"{more:,} more on the page.",) if more > 0 else ()
    idle = Section(
        f"Not informed ({len(others)})",
        items=tuple(row.id for row in others),
        folded=True,
        told="page",
    )
    if not informed:
        return Section(
            "What the data taught",
            (*before, "No unknown is known better than before."),
            parts=(idle,),
            id="taught",
        )
    return Section(
        f"What the data taught ({len(informed)})", before, id="taught",
        parts=(
            Section(tables=(few,), sentences=short, told="terminal"),
            Section(tables=(every,), told="page"),
            idle,
        ),
    )  # fmt: skip


def _before(rows: Sequence[Learned]) -> str:
    """Return where the priors are from."""
    told = {
        "uncertainty": "as the uncertainty of each says",
        "own prior": "of a fitted value, as its own prior says",
        "widened": "of a fitted value without a prior, its uncertainty widened",
        "spread": "how far people differ",
    }
    count = Counter[str](row.source for row in rows)
    parts = [f"{count[source]} {words}" for source, words in told.items() if count[source]]
    return f"Known before: {'; '.join(parts)}."


def _row(row: Learned) -> tuple[str, ...]:
    return (
        row.id, row.grade, f"{100 * row.sd:.0f} %", f"{row.mean:+.1f}", _value(row.prior_middle),
        _value(row.middle), f"{_value(row.low)} to {_value(row.high)}", row.unit,
    )  # fmt: skip


def trades_section(found: Sequence[Trade]) -> Section:
    """Return what the data know of several unknowns only together, in words."""
    told = tuple(f"{one.words[:1].upper()}{one.words[1:]}." for one in found)
    what = (
        "The data know these only together; each by itself is known less well than the combination.",
    )
    return Section(
        f"What trades ({len(found)})",
        what if told else ("No two unknowns trade.",),
        items=told,
        id="trades",
    )


def _predictions(rows: tuple[Predicted, ...]) -> Table:
    return Table(
        "Median of the draws with their 5th and 95th percentile, beside what is accepted; 'met' is the share of "
        "draws that lie in it.",
        ("statistic", "predicted", "5th to 95th", "accepted", "met", "unit"),
        tuple(
            (
                ("x " if one.met < 0.5 else "") + f"{one.target} {one.check}",
                _value(one.middle), f"{_value(one.low)} to {_value(one.high)}",
                f"{_value(one.data_low)} to {_value(one.data_high)}", f"{100 * one.met:.0f} %", one.unit,
            )
            for one in rows
        ),
        align="wnvvnw",
    )  # fmt: skip


def _predicted(found: Calibration) -> Section:
    missed = found.missed
    lived = "lived" if found.truth else "emulated, with the emulators' error"
    said = (
        f"Draws as they were {lived}. x marks what more than half of the draws miss: {len(missed)}."
    )
    short = _predictions(missed[:_SHOWN])
    return Section(
        "Predicted beside published", (said,), id="predicted",
        parts=(
            Section(tables=(short,) if missed else (), told="terminal"),
            Section(tables=(_predictions(found.predicted),), told="page"),
        ),
    )  # fmt: skip


def _validated(found: Calibration) -> Section:
    said = (
        "Nothing of these was read when the posterior was made."
        if found.validated
        else "No draw was lived for the targets that are kept for validation."
    )
    return Section(
        "Kept apart: targets of validation", (said,), id="validated",
        tables=(_predictions(found.validated),) if found.validated else (),
    )  # fmt: skip


def _emulators(found: Calibration) -> Section:
    out = [one for one in found.quality if one.why]
    items = tuple(f"{one.label}: {one.why}." for one in out)
    table = Table(
        "R2 is the share of the variance over the last wave that emulators predict of runs which they have not seen. "
        "Errors are in SDs of the published value; both are part of the likelihood.",
        ("statistic", "R2", "emulator", "Monte Carlo", ""),
        tuple(_quality(one) for one in found.quality),
        align="wnnnw",
    )
    worst = max((one.error for one in found.quality if not one.why), default=0.0)
    said = (
        f"{len(found.quality) - len(out)} of {so_many(len(found.quality), 'statistic')} are emulated; the largest error "
        f"among them is {worst:.1f} published SDs.",
    )
    return Section(
        "Emulators",
        said,
        id="emulators",
        items=items,
        parts=(Section(tables=(table,), folded=True, told="page"),),
    )


def _quality(one: Quality) -> tuple[str, ...]:
    return (
        one.label, f"{max(one.r2, 0.0):.2f}", f"{one.error:.2f}", f"{one.chance:.2f}", "left out" if one.why else ""
    )  # fmt: skip


def _width(sd: float | None) -> str:
    return "no end on the grid" if sd is None or math.isnan(sd) else f"{100 * sd:.0f} %"


def _trust(found: Calibration) -> Section:
    far = found.samplers
    items = [
        f"Two samplers (tempered Monte Carlo; chains along the slopes): means differ by at most {far.means:.2f} SD, SDs "
        f"by {100 * far.sds:.0f} %.",
        f"Another seed of the sampler moves a mean by at most {far.seeds:.2f} SD.",
    ]
    profiles = [row for row in found.learned if row.profile_sd is not None]
    if profiles:
        told = "; ".join(
            f"{row.id} {100 * row.sd:.0f} % by draws, {_width(row.profile_sd)} by its profile"
            for row in profiles
        )
        items.append(f"SD left by two ways: {told}.")
    truth = found.truth
    if truth is not None:
        items.append(
            f"{truth.draws} draws were lived by {truth.people:,} people of each population: Pareto's k {_k(truth.k)}, effective "
            f"sample {truth.effective:.0f}; reweighting by it moves a mean by at most {truth.shift:.2f} SD."
        )
    return Section("What to trust", items=tuple(items), id="trust")
