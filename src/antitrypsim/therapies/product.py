"""What a protocol may say of a cell product, and how it enters the equations."""

from __future__ import annotations

from collections.abc import Mapping

from antitrypsim.evidence import Fixed
from antitrypsim.modelling import Attribute, Input, fixed_of
from antitrypsim.modelling.words import Number
from antitrypsim.organs.harms.module import p as harms
from antitrypsim.organs.rejection.module import ANTIBODY_KILLING, KILLING

FIXED = fixed_of(__file__, "therapies")
"""The fixed numbers that therapies share."""


def potency_attribute(potency: Input) -> Attribute:
    """Return what may be said of the potency of cells or particles."""
    return Attribute(potency, potency.meaning, high=FIXED.most_potency.value)


def tissue_attribute(rich: Input, meaning: str) -> Attribute:
    """Return what may be said of the tissue that cells are from; it sets how much they clot."""
    return Attribute(rich, meaning, words={"marrow": 0.0, "cord": 1.0, "adipose": 1.0})


def clotting(rich: Input) -> Number:
    """Return how much cells or particles clot, relative to those of marrow; ``rich`` is 0 or 1."""
    return 1 + (harms.rich_clotting - 1) * rich


class CellProduct:
    """The attributes of one cell product: its inputs, by name, and what they make of a mismatch.

    ``sources`` are the sources that exist ('autologous', 'allogeneic'), the first the default.
    ``fixed`` are the fixed numbers that it reads, for the module that gives the product.
    """

    def __init__(
        self,
        therapy: str,
        *,
        sources: tuple[str, ...] = ("allogeneic", "autologous"),
        needs_match: str = "",
    ) -> None:
        def entry(name: str, meaning: str, default: float) -> Input:
            handle = Input(f"{therapy}.{name}", "1", meaning, default=default)
            assert isinstance(handle, Input)
            return handle

        self.sources = sources
        foreign = float(sources[0] == "allogeneic")
        antigens = FIXED.antigens.value
        self.fixed: tuple[Fixed, ...] = (FIXED.viability, FIXED.most_potency, FIXED.antigens)
        self.viability = entry(
            "viability", "share of the cells that are alive", FIXED.viability.value
        )
        self.potency = entry("potency", "potency relative to fresh cells of a good lot", 1.0)
        self.foreign = entry("foreign", "1 for allogeneic cells, 0 for autologous", foreign)
        self.mismatched = entry(
            "hla_mismatches", f"HLA antigens of {antigens} that differ", antigens
        )
        self.attributes: dict[str, Attribute] = {
            "viability": Attribute(self.viability, self.viability.meaning),
            "potency": potency_attribute(self.potency),
            "source": Attribute(
                self.foreign,
                "where the cells are from",
                words={s: float(s == "allogeneic") for s in sources},
            ),
        }
        if "allogeneic" in sources:
            self.attributes["hla_mismatches"] = Attribute(
                self.mismatched,
                self.mismatched.meaning,
                high=antigens,
                whole=True,
                needed=needs_match,
                needed_with=("source", "allogeneic") if needs_match else None,
            )

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs, for the module that gives the product."""
        return (self.viability, self.potency, self.foreign, self.mismatched)

    @property
    def foreign_hla(self) -> Number:
        """The share of HLA antigens that differ, 0 to 1: what antibodies see. Own cells have none."""
        return self.foreign * self.mismatched / FIXED.antigens.value

    def mismatch(self, minor: Number, own: Number = 0) -> Number:
        """Return how foreign the cells are to T cells, 0 to 1.

        ``minor`` is how foreign matched cells of a donor are, ``own`` how foreign culture and
        editing may make autologous ones.
        """
        donor = self.foreign * minor + (1 - minor) * self.foreign_hla
        return donor + (1 - self.foreign) * own

    def rejected(self, minor: Number, own: Number = 0) -> Number:
        """Return the rate, 1/day, at which T cells and antibodies kill the cells."""
        return self.mismatch(minor, own) * KILLING + self.foreign_hla * ANTIBODY_KILLING


ROUTES: Mapping[str, str] = {
    "intravenous": "a peripheral vein: cells lodge in the capillaries of the lung",
    "portal_vein": "the portal vein: cells lodge in portal branches, and pressure rises",
    "hepatic_artery": "the hepatic artery, by catheter: cells reach the liver",
    "spleen": "the spleen or its artery: most cells go on into the portal vein",
    "percutaneous": "through the skin into the liver: cells lie where they are put",
    "lymph_node": "a lymph node near the liver: cells stay there",
    "bronchoscopy": "a bronchoscope: cells are washed into the airways",
    "inhaled": "a nebuliser: a part is deposited on airways and alveoli",
    "subcutaneous": "under the skin",
    "intramuscular": "into muscle",
    "oral": "by mouth",
    "surgery": "an operation: an organ is taken out and a donor's is put in",
}
"""Where each route lands."""
