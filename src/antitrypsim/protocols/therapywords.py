"""A therapy in words for readers: 'fazirsiran 200 mg every 12 weeks'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import parse_quantity
from antitrypsim.protocols.delivery import OWN, REPORTED
from antitrypsim.protocols.therapytext import HELD, Written, parts_of, written

_PRODUCTS = {
    "msc": "MSC",
    "ipsc_hepatocytes": "iPSC hepatocytes",
    "gene_added_hsc": "gene-added HSC",
    "arc_aat": "ARC-AAT",
    "aat_fc": "AAT-Fc",
    "galnac_rna_editor": "GalNAc RNA editor",
    "lipid_rna_editor": "lipid-particle RNA editor",
}
_PLAIN = ("source", "tissue")
_DETAILS = {"hla_mismatches": "HLA mismatches"}
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE, _SMALL = 1e6, 1e-4


def therapy_words(text: str, *, whole: bool = False) -> str:
    """Return a therapy's text in words; what is no such text, such as a name, stays as it is.

    'augmentation:60mg/kg/week' is 'augmentation 60 mg/kg every week'. ``whole`` tells also the body
    weight that a fixed dose is shared out for.
    """
    parts = (part_pieces(part, whole=whole) for part in parts_of(text))
    return " + ".join("".join(words for words, _ in pieces) for pieces in parts)


def told_apart(names: Iterable[str]) -> dict[str, str]:
    """Return therapies in words by their text; what would read the same is told in full.

    What is written otherwise and is the same keeps its text beside the words.
    """
    names = list(names)
    found = {name: therapy_words(name) for name in names}
    for fuller in (
        lambda name: therapy_words(name, whole=True),
        lambda name: f"{therapy_words(name, whole=True)} ({name})",
    ):
        count = Counter(found.values())
        found = {n: words if count[words] == 1 else fuller(n) for n, words in found.items()}
    return found


def product_words(product: str) -> str:
    """Return a product or a route as people write it: 'primary hepatocytes', 'MSC'."""
    return _PRODUCTS.get(product, product.replace("_", " "))


def details_words(details: Mapping[str, float | str]) -> str:
    """Return ' (autologous, viability 0.9)': what of a product the model reads, if any is said."""
    told = [
        str(value) if key in _PLAIN else f"{_DETAILS.get(key, key)} {_plain(value)}"
        for key, value in details.items()
        if key not in REPORTED
    ]
    return f" ({', '.join(told)})" if told else ""


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def amount_words(number: float, unit: str) -> str:
    """Return '60 mg/kg' or '2 × 10⁸ cells', never '2e+08'."""
    text = f"{number:.12g}"
    if abs(number) >= _LARGE or 0 < abs(number) < _SMALL:
        mantissa, _, power = f"{number:.11e}".partition("e")
        text = f"{float(mantissa):.12g} × 10{str(int(power)).translate(_POWERS)}"
    plural = "s" if unit in ("cell", "particle") and number != 1 else ""
    return f"{text} {unit}{plural}".rstrip()


def interval_words(text: str) -> str:
    """Return 'week' for '1 week' and '12 weeks' for '12 weeks'."""
    amount, _, unit = text.partition(" ")
    return unit.removesuffix("s") if amount == "1" else text


def part_pieces(part: str, *, whole: bool = False) -> tuple[tuple[str, str], ...]:
    """Return one therapy's words in pieces: 'dose' or 'interval' beside those that say it, '' beside others.

    ``part`` is one of ``parts_of``; what is no therapy's text is one piece as it stands.
    """
    try:
        found = written(part)
        number, unit = parse_quantity(found.dose)
    except InputError:
        return ((part, ""),)
    name = f"{product_words(found.product)}{details_words(found.details)} "
    rest = ""
    if whole and found.per_weight:
        own = found.per_weight == OWN
        rest += " by own weight" if own else f" for {' '.join(map(str, _weight(found)))}"
    if found.route:
        rest += f" {product_words(found.route)}"
    given = ((name, ""), (amount_words(number, unit), "dose"))
    if found.interval in (None, HELD):
        return (*given, (f"{rest} {found.interval or 'once'}", ""))
    return (*given, (f"{rest} every ", ""), (interval_words(str(found.interval)), "interval"))


def _weight(found: Written) -> tuple[str, str]:
    number, unit = parse_quantity(found.per_weight)
    return f"{number:g}", unit
