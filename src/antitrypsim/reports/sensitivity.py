"""Sobol indices by grade as a document."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot
from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.headlines import decimals
from antitrypsim.foundations.units import years_words
from antitrypsim.protocols.therapywords import therapy_words
from antitrypsim.reports.document import Document, Section, Table, answered, manifest
from antitrypsim.reports.numbers import flat, number, signed, with_unit

if TYPE_CHECKING:
    from antitrypsim.experiments.sensitivity import Sensitivity

_BOTH = (
    "By itself: what knowing all numbers of a grade would take away of the variance. With others: what would be left if all "
    "other grades were known. Where the two differ, numbers of this grade matter together with those of others."
)
_APART = (
    "Each number is drawn from its own uncertainty by itself, whatever posterior there is: shares of unknowns that go "
    "together are not defined by grade."
)


def sensitivity_document(found: Sensitivity, *, pictures: bool = True) -> Document:
    """Return the indices as a document; there are no pictures, so ``pictures`` changes nothing."""
    what = endpoint(found.endpoint)
    d = decimals(what.id)
    grades = [
        grade
        for grade, (_, error) in found.found.total.items()
        if error or found.found.total[grade][0]
    ]
    effect = with_unit(signed(found.found.mean, d), what.unit)
    rows = tuple(
        (grade, _pair(found.found.closed[grade]), _pair(found.found.total[grade]))
        for grade in grades
    )
    return Document(
        "What grade of evidence decides",
        found.notices,
        answered((
            f"{therapy_words(found.therapy)}: {what.title} after {years_words(found.years)} differs by {effect} from what it "
            f"is without, with an SD of {with_unit(number(found.found.sd, d), what.unit)} from what is not known.",
            _first(found.found.total),
        )),
        (
            Section(
                "Shares of the variance, %", (_BOTH, _APART),
                (Table("", ("Grade", "by itself", "with others"), rows),),
            ),
            manifest([(key, flat(value)) for key, value in found.provenance.to_dict().items()]),
        ),
    )  # fmt: skip


def _first(total: Mapping[str, tuple[float, float]]) -> str:
    """Return which grade decides, where one stands out of the errors of the two largest."""
    (one, most), (other, next_most) = sorted(total.items(), key=lambda item: -item[1][0])[:2]
    told = f"{_pair(most)} % with all that it does together with others"
    if most[0] - next_most[0] > 2 * hypot(most[1], next_most[1]):
        return f"Most of that hangs on what is {one}: {told}."
    return f"No grade stands out: what is {one} decides {told}, what is {other} {_pair(next_most)} %; more points tell them apart."


def _pair(pair: tuple[float, float]) -> str:
    share, error = pair
    return f"{100 * share:.0f} (SE {100 * error:.0f})"
