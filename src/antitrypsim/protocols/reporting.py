"""What the consensus lists for reports of cells and vesicles ask for, and what a protocol leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.protocols.delivery import OWN, Delivery, by_name, known_doses

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.protocols.parts import Arm
    from antitrypsim.protocols.protocol import Protocol

CELLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("product identity", ("identity",)),
    ("source and tissue", ("source", "tissue")),
    ("viability", ("viability",)),
    ("potency", ("potency_assay", "potency")),
    ("donor", ("donor",)),
    ("passage", ("passage",)),
    ("HLA match", ("hla_typing", "hla_mismatches")),
)
"""What a report of cells should say, and the details that say it (CELL-H03, CELL-H04)."""

VESICLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("product identity", ("identity",)),
    ("source cells", ("source", "tissue")),
    ("donor", ("donor",)),
    ("isolation", ("isolation",)),
    ("size", ("size",)),
    ("markers", ("markers",)),
    ("purity", ("purity",)),
    ("particle counting", ("counting",)),
    ("storage", ("storage",)),
    ("potency", ("potency_assay", "potency")),
)
"""The same for vesicles, after MISEV (CELL-H08, recalled)."""

GENE = ("corrected", "transduced")
"""The details that say the gene status of a product."""

_LISTS = {"cell": (CELLS, ("CELL-H03", "CELL-H04")), "particle": (VESICLES, ("CELL-H08",))}
_NO_PASSAGE = ("primary_hepatocytes", "gene_added_hsc")


@dataclass(frozen=True)
class Item:
    """One thing that a report should say; ``stated`` is None where the protocol leaves it out."""

    name: str
    stated: str | None


@dataclass(frozen=True)
class ProductReport:
    """What a protocol says of one product by one route in one arm.

    ``items`` is empty for a kind of product that has no list; ``facts`` are the lists.
    """

    arm: str
    product: str
    route: str
    items: tuple[Item, ...]
    facts: tuple[str, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The items that the protocol does not say."""
        return tuple(item.name for item in self.items if item.stated is None)


def reporting(protocol: Protocol, model: Model | None = None) -> tuple[ProductReport, ...]:
    """Return what a protocol says and leaves out of each product that it gives, arm by arm.

    ``model`` is needed only for therapies from elsewhere.
    """
    doses = known_doses() if model is None else by_name(model.doses)
    spans = protocol.epoch_days()
    found: dict[tuple[str, str], ProductReport] = {}
    for arm in protocol.arms:
        # A product may stand in several entries and epochs, in any order.
        amounts: dict[str, dict[str, None]] = {}
        lasts: dict[str, float] = {}
        for epoch, deliveries in arm.treatment.items():
            start, end = spans[epoch]
            for delivery in deliveries:
                weight = f" for {delivery.per_weight}" if delivery.per_weight else ""
                weight = " by own weight" if delivery.per_weight == OWN else weight
                amounts.setdefault(delivery.name, {})[f"{delivery.dose}{weight}"] = None
                last = start + max(delivery.times(end - start))
                lasts[delivery.name] = max(last, lasts.get(delivery.name, 0.0))
        for deliveries in arm.treatment.values():
            for delivery in deliveries:
                dose = doses[delivery.name]
                listed, facts = _LISTS.get(dose.unit, ((), ()))
                items: tuple[Item, ...] = ()
                if listed:
                    gene = [key for key in GENE if key in dose.attributes]
                    items = (
                        *(
                            _item(name, keys, delivery)
                            for name, keys in listed
                            if name != "passage" or delivery.product not in _NO_PASSAGE
                        ),
                        *(_item("gene status", (key,), delivery) for key in gene),
                        Item("dose", ", ".join(amounts[delivery.name])),
                        Item("route", delivery.route.replace("_", " ")),
                        *((_suppression(arm),) if dose.unit == "cell" else ()),
                        Item(
                            "follow-up",
                            f"{protocol.length_days - lasts[delivery.name]:.0f} days after the last dose",
                        ),
                    )
                report = ProductReport(arm.id, delivery.product, delivery.route, items, facts)
                found[arm.id, delivery.name] = report
    return tuple(found.values())


def _item(name: str, keys: tuple[str, ...], delivery: Delivery) -> Item:
    texts = [" ".join(str(delivery.details.get(key, "")).split()) for key in keys]
    said = [text for text in texts if text]
    if name == "HLA match" and not said and delivery.details.get("source") == "autologous":
        said = ["the person's own cells"]
    if name == "HLA match" and "hla_mismatches" in delivery.details:
        said[-1] = f"{delivery.details['hla_mismatches']:g} of 6 antigens differ"
    return Item(name, ", ".join(said) or None)


def _suppression(arm: Arm) -> Item:
    held = [d for each in arm.treatment.values() for d in each if d.product == "tacrolimus"]
    said = ", ".join(dict.fromkeys(f"{d.product} {d.dose}" for d in held))
    return Item("immunosuppression", said or "none is given in this arm")
