"""Compute: the sentences of a report's first screen, from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.plural import so_many
from antitrypsim.protocols import is_bundled, load_protocol
from antitrypsim.reports.numbers import (
    capital,
    interval,
    length_words,
    listed,
    number,
    p_value,
    small,
    with_unit,
)
from antitrypsim.reports.people import delivery_words, first_values
from antitrypsim.reports.results import (
    Line,
    Result,
    arm_labels,
    changes,
    spared,
)
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.intervals import side_of

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.reports.effects import TrialEffect
    from antitrypsim.reports.grounds import Grounds
    from antitrypsim.trials.trial import Trial


def tried(trial: Trial) -> str:
    """Return what was tried: the arms and how long."""
    protocol = trial.protocol
    whole = length_words(protocol.length_days)
    titles = {arm.id: small(arm.title) for arm in protocol.arms}
    order = list(protocol.endpoints.primary.compare or titles)
    order += [id for id in titles if id not in order]
    if len(order) == 1:
        return f"{capital(titles[order[0]])}, watched for {whole}.{_given(protocol)}"
    others = capital("; ".join(titles[arm] for arm in order[:-1]))
    comma = ";" if len(order) > 2 else ""
    return f"{others}{comma} against {titles[order[-1]]}, for {whole}.{_given(protocol)}"


def _given(protocol: Protocol) -> str:
    """Return what a protocol of one's own gives: titles are words, which nobody holds to the doses."""
    if is_bundled(protocol.id) and load_protocol(protocol.id).arms == protocol.arms:
        return ""
    told = []
    for arm in protocol.arms:
        lines = dict.fromkeys(delivery_words(d) for each in arm.treatment.values() for d in each)
        if lines:
            told.append(f"{small(arm.title)}: {'; '.join(lines)}")
    return f" Given by this protocol: {'. '.join(told)}." if told else " Nobody is given anything."


def on_whom(trial: Trial) -> str:
    """Return who took part, in one sentence."""
    people = trial.participants
    n = len(people)
    sizes = [int((people["ARM"] == arm.id).sum()) for arm in trial.protocol.arms]
    split = f" ({listed([f'{size:,}' for size in sizes])})" if len(sizes) > 1 else ""
    kinds = people["GENOTYPE"].value_counts()
    share = {kind: f" {100 * k / n:.0f} %" if len(kinds) > 1 else "" for kind, k in kinds.items()}
    genotype = listed([f"Pi*{kind}{share[kind]}" for kind in kinds.index])
    never = 100 * (people["SMOKING"] == "never").mean()
    male = 100 * (people["SEX"] == "male").mean()
    return (
        f"{n:,} virtual people{split} with {genotype}; mean age {people['AGE'].mean():.0f} years, "
        f"{male:.0f} % male, {never:.0f} % never smoked; mean FEV1 "
        f"{first_values(trial, 'fev1_percent').mean():.0f} % of predicted, mean serum AAT "
        f"{first_values(trial, 'serum_aat').mean():.1f} µM."
    )


def came_out(trial: Trial, result: Result) -> tuple[str, ...]:
    """Return what the analysis found: each arm, each comparison, and which way it points."""
    if result.plan.failed:
        return (
            f"The planned analysis could not be done: {result.plan.failed}.".replace("..", "."),
        )
    when = result.last
    arms = [line for line in result.arms if line.when == when]
    contrasts = [line for line in result.contrasts if line.when == when]
    sentences = [_arms_sentence(trial, result, arms, when)] if arms else []
    sentences += [
        _contrast_sentence(trial, result, line, many=len(contrasts) > 1) for line in contrasts
    ]
    return tuple(sentences)


def _arms_sentence(trial: Trial, result: Result, arms: list[Line], when: str) -> str:
    labels = {id: small(label) for id, label in arm_labels(trial.protocol).items()}
    what, program = endpoint(result.endpoint).title, ANALYSES[result.plan.analysis]
    values = [with_unit(number(x.estimate, x.decimals), x.unit) for x in arms[:1]]
    values += [number(x.estimate, x.decimals) for x in arms[1:]]
    if program.unit == "share":
        values = [f"{number(x.estimate, x.decimals)} %" for x in arms]
    one = len(trial.protocol.arms) == 1
    each = listed(
        [v if one else f"{v} on {labels[x.arm]}" for v, x in zip(values, arms, strict=True)]
    )
    if one:
        limits = interval(arms[0].lower, arms[0].upper, arms[0].decimals).strip("()")
        each += f" ({_level(trial)} interval {limits})" if limits else ""
    how = ", ".join(_how_changed(trial, result))
    return program.told.format(
        when=when, what=small(what), What=what, each=each, how=f" ({how})" if how else "",
        spared=spared(result.endpoint).removeprefix("% "),
    )  # fmt: skip


