"""A comparison of therapies, as a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.endpoints import ENDPOINTS, endpoint
from antitrypsim.experiments.headlines import (
    clearest,
    headline_outcomes,
    headlines,
)
from antitrypsim.foundations.units import years_words
from antitrypsim.protocols.therapywords import therapy_words, told_apart
from antitrypsim.reports.comparepictures import CAPTION, MOST_DRAWN, effect_pictures
from antitrypsim.reports.document import Cell, Document, Section, Table, manifest, typed
from antitrypsim.reports.numbers import capital, flat, number, signed
from antitrypsim.reports.rival import rival_section
from antitrypsim.reports.shareswords import decides_sentence, decides_words, grades_words
from antitrypsim.reports.shownunits import decimals
from antitrypsim.trials.harms import event_titles, not_modelled_words

if TYPE_CHECKING:
    from antitrypsim.experiments.compare import Comparison, TherapyEffect

_QUOTED = re.compile(r"'([^']+)'")
_IN_TEXT = (
    "serum_aat", "polymer", "stiffness", "density", "fev1", "sgrq", "walk", "exacerbation",
)  # fmt: skip
HEAD = ("Therapy", "Year", "Untreated", "Effect", "Between people", "From uncertainty", "Benefit")
_ALIGN = "wnnnnnn"


@dataclass(frozen=True)
class Block:
    """One outcome: its rows under HEAD, and by therapy what the last year's effect rests on.

    ``nothing`` says that no therapy moves it.
    """

    group: str
    outcome: str
    title: str
    rows: tuple[tuple[str, ...], ...]
    rests: tuple[tuple[str, str, str], ...]
    nothing: bool

    def table(self, *, whole: bool) -> Table:
        """Return the block as a table; ``whole`` also says what decides."""
        notes = tuple(
            f"{name}: variance from {grades}." + (f" Most: {decides}." if whole else "")
            for name, grades, decides in self.rests
        )
        group = f" ({self.group})" if whole else ""
        return Table(f"{self.title}{group}", HEAD, self.rows, align=_ALIGN, name=self.title,
                     grouped=True, notes=notes)  # fmt: skip


def compare_document(found: Comparison, *, pictures: bool = True) -> Document:
    """Return everything that the comparison shows."""
    blocks = [
        _block(found, group, outcome)
        for group, outcome in dict.fromkeys((e.group, e.outcome) for e in found.effects)
    ]
    who, *how = _lead(found)
    answer, many = _answer(found), len(found.therapies) > MOST_DRAWN
    drawn = effect_pictures(found) if pictures and not many else ()
    caption = f"More than {MOST_DRAWN} lines could not be told apart, and none is drawn."
    return Document(
        found.title,
        found.notices,
        (
            Section(sentences=(who,), tables=(_key(found),), look="lead", told="page"),
            Section(parts=answer, told="terminal"),
            Section(sentences=_warnings(found), look="warning"),
        ),
        (
            Section(
                "Effects over the years",
                (caption if many else CAPTION,),
                pictures=drawn,
                look="small",
                told="page",
                id="effects",
            ),
            *_what_decides(found),
            Section("In words", parts=answer, told="page", id="words"),
            Section("How it is told", (who, *how), told="terminal"),
            Section("How it is told", tuple(how), look="small", told="page", id="how"),
            *([] if found.rival is None else [rival_section(found.rival, pictures=pictures)]),
            _short_numbers(blocks),
            _numbers(found, blocks),
            Section("Shares of variance", (capital(_method(found)),), id="method"),
            _manifest(found),
        ),
    )


def _short_numbers(blocks: Sequence[Block]) -> Section:
    told = [one for one in blocks if one.outcome in _IN_TEXT or one.group == "harms"]
    shown = [one for one in told if not one.nothing]
    shown.sort(key=lambda one: (*_IN_TEXT, one.outcome).index(one.outcome))
    closing = (
        "Benefit: the share of draws in which the effect is a benefit. --html FILE shows every "
        "outcome, with pictures."
    )
    return Section("Numbers", tables=tuple(one.table(whole=False) for one in shown),
                   parts=(Section(sentences=(closing,)),), told="terminal")  # fmt: skip


def _numbers(found: Comparison, blocks: Sequence[Block]) -> Section:
    of = "median over the draws of the " if found.draws else ""
    lead = (
        f"Untreated: mean of the same people without treatment, those alive. Effect: {of}mean of the own "
        "differences of those alive both ways. Benefit: share of draws in which the effect is a benefit."
    )
    tables = tuple(one.table(whole=True) for one in blocks if not one.nothing)
    return Section("Numbers", (lead,), tables, look="small", told="page", id="numbers")


def title_of(outcome: str) -> str:
    """Return the title of an outcome: of a measured endpoint, or of an event."""
    return endpoint(outcome).title if outcome in ENDPOINTS else event_titles()[outcome]


def _lead(found: Comparison) -> tuple[str, ...]:
    return (
        f"The same {found.people} virtual people, those of: {found.population}, live "
        f"{years_words(found.years[-1])} without treatment and under each therapy, with the same "
        "chance events.",
        "An effect is the mean of each person's own difference to no treatment, of those who are alive "
        f"both ways then; harms and deaths are counted of all.{_middle(found)} Two spreads stand beside it: between people (5th to 95th percentile of their own effects), and "
        f"from uncertainty ({_drawn(found)}). An effect is told to be a benefit in so many draws "
        "where any of them tells it at all: by half of the last decimal shown, or half an event. A "
        "draw moves the untreated course too, so its effect may be larger than the untreated mean "
        "of typical values that is shown.",
        "What accumulates (lung density, stiffness, polymer, deaths) is read on the day; serum "
        "before the dose; what rises and falls with the doses (free elastase, FEV1, walking, "
        "quality of life) is averaged over one round of the therapy's own doses up to that day.",
    )


def _middle(found: Comparison) -> str:
    """Say which of its values is told of an effect."""
    if not found.draws:
        return " It is that of typical values."
    return (
        " It is told as its median over the draws from what is unknown; that of typical values, which were chosen one "
        "after the other and may lie elsewhere, stands in the data."
    )


def _drawn(found: Comparison) -> str:
    if not found.draws:
        return "not asked for"
    who = "these people"
    if found.drawn_people < found.people:
        who = f"the first {found.drawn_people} of them, put upon the effect over all {found.people}"
    return (
        "5th to 95th percentile, over "
        f"{found.draws:,} draws from what is unknown, of the mean effect: by how much a draw moves "
        f"that of {who}"
    )


def _range(pair: tuple[float, float] | None, decimals: int) -> str:
    if pair is None:
        return "–"
    return f"{signed(pair[0], decimals)} to {signed(pair[1], decimals)}"


def _benefit(effect: TherapyEffect) -> str:
    if effect.better is not None:
        return f"{100 * effect.better:.0f} %"
    return "–" if effect.uncertainty is None else "too small to tell"


def _block(found: Comparison, group: str, outcome: str) -> Block:
    d, words = decimals(outcome), told_apart(found.therapies)
    chosen = [e for e in found.effects if (e.group, e.outcome) == (group, outcome)]
    rows = tuple(
        (
            words[e.therapy],
            f"{e.year:g}",
            number(e.without, d),
            signed(e.told, d),
            _range(e.people, d),
            _range(e.uncertainty, d),
            _benefit(e),
        )
        for e in chosen
    )
    rests = tuple(
        (words[name], grades_words(shares), decides_words(shares))
        for (name, which), shares in found.shares.items()
        if which == outcome
    )
    unit = "" if chosen[0].unit == "1" else f", {chosen[0].unit}"
    nothing = all(
        not effect.strip("+-0.,") and not uncertainty.strip("+-0., to–")
        for _, _, _, effect, _, uncertainty, _ in rows
    )
    return Block(group, outcome, f"{title_of(outcome)}{unit}", rows, rests, nothing)


def _answer(found: Comparison) -> tuple[Section, ...]:
    """Return for each therapy a sentence on its last year, and below it what decides."""
    return tuple(
        Section(
            sentences=(_last_year(found, name, therapy),),
            items=tuple(filter(None, (_decides(found, name), _harmless(found, name)))),
        )
        for name, therapy in told_apart(found.therapies).items()
    )


def _last_year(found: Comparison, name: str, therapy: str) -> str:
    words = []
    for effect in headlines(found, name):
        d = decimals(effect.outcome)
        unit = "" if effect.unit == "1" else f" {effect.unit}"
        band = "" if effect.uncertainty is None else f" ({_range(effect.uncertainty, d)})"
        words.append(f"{_short(effect.outcome)} {signed(effect.told, d)}{unit}{band}")
    return f"{therapy}, after {years_words(found.years[-1])}: {'; '.join(words)}."


def _key(found: Comparison) -> Table:
    """Return the last year at a glance: a row a therapy, below each effect its range of uncertainty."""
    last, words = found.years[-1], told_apart(found.therapies)
    shown = headline_outcomes(found)
    rows = []
    for name, therapy in words.items():
        cells: list[str | Cell] = [therapy]
        for outcome in shown:
            effect, d = found.of(name, outcome, last), decimals(outcome)
            band = "" if effect.uncertainty is None else _range(effect.uncertainty, d)
            cells.append(Cell(signed(effect.told, d), band))
        rows.append(tuple(cells))
    first = next(iter(words))
    units = (found.of(first, outcome, last).unit for outcome in shown)
    head = tuple(
        Cell(capital(_short(outcome)), "" if unit == "1" else unit)
        for outcome, unit in zip(shown, units, strict=True)
    )
    below = "; below each, 5th to 95th percentile from uncertainty" if found.draws else ""
    return Table(
        f"Effect after {years_words(last)}: mean difference to the same people untreated{below}.",
        ("Therapy", *head), tuple(rows), key=True,
    )  # fmt: skip


def _manifest(found: Comparison) -> Section:
    words, data = told_apart(found.therapies), found.provenance.to_dict()
    data["regimens"] = {words[name]: hashed for name, hashed in data["regimens"].items()}
    alone = {words[name]: name for name in found.therapies if " + " not in name}
    return manifest([(key, flat(value)) for key, value in data.items()], typed(alone))


def _warnings(found: Comparison) -> tuple[str, ...]:
    """Return the warnings, with each therapy that one quotes in words."""
    return tuple(
        "Warning: " + _QUOTED.sub(lambda match: f"'{therapy_words(match[1])}'", warning) + "."
        for warning in found.warnings
    )


_SHORT = {
    "serum_aat": "serum AAT",
    "density": "lung density",
    "fev1": "FEV1",
    "stiffness": "liver stiffness",
    "sgrq": "SGRQ",
    "infection": "serious infections",
    "death": "deaths",
}


def _short(outcome: str) -> str:
    return _SHORT.get(outcome, outcome)


def _decides(found: Comparison, name: str) -> str:
    """Say what decides the effect that stands out most from what is unknown of it."""
    outcome = clearest(found, name)
    if outcome is None:
        return ""
    return decides_sentence(
        f"What decides its effect on {_short(outcome)}", found.shares[name, outcome]
    )


def _what_decides(found: Comparison) -> tuple[Section, ...]:
    """Return for each therapy which unknown decides, where that can be said."""
    items = tuple(
        decides_sentence(f"{capital(words)}, on {_short(outcome)}", found.shares[name, outcome])
        for name, words in told_apart(found.therapies).items()
        if (outcome := clearest(found, name)) is not None
    )
    return (Section("What decides", items=items, told="page", id="decides"),) if items else ()


def _harmless(found: Comparison, name: str) -> str:
    """Say which harms are no part of the model of a therapy; where it holds some, only in a word."""
    return not_modelled_words(found.harmless[name])


def _method(found: Comparison) -> str:
    if found.shares:
        # Effects differ in it; as many as the most need are told.
        most = max(found.shares.values(), key=lambda shares: shares.needed)
        return (
            f"{most.method}; {most.draws} draws, up to {most.needed:,} needed for a standard error "
            "of 5 points."
        )
    if found.draws > 1:
        return (
            f"{found.draws} draws from what is unknown are too few to say which unknown matters; "
            "ask for more, such as 200 (--uncertainty 200)."
        )
    return "No draws from what is unknown were asked for; ask for some, such as 200 (--uncertainty 200)."
