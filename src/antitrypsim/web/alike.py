"""How many lives of the library are like a described person, and by how much more there would be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.seed import SEED
from antitrypsim.populations.drawn_like import can_draw_like, count_like
from antitrypsim.populations.matching import Description, Likeness
from antitrypsim.populations.matching import asked as likenesses
from antitrypsim.populations.shelf import UNTIL, Shelf
from antitrypsim.web.shapes import Alike, Wider

_TWICE = 2.0
"""An offer is to take people from twice as far."""


def alike(request: Any, seed: int | None) -> Alike:
    """Return how many lives on the disk are like the person of a question, or why that is not asked.

    Where they are fewer than are asked for, what a wider band would find is offered. Nobody lives.
    """
    who = request.described
    if why := _anew(request, who, seed):
        return Alike(sentence=why)
    told = likenesses(who)
    wider = [(each, _from_twice_as_far(who, each)) for each in told]
    found = count_like(Shelf(), [who, *(other for _, other in wider)])
    if not found.met:
        return Alike(
            sentence="The library holds no lives of this kind yet; the first question makes them."
        )
    own, *others = found.like
    bands = ", ".join(f"{each.title} within {each.band:g} {each.unit}" for each in told)
    said = f"{so_many(own, 'life', 'lives')} of {found.met:,} of this kind and age in the library {verb(own, 'is', 'are')} like this one"
    said += f" ({bands})." if bands else "."
    few = own < request.people
    if few:
        said += f" {request.people:,} are asked for: others live first, which takes longer."
    return Alike(
        sentence=said,
        wider=tuple(_offer(each, other, n) for (each, other), n in zip(wider, others, strict=True) if n > own)
        if few else (),
    )  # fmt: skip


def _from_twice_as_far(who: Description, each: Likeness) -> Description:
    further: dict[str, Any] = {f"{each.name}_within": min(_TWICE * each.band, each.high)}
    return replace(who, **further)


def _offer(each: Likeness, wider: Description, found: int) -> Wider:
    field = f"{each.name}_within"
    value = f"{getattr(wider, field):g}"
    return Wider(field=field, value=value, words=f"Widen {each.title} to ±{value} {each.unit}: {found:,}")  # fmt: skip


def _anew(request: Any, who: Description, seed: int | None) -> str:
    """Return why people are met anew and not drawn from the library; nothing where they are drawn."""
    if request.measured:
        return "People are weighed by what was measured; the library of lives is not asked."
    if seed not in (None, SEED):
        return f"With another seed others are met; the library of lives is of seed {SEED}."
    if request.without:
        return "With a mechanism switched off people are met anew; the library of lives is without."
    if not can_draw_like(who):
        return (
            "A stated height, weight or age of quitting, and an age above "
            f"{UNTIL:g}, are not in the library of lives; people are met anew."
        )
    return ""
