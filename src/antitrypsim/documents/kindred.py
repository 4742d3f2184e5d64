"""Documents that are not the one that is asked for, known by the key that they begin with."""

from __future__ import annotations

from collections.abc import Container, Mapping

from antitrypsim.foundations.errors import shown

FIRST_KEYS: Mapping[str, str] = {
    "antitrypsim": "a protocol",
    "trial_design": "a trial design",
    "compare": "a comparison",
}
"""The key that each of our own documents begins with, and what the document is."""

_COMMANDS = {
    "antitrypsim": "antitrypsim run",
    "trial_design": "antitrypsim design",
    "compare": "antitrypsim compare",
}
_STRANGERS: Mapping[str, tuple[str, ...]] = {
    "a PEtab problem file": ("problems",),
    "a USDM study definition, which 'antitrypsim import usdm' takes": ("usdmVersion", "study"),
    "the manifest of a run folder": ("kind", "files"),
}
"""Documents of others, and keys that each of them holds."""


def begins(first: str) -> str:
    """Return how a document of ours begins, as a sentence's end."""
    return f"{FIRST_KEYS[first]} begins with '{first}: 1'"


def foreign(data: object, first: str, known: Container[str]) -> str:
    """Return what a document is that is not the one that begins with ``first``; else nothing.

    A document without that key that holds one of the ``known`` keys, and no other's first key, is
    taken for one whose first line is missing.
    """
    if not isinstance(data, dict) or not data or first in data:
        return ""
    wanted = FIRST_KEYS[first]
    for key, what in FIRST_KEYS.items():
        if key in data:
            return f"this is {what}, not {wanted}; '{_COMMANDS[key]}' takes it"
    for what, keys in _STRANGERS.items():
        if all(key in data for key in keys):
            return f"this is {what}, not {wanted}; {begins(first)}"
    if any(key in known for key in data):
        return ""
    return (
        f"this is not {wanted}: its first key is '{shown(next(iter(data)))}', and {begins(first)}"
    )
