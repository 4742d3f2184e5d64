"""AAT is counted in moles here and weighed in many papers: what one mole stands for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from antitrypsim.evidence.parameter import load_parameters
from antitrypsim.foundations.units import convert

# Read as a file, not imported: organs lie above this room, and their equations read this number too.
_CIRCULATION = Path(__file__).resolve().parents[1] / "organs" / "circulation" / "parameters.toml"


@cache
def grams_per_micromole() -> float:
    """Return the grams of a micromole of AAT, which are also the g/L of a concentration of 1 µM."""
    mass = load_parameters(_CIRCULATION, "circulation")["molar_mass"]
    return convert(mass.value, mass.unit, "g/µmol")
