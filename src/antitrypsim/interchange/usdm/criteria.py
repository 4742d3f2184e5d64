"""Criteria of entry as a sentence that can be read back: 'serum_aat: at most 11 µM'."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from antitrypsim.foundations.plain import Plain
from antitrypsim.populations.spec import ELIGIBILITY

_NUMBER = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_SENTENCE = re.compile(
    rf"^(\w+): (?:(?:from {_NUMBER} to {_NUMBER})|(?:at least {_NUMBER})|(?:at most {_NUMBER}))(?: .*)?$"
)


def criterion_words(criterion: Mapping[str, Any]) -> str:
    """Return a criterion of a protocol as one sentence, with its unit."""
    ends = {key: _plain(criterion[key]) for key in ("min", "max") if criterion.get(key) is not None}
    if len(ends) == 2:
        between = f"from {ends['min']} to {ends['max']}"
    else:
        between = f"at least {ends['min']}" if "min" in ends else f"at most {ends['max']}"
    return f"{criterion['quantity']}: {between} {ELIGIBILITY[criterion['quantity']][1]}"


def read_criterion(text: str) -> Plain | None:
    """Return the criterion that such a sentence says; None for any other sentence."""
    match = _SENTENCE.match(" ".join(text.split())) if len(text) < 200 else None
    if match is None or match.group(1) not in ELIGIBILITY:
        return None
    low, high, least, most = match.groups()[1:]
    ends = {"min": low or least, "max": high or most}
    return {"quantity": match.group(1), **{k: float(v) for k, v in ends.items() if v is not None}}


def _plain(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
