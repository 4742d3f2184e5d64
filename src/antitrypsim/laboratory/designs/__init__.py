"""The kinds of trial design: a file each, found by being in this folder.

A file holds all of its kind: keys, rules, how its trials end, and what reports say of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from antitrypsim.laboratory.designs.base import DesignTerms
from antitrypsim.laboratory.designs.registry import discover

KINDS: Mapping[str, type[DesignTerms]] = discover(__path__[0], __name__)
"""The class of every kind, by the word that files name it by."""
