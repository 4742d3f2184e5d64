"""Claimed results worked backwards: what a report shows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.reports.document import Section, Table
from antitrypsim.reports.numbers import capital, listed, small
from antitrypsim.reports.results import visit_labels

if TYPE_CHECKING:
    from antitrypsim.trials.claim_result import ClaimResult, Needed
    from antitrypsim.trials.trial import Trial

LABEL = "claimed, no source found"
METHOD = (
    "What would have to be true for a claimed result? The result is the true mean of virtual "
    "people, without noise, against what the same people do untreated. An unknown's distance is "
    "counted in standard deviations of its prior (SDs); the most plausible combination is the "
    "nearest one that gives the result, and its chance follows from its distance, to first order. "
    "Everything is by this model and its priors: distances take each unknown by itself, whatever draws are from."
)
HEAD = ("unknown", "needed", "prior, median (95 %)", "grade", "SDs away")

_MOST_ALONE = 4
_SIGN = {"relative change": True, "change": True, "level": False}


@dataclass(frozen=True)
class Claimed:
    """What a report shows of one claimed result.

    ``alone`` and ``together`` are rows under HEAD, nearest and weightiest first.
    """

    claim: str
    source: str
    heading: str
    label: str
    words: str
    verdict: str
    sentences: tuple[str, ...]
    alone: tuple[tuple[str, ...], ...]
    together: tuple[tuple[str, ...], ...]


def claimed(trial: Trial) -> tuple[Claimed, ...]:
    """Return what a report shows of a trial's claimed results, in the protocol's order."""
    visits = visit_labels(trial.protocol)
    return tuple(
        Claimed(
            claim=one.claim,
            source=one.source,
            heading=f"{_what(one)}{_when(one, visits)}",
            label=LABEL,
            words=one.words,
            verdict=one.verdict,
            sentences=_sentences(one, visits),
            alone=tuple(_row(n) for n in one.alone[:_MOST_ALONE]),
            together=tuple(_row(n) for n in one.together),
        )
        for one in trial.claims
    )


def claimed_sentence(found: tuple[ClaimResult, ...]) -> tuple[str, ...]:
    """Return the verdicts in one sentence for a report's first screen; nothing without claims."""
    if not found:
        return ()
    each = [f"{small(_what(one))} ({one.claim}) {_verb(one.verdict)}" for one in found]
    return (f"Of what is {LABEL}: {'; '.join(each)}.",)


def claimed_section(found: tuple[Claimed, ...]) -> tuple[Section, ...]:
    """Return what stands in a report of claims that were worked backwards; nothing without any."""
    if not found:
        return ()
    parts = tuple(
        Section(
            f"{one.claim}: {one.heading} [{one.label}]",
            (f"{capital(one.label)}: {one.words}.",),
            look="warning",
            parts=(
                Section(sentences=(f"Verdict: {one.verdict}.",), look="answer"),
                Section(
                    sentences=one.sentences,
                    tables=(
                        Table("One unknown alone", HEAD, one.alone, align="wvvww"),
                        Table("The most plausible combination", HEAD, one.together, align="wvvww"),
                    ),
                ),
            ),
        )
        for one in found
    )
    drawn = tuple(dict.fromkeys(one.source for one in found if one.source))
    return (Section("Working backwards", (METHOD, *drawn), parts=parts, id="backwards"),)


def _row(needed: Needed) -> tuple[str, ...]:
    unit = "" if needed.unit in ("1", "-") else f" {needed.unit}"
    return (
        _meaning(needed),
        f"{_figure(needed.value)}{unit}",
        f"{_figure(needed.median)} ({_figure(needed.low)} to {_figure(needed.high)})",
        needed.grade,
        f"{abs(needed.score):.1f}",
    )


