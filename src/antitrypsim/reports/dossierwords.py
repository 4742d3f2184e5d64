"""Format: the sentences of a design dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.plural import so_many, verb, were
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.laboratory.recommendation import (
    First,
    Recommendation,
    above_its_level,
    measure_first,
    recommendation,
    smallest,
)
from antitrypsim.reports.dossiersettings import claim, money, nominal, what
from antitrypsim.reports.numbers import number
from antitrypsim.uncertainty.value_of_information import Information

if TYPE_CHECKING:
    from antitrypsim.laboratory.appraisal import Appraisal
    from antitrypsim.laboratory.characteristics import Measured
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.power import PowerCurve


def decimals(lab: DesignSimulation) -> int:
    """Return how many decimals an effect has."""
    if lab.plan.options.get("measure") == "percent":
        return 1
    if lab.ratio or lab.analysis.unit == "share":
        return 2
    return max(2, endpoint(lab.plan.endpoint).decimals)


def _percent(one: Measured) -> str:
    return f"{100 * one.value:.0f} %"


def power_answer(lab: DesignSimulation, curve: PowerCurve) -> tuple[str, ...]:
    """Return the answer of a power curve in plain words."""
    out = []
    near = curve.told
    at = curve.sizes[near]
    as_planned = ", as planned," if at == curve.planned else ""
    out.append(
        f"With {at} participants{as_planned} {_percent(curve.power[near])} of the trials would show a "
        f"benefit at two-sided {lab.alpha:g}, if the typical values of the model are true. "
        f"Judged by {what(lab)}."
    )
    if curve.needed is None:
        out.append(
            f"No size up to {curve.sizes[-1]} gives the power of {100 * curve.target_power:.0f} % that is "
            "wanted."
        )
    else:
        limits = ", the smallest size looked at, or fewer" if curve.at_most else ""
        if curve.needed_interval is not None:
            low, high = curve.needed_interval
            limits = f" (95 % limits from resampled trials: {_limits(low, high)})"
        again = ""
        if curve.at_needed is not None:
            again = f"; trials of that size had {100 * curve.at_needed.value:.1f} %"
        out.append(
            f"For {100 * curve.target_power:.0f} % it would take {curve.needed} participants{limits}{again}."
        )
    if curve.assurance is not None:
        out.append(
            f"Averaged over what is unknown, {_percent(curve.assurance[near])} would "
            f"({at} participants): the assurance."
        )
        if curve.hopeless is not None and curve.hopeless > 0.005:
            matters = ", however small," if lab.design.relevant is None else " that matters"
            out.append(
                f"In {100 * curve.hopeless:.0f} % of the draws there is no benefit{matters} to be "
                "found, by a trial of any size."
            )
        if curve.needed_assured is not None:
            out.append(
                f"An assurance of {100 * curve.target_power:.0f} % takes {curve.needed_assured} participants"
                + (
                    f" (95 % limits from resampled draws: {_limits(*curve.assured_interval)})."
                    if curve.assured_interval
                    else "."
                )
            )
        else:
            out.append(
                f"No size that was looked at brings the assurance to {100 * curve.target_power:.0f} %."
            )
    out.append(
        f"Where nothing works, {100 * curve.null[near].value:.1f} % would claim a benefit "
        f"(± {100 * curve.null[near].error:.1f}; {nominal(lab)})."
    )
    return tuple(out)


def _limits(low: float, high: float) -> str:
    top = f"{high:.0f}" if high < float("inf") else "more than was looked at"
    return f"{low:.0f} to {top}"


def power_lead(lab: DesignSimulation, curve: PowerCurve) -> tuple[str, ...]:
    """Return what a reader of the curve must know."""
    # One point with 2,000 people (docs/reference/design.md), and more with fewer by the root of these.
    points = round((2000 / lab.design.library.people) ** 0.5)
    move = "a point or so" if points <= 1 else f"about {points} points"
    return (
        f"{curve.replicates} trials at each size, drawn from the same people, so the points rise and fall "
        "together. Errors are those of drawing trials from these people; other people of the same kind "
        f"move power by {move} more.",
        claim(lab),
    )


def design_answer(found: Appraisal) -> tuple[str, ...]:
    """Return the recommendation in plain words."""
    lab, typical, nothing = found.lab, found.typical, found.nothing
    kind, out = kind_of(lab.design), []
    if whole := kind.answer(typical):
        return (whole,)
    out.append(
        f"With {typical.enrolled.value:.0f} participants on average over {typical.months.value:.0f} "
        f"months, {_percent(typical.power)} of the trials would claim a benefit in {what(lab)}, if "
        "the typical values of the model are true."
    )
    out.append(
        f"Where nothing works {100 * nothing.power.value:.1f} % (± {100 * nothing.power.error:.1f}) "
        f"would still claim one; {nominal(lab)}"
        + (
            ", so this design misleads more often than its level says."
            if above_its_level(found)
            else "."
        )
    )
    if more := kind.also(nothing, lab.unit):
        out.append(more)
    u = found.unknown
    if u is not None and u.matters.value != u.matters.value:
        out.append(
            f"Averaged over what is unknown {_percent(u.power)} would claim a benefit (assurance); this "
            "analysis has no simple true effect, so how many would mislead is not told."
        )
    elif u is not None:
        out.append(
            f"Averaged over what is unknown {_percent(u.power)} would claim a benefit (assurance); a "
            f"benefit that matters exists in {_percent(u.matters)} of the draws. "
            f"{100 * u.false_claim.value:.1f} % of the trials would mislead, and "
            f"{100 * u.missed_effect.value:.1f} % would miss what is there."
        )
    out.append(_recommendation(found))
    if found.tried:
        # Who searches asks for the best; what the file itself describes comes after it.
        first = _smallest(found)
        if isinstance(found.worth, Information) and found.worth.unknowns:
            first.append(_first(found, found.worth))
        out = [*first, f"The file as it stands: {out[0][0].lower()}{out[0][1:]}", *out[1:-1]]
    return tuple(out)


def _recommendation(found: Appraisal) -> str:
    wanted = f"{100 * found.design.target_power:.0f} %"
    advice = recommendation(found)
    words = {
        Recommendation.MISLEADING: "do not rest a claim on this design; it needs a concurrent "
        "randomised control, or people enrolled otherwise.",
        Recommendation.MEASURE_FIRST: "the size suffices if the model's typical values are true, "
        "and they are not known well enough; measure first what decides, below.",
        Recommendation.TOO_SMALL: f"this trial is too small for the power of {wanted} that is "
        "wanted; a negative result would not mean that nothing works.",
        Recommendation.SOUND: "this trial can answer its question if the assumptions below hold.",
    }
    if advice is Recommendation.CAUTION:
        off = f"{number(found.nothing.bias.value, decimals(found.lab))} {found.lab.unit}"
        words[advice] = f"do not rest a claim on this design. {kind_of(found.design).caution(off)}"
    elif advice is Recommendation.HOPELESS and found.unknown is not None:
        words[advice] = (
            "by this model an effect that matters is there in "
            f"{100 * found.unknown.matters.value:.0f} % of the draws, so no size of this trial is "
            "worth its patients; a positive result would most likely mislead."
        )
    return f"Recommendation: {words[advice]}"


def _smallest(found: Appraisal) -> list[str]:
    wanted = found.design.target_power
    out = []
    axis = "endpoint" if len({c.said.get("endpoint") for c in found.tried}) > 1 else ""
    for name in dict.fromkeys(c.said.get(axis, "") for c in found.tried):
        some = [c for c in found.tried if c.said.get(axis, "") == name]
        of, best = f" with {name}" if name else "", smallest(some, wanted)
        if best is not None:
            out.append(
                f"The smallest design tried{of} with a power of {100 * wanted:.0f} %: {best.name} "
                f"(power {_percent(best.power)}, assurance {_percent(best.assurance)}, "
                f"{best.months:.0f} months, type I error {100 * best.null.value:.1f} %)."
            )
        else:
            top = max(some, key=lambda c: c.power.value)
            out.append(
                f"No design tried{of} has a power of {100 * wanted:.0f} %; the most is {top.name} "
                f"(power {_percent(top.power)}, assurance {_percent(top.assurance)})."
            )
    top = max(found.tried, key=lambda c: c.assurance.value)
    out.append(f"The highest assurance: {top.name} ({_percent(top.assurance)}).")
    return out


def _first(found: Appraisal, worth: Information) -> str:
    top, advice = worth.unknowns[0], measure_first(worth)
    currency = found.design.costs.currency
    if advice is First.NOTHING:
        return (
            f"Nothing is worth measuring first: whatever any one unknown is, {worth.best} stays the "
            "best design."
        )
    if advice is First.CHANCE:
        return (
            f"No unknown stands out as the one to measure first: the best, {top.id}, would seem to be "
            f"worth {currency} {money(top.worth[-1])}, and chance alone makes up to "
            f"{money(worth.chance)} of {worth.draws} draws. As things stand the best design is: "
            f"{worth.best}."
        )
    return (
        f"Measure first: {top.meaning} ({top.id}, {top.grade}). Knowing it would be worth "
        f"{currency} {money(top.worth[-1])} (error {money(top.error, 2)}; chance alone makes up to "
        f"{money(worth.chance)}) and change the choice of design in {100 * top.changes:.0f} % of the "
        f"draws. As things stand the best is: {worth.best}."
    )


def characteristics_lead(found: Appraisal) -> tuple[str, ...]:
    """Return what a reader of the table must know."""
    lab = found.lab
    if counted := kind_of(lab.design).counted(found.typical.replicates):
        return (counted,)
    relevant = lab.design.relevant
    matter = (
        f"An effect matters from {number(relevant, decimals(lab))} {lab.unit}".rstrip()
        if relevant is not None
        else "Any benefit counts as one that matters"
    )
    return (
        f"{so_many(found.typical.replicates, 'trial')} in each world. Where nothing works the same people come as "
        "at typical values; over the unknown they are the first of the library.",
        f"{matter}. A trial misleads when it claims a benefit that is not there or does not matter.",
        claim(lab),
        "Nothing works: everybody has the course of the reference arm, whatever they are given.",
    )


def search_lead(found: Appraisal) -> tuple[str, ...]:
    """Return what was searched."""
    front = sum(c.front for c in found.tried)
    from antitrypsim.laboratory.search import impossible

    return (
        f"{so_many(len(found.tried), 'design')} {were(len(found.tried))} tried; {front} "
        f"{verb(front, 'is', 'are')} on the front.",
        *(f"{count} more cannot be: {reason}." for reason, count in
          impossible(found.design, found.lab.protocol).items()),
    )  # fmt: skip


def worth_lead(found: Appraisal) -> tuple[str, ...]:
    """Return what information is worth, or why that is not told."""
    if not isinstance(found.worth, Information):
        return (f"The worth of information is not told: {found.worth}.",)
    w, currency = found.worth, found.design.costs.currency
    top = "; ".join(f"{u.id} is the {u.meaning}" for u in w.unknowns[:4] if u.worth[-1] > 0)
    return (
        f"Choosing now, the best is: {w.best} (gain {currency} {money(w.gain)}). Knowing everything "
        f"first would add {currency} {money(w.perfect)}.",
        "Reliability is the squared correlation of a measurement with the truth: 1 is to know it.",
        *((f"First on the list: {top}.",) if top else ()),
    )