def _how_changed(trial: Trial, result: Result) -> list[str]:
    """Return how a change was estimated: by which model, and adjusted for what."""
    program = ANALYSES[result.plan.analysis]
    plan = next(plan for plan in trial.protocol.endpoints.all if plan.id == result.plan.id)
    also = [word.replace("_", " ") for word in plan.covariates if word != "baseline"]
    adjusted = (["baseline"] if program.holds_baseline else []) + [
        "FEV1 at the start" if word == "fev1" else word for word in also
    ]
    found = [program.model] if program.model else []
    return [*found, f"adjusted for {listed(adjusted)}"] if adjusted else found


def _contrast_sentence(trial: Trial, result: Result, line: Line, *, many: bool) -> str:
    labels = arm_labels(trial.protocol)
    kind = result.quotient if line.scale == "ratio" else "difference"
    if not many and changes(trial.protocol, result.plan):
        kind += " in change from baseline"
    subject = f"{line.label}: the {kind}" if many else f"The {kind}"
    value = with_unit(number(line.estimate, line.decimals), line.unit)
    limits = interval(line.lower, line.upper, line.decimals).strip("()")
    inside = "; ".join(
        x for x in (f"{_level(trial)} interval {limits}" if limits else "", p_value(line.p)) if x
    )
    sentence = f"{subject} is {value}" + (f" ({inside})" if inside else "")
    side = side_of(line.lower, line.upper, 1.0 if line.scale == "ratio" else 0.0)
    if side == "unknown":
        return f"{sentence}."
    if side == "across":
        return f"{sentence}: too little to tell the arms apart in a trial of this size."
    wins = (side == "above") == (result.better == "higher")
    winner = labels[line.arm] if wins else labels[line.contrast or line.arm]
    return f"{sentence}, in favour of {small(winner)}."


def _level(trial: Trial) -> str:
    return f"{100 * (1 - trial.protocol.endpoints.alpha):g} %"


def truth_sentence(effects: tuple[TrialEffect, ...]) -> tuple[str, ...]:
    """Return what the same people have under both arms, for the first endpoint told."""
    told = [effect for effect in effects if effect.endpoint == effects[0].endpoint]
    each = []
    for effect in told:
        d = effect.decimals
        each.append(
            f"{small(effect.label)} is {with_unit(number(effect.mean, d), effect.unit)} on average "
            f"({number(effect.low, d)} to {number(effect.high, d)} in nine people of ten; "
            f"better for {share_words(effect.gain)})"
        )
    if not each:
        return ()
    lived = "both arms" if len(told) == 1 else "every arm"
    return (
        f"The simulation also knows what no trial can: the same people under {lived}, without "
        f"noise. In {small(told[0].title)} at {told[0].when}, {listed(each)}.",
    )


def share_words(share: float) -> str:
    """Return 'all', 'none' or '97 %', never rounding to all or none."""
    if share in (0, 1):
        return "all" if share else "none"
    return f"{min(99, max(1, round(100 * share)))} %"


def how_sure(trial: Trial, result: Result, grounds: Grounds) -> tuple[str, ...]:
    """Return what the intervals hold, and what they do not."""
    held = "its typical value" if grounds.typical else "one chosen value"
    if result.plan.failed:
        return ()
    return (
        f"The {_level(trial)} intervals hold chance and measurement noise in one trial of this "
        f"size. They do not hold what is unknown of the biology: every parameter stood at {held}"
        + (", and what decides is told beside it." if trial.uncertainty else "."),
    )


def resting_on(trial: Trial, grounds: Grounds) -> tuple[str, ...]:
    """Return what the answer rests on."""
    by_grade = listed([f"{n} {grade}" for grade, n in grounds.grades.items() if n])
    kinds = listed(
        [
            f"{grounds.known[kind]} {words}"
            for kind, words in (
                ("seen", "read in the source"), ("recalled", "recalled from memory, not checked"),
                ("computed", "computed from others"),
            )
            if grounds.known.get(kind)
        ]
    )  # fmt: skip
    found = [f"{so_many(grounds.total, 'parameter')}: {by_grade}."]
    if grounds.facts:
        noun = "fact stands" if len(grounds.facts) == 1 else "facts stand"
        found.append(f"{len(grounds.facts)} {noun} behind this protocol: {kinds}.")
    if trial.protocol.role == "calibration":
        found.append("Data of this trial are among those that the model was fitted to.")
    return tuple(found)