def _sentences(one: ClaimResult, visits: dict[str, str]) -> tuple[str, ...]:
    unit = _unit(one.unit)
    found = []
    if not one.stated:
        found.append("The claim gives no number; this one was chosen to stand for it.")
    if one.measure == "level":
        typical = (
            f"{one.people} virtual people reach {_figure(one.gain)}{unit}, their untreated level "
            "and what treatment adds"
        )
    else:
        typical = (
            f"treatment changes the mean of {one.people} virtual people by "
            f"{_signed(one, one.gain)}{unit} against being untreated"
        )
    found.append(
        f"By typical values {typical} (95 % of {one.draws} draws from what is unknown: "
        f"{_figure(one.span[0])} to {_figure(one.span[1])}). {_raw(one, visits)}{_direct(one)}"
    )
    if one.distance == 0:
        return (*found, "The typical values already reach the claim.")
    if one.alone:
        first = one.alone[0]
        found.append(
            f"{_what(one)} would need '{_meaning(first)}' at {_figure(first.value)}; "
            f"{_prior(first)} {_figure(first.median)} (95 % {_figure(first.low)} to "
            f"{_figure(first.high)}): {abs(first.score):.1f} prior SDs away."
        )
    else:
        moving = f"{one.moving} of {one.unknowns}" if one.moving else f"none of {one.unknowns}"
        found.append(
            f"No unknown alone brings it about within 8 prior SDs ({moving} move the result)."
        )
    if one.distance is None:
        found.append("No combination within 8 prior SDs of each was found that does.")
        return tuple(found)
    carried = listed([f"'{_meaning(n)}' ({100 * n.part:.0f} %)" for n in one.together])
    found.append(
        f"No combination was found nearer than {one.distance:.1f} SDs; by these priors about "
        f"{one_in(one.chance)}. It is carried by {carried}."
    )
    return tuple(found)


def _raw(one: ClaimResult, visits: dict[str, str]) -> str:
    if one.visit is None:
        return ""
    when = visits.get(one.visit, one.visit)
    if one.measure == "level":
        return ""
    return (
        f"Their change from baseline by {when}, untreated course included, is "
        f"{_signed(one, one.change)}{_unit(one.unit)}. "
    )


def _direct(one: ClaimResult) -> str:
    if one.hits:
        verb = "reaches" if one.hits == 1 else "reach"
        return f"{one.hits} of {one.draws} draws {verb} the claim."
    # The rule of three, rounded to the careful side.
    at_most = max(1, one.draws // 30 * 10)
    return f"None of {one.draws} draws reaches the claim: fewer than 1 in {at_most}."


def one_in(chance: float) -> str:
    """Return '1 in 43' or '1 in 1,700', with two figures."""
    if not chance > 1e-9:
        return "1 in a billion or fewer"
    return f"1 in {float(f'{1 / chance:.2g}'):,g}" if chance > 1e-5 else f"1 in {_round(chance):,}"


def _round(chance: float) -> int:
    return int(float(f"{1 / chance:.1g}"))


def _prior(needed: Needed) -> str:
    return "the assumption is" if needed.grade == "assumed" else "the evidence says"


def _meaning(needed: Needed) -> str:
    return needed.meaning.partition(":")[0]


def _verb(verdict: str) -> str:
    return verdict if verdict.startswith(("would", "cannot")) else f"is {verdict}"


def _what(one: ClaimResult) -> str:
    return f"{one.title} {_signed(one, one.value)}{_unit(one.unit)}"


def _when(one: ClaimResult, visits: dict[str, str]) -> str:
    return "" if one.visit is None else f" at {visits.get(one.visit, one.visit)}"


def _unit(unit: str) -> str:
    return {"percent": " %", "1": ""}.get(unit, f" {unit}")


def _signed(one: ClaimResult, value: float) -> str:
    text = _figure(value)
    return f"+{text}" if _SIGN[one.measure] and value > 0 and text != "0" else text


def _figure(value: float) -> str:
    """Return a number with two or three figures, and 0 for what is as good as none."""
    if abs(value) < 1e-12:
        return "0"
    if 0.001 <= abs(value) < 1e5:
        text = f"{value:.3g}" if abs(value) >= 1 else f"{value:.2g}"
        return f"{float(text):,g}"
    return f"{value:.2g}"
