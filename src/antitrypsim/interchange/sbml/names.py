"""SBML ids for what the model calls by name."""

from __future__ import annotations

import re

from antitrypsim.modelling import Model

AGE = "age"
"""The id of age in days, a variable with the rate 1."""
_RESERVED = {
    *(AGE, "time", "avogadro", "pi", "exponentiale", "infinity", "nan", "notanumber", "true"),
    *("false", "model"),
}


class Names:
    """Ids by name; ``moving`` of states, quantities and inputs, ``fixed`` of parameters and covariates.

    An id is the name with an underscore for every mark that SBML refuses. Of two that become one, or
    of a parameter that has the name of a state, the later in the model has a number behind it.
    """

    def __init__(self, model: Model) -> None:
        self._taken = set(_RESERVED)
        self.moving: dict[str, str] = {}
        self.fixed: dict[str, str] = {}
        for name in (*model.state_names, *model.quantity_names, *(i.name for i in model.inputs)):
            self.moving[name] = self.new(name)
        for name in (*model.parameter_names, *(c.name for c in model.covariates)):
            self.fixed[name] = self.new(name)

    def new(self, name: str) -> str:
        """Return an id that nothing else has, and keep it."""
        plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
        if not plain or plain[0].isdigit():
            plain = f"n_{plain}"
        found, number = plain, 1
        while found in self._taken:
            number += 1
            found = f"{plain}_{number}"
        self._taken.add(found)
        return found
