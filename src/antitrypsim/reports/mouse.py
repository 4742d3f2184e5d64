"""The two mice as a document: what was published, what is simulated, and what of it reaches people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.reports.document import Document, Section, Table, answered, manifest

if TYPE_CHECKING:
    from antitrypsim.experiments.mouse import Mice, SpeciesFactor

_LIVER = ("BIO-D11", "BIO-D12", "BIO-D13", "BIO-D14", "CELL-C33", "CELL-C34", "CELL-E01")
_VESICLES = ("CELL-D09",)
_TOLD = 0.1
"""Standard deviations below which an effect on lung function is next to nothing."""
_ONLY_LIVER = (
    "A PiZ mouse is a person with two Z alleles and the rates of a mouse liver; only shares of hepatocytes are "
    "to be read. Cells are healthy, all that land stay, and none is rejected."
)
_ONLY_LUNG = (
    "An elastase mouse is a person with two M alleles whose elastin was taken away and whose lung answers as an "
    "animal's does; people have two Z alleles. Only what a signal does relative to none is to be read. Both are "
    "given a person's doses; no dose of a mouse is scaled."
)


def mouse_document(found: Mice, *, pictures: bool = True) -> Document:
    """Return the mice as a document; there are no pictures, so ``pictures`` changes nothing."""
    return Document(
        "From the mouse to people",
        found.notices,
        answered(_answer(found)),
        (_liver(found), _lung(found), _factors(found), manifest([("model", found.model)])),
    )


def _answer(found: Mice) -> tuple[str, ...]:
    shares = {(one.species, one.seed, one.after): one.share for one in found.liver}
    # The middle of the seeds that were published, by the last time of each.
    seed = sorted({one.seed for one in found.liver})[1]
    of = {one.species: one for one in found.liver if one.seed == seed}
    (mouse, last), (people, late) = ((name, one.after) for name, one in of.items())
    selection, *_, signal = found.factors
    return (
        f"From {100 * seed:.2g} % of healthy cells a liver holds {shares[mouse, seed, last]:.0f} % after {last} in "
        f"the {mouse} and {shares[people, seed, late]:.1f} % after {late} in {people}.",
        f"Selection is {1 / selection.factor:.0f} times slower in people, and of what a signal does in an animal's "
        f"lung {100 * signal.factor:.0f} % shows in people: findings in mice do not carry over by themselves.",
    )


def _liver(found: Mice) -> Section:
    seeds = sorted({one.seed for one in found.liver})
    columns = list(dict.fromkeys((one.species, one.after) for one in found.liver))
    shares = {(one.seed, one.species, one.after): one.share for one in found.liver}
    rows = tuple(
        (
            f"{100 * seed:.2g}",
            *(f"{shares[seed, species, after]:.1f}" for species, after in columns),
        )
        for seed in seeds
    )
    head = ("Healthy at the start, %", *(f"{species}, {after}" for species, after in columns))
    return Section(
        "The PiZ mouse: healthy cells in the liver",
        (_ONLY_LIVER,),
        (
            Table("Healthy hepatocytes, per cent of all.", head, rows, align="n" * len(head)),
            _published(found, _LIVER),
        ),
        id="liver",
    )


def _lung(found: Mice) -> Section:
    rows = tuple(
        (one.therapy, one.what, f"{one.mouse:+.1f}", f"{one.people:+.1f}", ", ".join(one.facts))
        for one in found.lung
    )
    staying = "; ".join(
        f"{100 * share:.0f} % after {day:g} d" for day, share in found.staying.items()
    )
    deviations = "; ".join(
        f"{therapy}: {mouse:+.1f} in the mouse, {people:+.2f} in people"
        for therapy, (mouse, people) in found.deviations.items()
    )
    silent = tuple(
        f"Of {therapy} the mouse shows next to nothing, unlike the animals of {', '.join(_VESICLES)}: for its weight "
        "an animal is given far more than a person, and how much could not be read."
        for therapy, (mouse, _) in found.deviations.items()
        if abs(mouse) < _TOLD
    )
    others = tuple(id for id in found.facts if id not in _LIVER)
    return Section(
        "The elastase mouse: cells and vesicles in the lung",
        (_ONLY_LUNG,),
        (
            Table(
                "Change two days after a dose, per cent of the same body without it.",
                ("Given", "What", "Mouse", "People", "Facts"), rows, align="wwnnw", grouped=True,
            ),
            _published(found, others),
        ),
        items=(
            f"Elastase has taken {100 * found.lost:.0f} % of the mouse's elastin.",
            f"Mesenchymal cells that are still in the lung: {staying}.",
            f"Effect on lung function, standard deviations: {deviations}.",
            *silent,
        ),
        id="lung",
    )  # fmt: skip


def _published(found: Mice, ids: tuple[str, ...]) -> Table:
    rows = tuple((id, found.facts[id]) for id in ids)
    return Table("What was published of animals.", ("Fact", "What it says"), rows, align="cw")


def _factors(found: Mice) -> Section:
    head = (
        "What",
        "Animal",
        "People",
        "5th to 95th percentile",
        "People over animal",
        "Grade",
        "Rests on",
    )
    return Section(
        "The species factor",
        ("What stands between an animal and a person, and how well it is known.",),
        (
            Table(
                "Values of the model.",
                head, tuple(_row(one) for one in found.factors), align="wnnnnww",
            ),
        ),
        id="species",
    )  # fmt: skip


def _row(one: SpeciesFactor) -> tuple[str, ...]:
    unit = "" if one.unit == "1" else f", {one.unit}"
    return (
        f"{one.what}{unit}", f"{one.animal:.3g}", f"{one.people:.3g}", f"{one.low:.2g} to {one.high:.2g}",
        f"{one.factor:.2g}", one.grade, ", ".join(one.rests_on) or "–",
    )  # fmt: skip
