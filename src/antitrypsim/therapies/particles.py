"""Lipid particles by vein: what they do to the one who is given them, whatever they carry.

They pass within days. Until then they bring fever and leak of enzymes from hepatocytes, and in a few
a serious liver injury.
"""

from __future__ import annotations

from types import SimpleNamespace

from antitrypsim.modelling import State, Term
from antitrypsim.modelling.handles import Handle, Indexed
from antitrypsim.modelling.words import Expression
from antitrypsim.organs.harms.module import FEVER, LIVER_INJURY
from antitrypsim.organs.liver.module import ALT
from antitrypsim.therapies.product import FIXED

UNIT = "mg/kg"
MOST = FIXED.particles
"""What cannot be given at once."""


class Particles:
    """The particles of one therapy: a state, its change, and the harms that they bring.

    ``p`` are the folder's own parameters: ``clearing`` (1/day), ``fever``, ``enzymes`` and
    ``injuries`` (kg/mg).
    """

    def __init__(self, therapy: str, p: SimpleNamespace) -> None:
        self.state = State(f"{therapy}.particles", UNIT, "lipid particles just infused", scale=0.1)
        passing = p.clearing * self.state
        self.changes: dict[Handle | Indexed, Expression] = {self.state: -passing}
        self.effects: tuple[Term, ...] = (
            Term(FEVER, p.fever * passing, "lipid particles cause fever"),
            Term(ALT, p.enzymes * self.state, "hepatocytes that take up particles leak for days"),
            Term(LIVER_INJURY, p.injuries * passing, "particles seriously injure a few livers"),
        )
