"""Format: how a design is conducted and what of it must be known, as sentences and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many
from antitrypsim.laboratory.design_file.findings import changes, check_findings
from antitrypsim.laboratory.design_file.in_force import strata_of
from antitrypsim.protocols import noise_of
from antitrypsim.reports.changewords import change_words
from antitrypsim.reports.numbers import flat
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.protocols import Protocol

STRATEGIES = {
    "treatment-policy": "values after it are used as they are",
    "hypothetical": "values after it are left out, as if it had not happened",
    "composite": "a stated value stands for everything after it",
    "while-on-treatment": "the last value before it stands",
    "principal-stratum": "only people in whom it would come under no arm count",
}


def what(lab: DesignSimulation) -> str:
    """Return what decides: the endpoint and its analysis."""
    how = ANALYSES[lab.plan.analysis].title
    return f"{endpoint(lab.plan.endpoint).title}: {how[:1].lower()}{how[1:]}"


def money(value: float, digits: int = 3) -> str:
    """Return an amount to so many digits, never by powers of ten: 1,710 or 0.25."""
    kept = float(f"{value:.{digits}g}")
    return f"{kept:,.0f}" if abs(kept) >= 10 ** (digits - 1) else f"{kept:g}"


def looked_at(design: TrialDesign, protocol: Protocol) -> tuple[str, ...]:
    """Return what is doubtful in a design, a sentence each."""
    return tuple(f"{f.key}: {f.message}." for f in check_findings(design, protocol))


def changed(design: TrialDesign, protocol: Protocol) -> tuple[str, ...]:
    """Return what a design says otherwise than its protocol, a sentence each."""
    return tuple(
        f"{one.key[:1].upper()}{one.key[1:]}: {one.design}; in the protocol {one.protocol}."
        for one in changes(design, protocol)
    )


def claim(lab: DesignSimulation) -> str:
    """Return what counts as a claim."""
    count = len(lab.arms) - 1
    kind = lab.design.design
    if count < 2 or kind.no_effect:
        return "A claim is a significant difference in the right direction."
    against = f"{', '.join(lab.arms[1:])}, each against {lab.arms[0]}"
    if kind.unprotected(len(lab.arms)) == 1:
        return (
            f"A claim is a significant difference in the right direction in one or more of {count} "
            f"comparisons ({against}), p values adjusted by the rule '{kind.protection}'."
        )
    return (
        f"A claim is a significant difference in the right direction in one or more of {count} "
        f"comparisons ({against}), each at two-sided {lab.alpha:g} without a correction for their "
        f"number, so that up to {100 * count * lab.alpha / 2:g} % would claim something where nothing "
        "works."
    )


def nominal(lab: DesignSimulation) -> str:
    """Return the share of claims that the type I error allows where nothing works."""
    each = f"{100 * lab.alpha / 2:.3g} % is nominal"
    count = lab.design.design.unprotected(len(lab.arms))
    return each if count == 1 else f"{each} for each of {count} comparisons"


def assumed(lab: DesignSimulation) -> tuple[str, ...]:
    """Return what the design assumes, beyond the model."""
    noise = noise_of(lab.plan.endpoint)
    known = " (assumed)" if noise.assumed else ""
    out = [
        f"Noise of {endpoint(lab.plan.endpoint).title}: {noise.describe()}{known}.",
        "People, their pasts and how they are found are those of the protocol "
        f"'{lab.protocol.id}'; accrual, leaving, costs and worth are the designer's numbers.",
    ]
    if noise.kind == "relative" and noise.size:
        out.append(
            "A relative noise has the truth as its median, so its mean lies above by half the square of "
            "the CV; this stands in the bias of the estimate."
        )
    return (*out, *lab.design.notes, *lab.protocol.notes)


def settings(lab: DesignSimulation) -> tuple[tuple[str, str], ...]:
    """Return how the trial is conducted, by keyword."""
    d = lab.design
    said: list[tuple[str, str]] = [
        ("kind", d.design.kind),
        ("of it", flat({k: v for k, v in d.design.model_dump(mode="json").items() if k != "kind"})),
        ("protocol", f"{lab.protocol.id}: {lab.protocol.title}"),
        ("arms", ", ".join(lab.arms[1:] + lab.arms[:1])),
        ("primary endpoint", what(lab) + (f" at {list(lab.visits)[-1]}" if lab.visits else "")),
        ("options of the analysis", flat(_options(lab)) or "as they come"),
        ("two-sided type I error", f"{lab.alpha:g}"),
        ("relevant effect", "any benefit" if d.relevant is None else f"{d.relevant:g} {lab.unit}"),
        ("participants", str(lab.participants)),
        ("allocation", _allocation(lab)),
        ("accrual", f"{d.accrual.per_month:g} a month at {d.accrual.sites} site{_plural(d.accrual.sites)}"),
        ("screening by measured values", "; ".join(
            flat(s.model_dump(mode="json", exclude_none=True)) for s in d.screening) or "none"),
        ("leaving", flat(d.leaving.model_dump(mode="json", exclude_none=True))
         or "as the protocol says"),
    ]  # fmt: skip
    for event in d.intercurrent:
        kept = event.model_dump(mode="json", exclude_none=True, exclude={"event", "strategy"})
        rest = flat({k: v for k, v in kept.items() if v})
        said.append((f"intercurrent: {event.event}",
                     f"{event.strategy}: {STRATEGIES[event.strategy]}{change_words(lab, event)}"
                     + (f"; {rest}" if rest else "")))  # fmt: skip
    if not any(e.event == "death" for e in d.intercurrent):
        said.append(("intercurrent: death", "values after it are missing"))
    return tuple(row for row in said if row[1])


def _options(lab: DesignSimulation) -> Plain:
    said = {"adjusted for": list(lab.plan.covariates), "strata": list(lab.plan.strata)}
    return {**{k: v for k, v in said.items() if v}, **lab.plan.options}


def _plural(n: int) -> str:
    return "" if n == 1 else "s"


def _allocation(lab: DesignSimulation) -> str:
    strata, method = strata_of(lab.design, lab.protocol), lab.design.allocation.method
    if lab.design.design.own_allocation:
        return "by the kind of design"
    if len(lab.arms) == 1:
        return "one arm"
    ratio = " to ".join(str(r) for r in lab.sampler.ratio)
    within = f", within {', '.join(strata)}" if strata else ""
    return f"{method}, {ratio} ({' to '.join(lab.sampler.compared)}){within}"


def ademp(lab: DesignSimulation, replicates: int, noise: str) -> tuple[tuple[str, str], ...]:
    """Return the simulation told by aims, data, estimand, methods and performance."""
    size = lab.design.library
    return (
        ("Aims", lab.design.question),
        ("Data", f"{size.people} virtual people live once under every arm; {so_many(size.draws, 'draw')} of "
         f"every uncertain parameter are lived by {size.per_draw} of them. Trials are drawn from "
         f"them with replacement; readings have noise ({noise}), and people leave as stated."),
        ("Estimand", f"{what(lab)}, {lab.arms[1] + ' against ' + lab.arms[0] if len(lab.arms) > 1 else lab.arms[0]}"
         f", in those who may take part; intercurrent events as listed under Design"),
        ("Methods", f"{ANALYSES[lab.plan.analysis].title}; two-sided {lab.alpha:g}; "
         f"{lab.design.design.kind}"),
        ("Performance", f"Claims, bias, coverage, size and time over {so_many(replicates, 'trial')}, each with "
         "its Monte Carlo standard error; over draws of the unknown the draws are the sample."),
    )  # fmt: skip
