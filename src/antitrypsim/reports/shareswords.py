"""Format: what decides an effect, and how much of its variance rests on which grade."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antitrypsim.uncertainty.variance_shares import Shares


def grades_words(shares: Shares) -> str:
    """Return 'measured 2 %, fitted 10 %, scaled 20 %, assumed 60 %, together or curved 8 %'.

    They add up to 100 %, as far as whole percents do; the error of the estimates is told with them. Where neither an
    unknown nor a grade stands out from chance nothing is known of how it divides, and that is said.
    """
    if not shares.told:
        return f"grades that cannot be told apart in {shares.draws:,} draws"
    words = [f"{name} {100 * share:.0f} %" for name, share in shares.parts().items()]
    worst = max(se for _, se in (*shares.grades.values(), shares.rest))
    return f"{', '.join(words)} (se up to {100 * worst:.0f} points)"


def decides_words(shares: Shares) -> str:
    """Return the parameter that explains most of the variance, with its share and grade."""
    if not shares.parameters:
        return "nothing uncertain moves it"
    top = shares.parameters[0]
    if not shares.stands_out:
        return f"no single unknown stands out from chance in {shares.draws:,} draws"
    return (
        f"{_meanings().get(top.id, top.id)} ({top.id}, {top.grade}; {percent(shares.of(top))} "
        f"of the variance, se {100 * top.se:.0f})"
    )


def decides_sentence(of: str, shares: Shares) -> str:
    """Return what decides something, and the variance by grade, behind what it is ``of``."""
    return f"{of}: {decides_words(shares)}. Variance from {grades_words(shares)}."


def top_words(shares: Shares, meanings: Mapping[str, str]) -> str:
    """Return the deciding parameter, its grade, and its share of the variance with its error."""
    top = shares.parameters[0]
    words = (
        f"{meanings.get(top.id, top.id)} [{top.id}] ({top.grade}; {percent(shares.of(top))} of the "
        f"variance, se {100 * top.se:.0f})"
    )
    if not shares.stands_out:
        if percent(shares.of(top)) == percent(0.0):
            return (
                "no single unknown stands out, and none by itself holds a share that could be told"
            )
        return f"no single unknown stands out; the largest share is that of {words}"
    return words


def shares_words(shares: Shares) -> str:
    """Return the shares by grade, how they were found, their error and the draws they need."""
    if not shares.told:
        return f"Shares: {grades_words(shares)}; {shares.needed:,} draws for 5 points."
    words = ", ".join(f"{name} {percent(share)}" for name, share in shares.parts().items())
    return (
        f"Shares: {words} (first-order, Hermite "
        f"regression on {shares.draws:,} draws; se up to {100 * shares.worst:.0f} points; "
        f"{shares.needed:,} draws for 5 points)."
    )


def percent(share: float) -> str:
    """Return '62 %'; an estimate below nought or above all is chance and reads '0 %' or '100 %'."""
    return f"{100 * min(1.0, max(0.0, share)):.0f} %"


@cache
def _meanings() -> dict[str, str]:
    from antitrypsim.organs import organ_modules
    from antitrypsim.therapies import therapy_modules

    modules = (*organ_modules(), *therapy_modules())
    return {p.id: p.meaning for module in modules for p in module.parameters.values()}
