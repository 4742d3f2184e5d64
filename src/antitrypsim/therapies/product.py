"""What a protocol may say of a cell product, and how it enters the equations."""

from __future__ import annotations

from collections.abc import Mapping

from antitrypsim.evidence import Fixed
from antitrypsim.modelling import Attribute, Input, fixed_of
from antitrypsim.modelling.handles import Handle
from antitrypsim.modelling.words import Number

FIXED = fixed_of(__file__, "therapies")
"""The fixed numbers that therapies share."""


def potency_attribute(potency: Input) -> Attribute:
    """Return what may be said of the potency of cells or particles."""
    return Attribute(potency, potency.meaning, high=FIXED.most_potency.value)


def tissue_attribute(clotting: Input, meaning: str) -> Attribute:
    """Return what may be said of the tissue that cells are from; it sets how much they clot."""
    rich = FIXED.clotting.value
    return Attribute(clotting, meaning, words={"marrow": 1.0, "cord": rich, "adipose": rich})


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

    def mismatch(self, minor: Handle, own: Number = 0) -> Number:
        """Return how foreign the cells are, 0 to 1; ``minor`` is that of matched foreign cells.

        ``own`` is that of autologous cells, which culture and editing may change.
        """
        major = self.mismatched / FIXED.antigens.value
        return self.foreign * (minor + (1 - minor) * major) + (1 - self.foreign) * own


ROUTES: Mapping[str, str] = {
    "intravenous": "a peripheral vein: cells lodge in the capillaries of the lung",
    "portal_vein": "the portal vein: cells lodge in portal branches, and pressure rises",
    "hepatic_artery": "the hepatic artery, by catheter: cells reach the liver",
    "spleen": "the spleen or its artery: most cells go on into the portal vein",
    "percutaneous": "through the skin into the liver: cells lie where they are put",
    "lymph_node": "a lymph node near the liver: cells stay there",
    "inhaled": "a nebuliser: a part is deposited on airways and alveoli",
    "subcutaneous": "under the skin",
    "intramuscular": "into muscle",
    "oral": "by mouth",
}
"""Where each route lands."""
