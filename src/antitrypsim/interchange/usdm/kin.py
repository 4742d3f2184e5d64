"""The nearest thing of ours to the words of others, to be offered in a question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import nearest
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.protocols.therapywords import product_words

_WORD = re.compile(r"[a-z0-9]{3,}")
# Words that stand in every study and tell nothing apart.
_COMMON = frozenset(
    _WORD.findall(
        "and the for with from that this change mean total baseline week weeks day days year years "
        "month months per rate score test time first level levels patient patients study treatment "
        "number percent percentage measured dose assessment index count all any each disease scale "
        "plasma serum blood drug pressure subject clinical"
    )
)


# What others write out or call otherwise, as the names and titles here say it.
_SPELLINGS = (
    (
        re.compile(r"alpha[- ]?(?:1|one)[- ]?(?:anti-?trypsin|proteinase inhibitor)|\ba1[- ]?pi\b"),
        "aat augmentation",
    ),
    (re.compile(r"mesenchymal (?:stem|stromal) cells?"), "msc"),
    (re.compile(r"forced expiratory volume"), "fev1"),
    (re.compile(r"forced vital capacity"), "fvc"),
    (re.compile(r"st\.? george'?s respiratory questionnaire"), "sgrq"),
    (re.compile(r"diffusing capacity|transfer (?:factor|coefficient)"), "kco"),
    (re.compile(r"alanine (?:amino)?transferase"), "alt"),
    (re.compile(r"aspartate (?:amino)?transferase"), "ast"),
    (re.compile(r"6[- ]?minute walk"), "six minute walk"),
    (re.compile(r"percentile (?:lung )?density|ct densitometry"), "lung density pd15"),
)


def kin_endpoint(text: str) -> str:
    """Return "; the nearest is 'fev1' (FEV1)" for words that have an endpoint near them, or nothing."""
    found = _nearest(text, _endpoints())
    return f"; the nearest is '{found}' ({ENDPOINTS[found].title})" if found else ""


def kin_product(text: str) -> str:
    """Return "; the nearest is 'msc'" for words that have a product near them, or nothing."""
    found = _nearest(text, _products())
    return f"; the nearest is '{found}'" if found else ""


@cache
def _endpoints() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Return the words of the name and title of each endpoint, and those of its description."""
    return {
        e.id: (_words(f"{e.id.replace('_', ' ')} {e.title}"), _words(e.description))
        for e in ENDPOINTS.values()
    }


@cache
def _products() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Return the words of the name of each product, and those of its doses."""
    names: dict[str, list[str]] = {}
    for dose in known_doses().values():
        names.setdefault(dose.product, []).append(dose.meaning)
    return {
        name: (
            _words(f"{name.replace('_', ' ')} {product_words(name)}"),
            _words(" ".join(meanings)),
        )
        for name, meanings in sorted(names.items())
    }


def _nearest(text: str, known: Mapping[str, tuple[frozenset[str], frozenset[str]]]) -> str:
    """Return what shares most with a text; a word counts the less the more of ``known`` have it."""
    asked = _words(text)
    often = Counter(word for both in known.values() for words in both for word in words)
    shared = {
        name: sum(1 / often[word] for word in asked & words)
        + sum(1 / often[word] for word in asked & more) / 2
        for name, (words, more) in known.items()
    }
    best = max(shared, key=lambda name: shared[name])
    if shared[best] > 0:
        return best
    # A word that is written a little otherwise.
    hint = nearest(text.lower(), tuple(known)) if 5 <= len(text) <= 60 else ""
    return hint.split("'")[1] if "'" in hint else ""


def _words(text: str) -> frozenset[str]:
    text = text[:1000].lower().replace("\u2019", "'")
    for pattern, word in _SPELLINGS:
        text = pattern.sub(word, text)
    return frozenset(_WORD.findall(text)) - _COMMON
