"""A donor's organ: what any transplantation brings with it, whichever organ it is.

An operation, its risk, lifelong suppression and what that lets in, notice taken of what is foreign, a
later death rate; by a surgeon's act on a stated day, or whenever a waiting list comes to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import sympy

from antitrypsim.evidence import Fixed, Parameter
from antitrypsim.modelling import (
    AGE,
    DAYS_PER_YEAR,
    Attribute,
    Dose,
    Factor,
    Hazard,
    Input,
    Module,
    Quantity,
    State,
    Term,
    dose_amount,
    logistic,
)
from antitrypsim.modelling.handles import Indexed
from antitrypsim.modelling.words import Expression, Number
from antitrypsim.organs.events.module import DEATH_OTHER
from antitrypsim.organs.harms.module import INFECTION, TUMOUR
from antitrypsim.organs.rejection.module import HLA_SEEN, SEEN, UNSUPPRESSED

UNIT = "organ"
ROUTE = "surgery"


class OrganGraft:
    """The states and inputs of one organ's transplantation, and the module that they make.

    ``parameters`` and ``p`` are the folder's own: ``whole``, ``operative`` and ``operative_window``,
    ``late_death``, ``suppression``, ``infections``, ``tumours``, ``noticed``, ``waiting``, ``oldest`` and
    ``oldest_width``; ``most`` is the amount of one operation.
    """

    def __init__(
        self,
        name: str,
        organ: str,
        parameters: Mapping[str, Parameter],
        p: SimpleNamespace,
        most: Fixed,
    ) -> None:
        self.name, self.organ = name, organ
        self.parameters, self.p, self.most = parameters, p, most
        self.graft = State(f"{name}.graft", "1", f"1 with a donor's {organ}", scale=0.1)
        self.risk = State(
            f"{name}.operative_risk", "1", "integrated hazard of death that an operation has left",
            scale=0.01,
        )  # fmt: skip
        self.death = Quantity(f"{name}.late_death", "1/day", "death rate that the graft brings")
        self.listed = Input(f"{name}.listed", UNIT, f"1 for who may be put on a list for a {organ}")
        self.taken = Input(
            f"{name}.immunosuppression", "1", "share of the usual immunosuppression that is taken",
            default=1.0,
        )  # fmt: skip

    def _moved(
        self, new: Mapping[State | Indexed, Expression], share: Number
    ) -> dict[State | Indexed, Expression]:
        """Return the jumps that bring every state of ``new`` to what it is in a recipient."""

        def jump(target: State | Indexed, value: Any) -> Expression:
            if isinstance(target, Indexed):
                return lambda m: share * (value(m) - target[m])
            return share * (value - target)

        after = {**new, self.graft: 1}
        return {
            **{target: jump(target, value) for target, value in after.items()},
            self.risk: share * self.p.operative,
        }

    def module(
        self,
        title: str,
        new: Mapping[State | Indexed, Expression],
        need: Number,
        late: Number,
        **options: Any,
    ) -> Module:
        """Return the module. ``new`` says what each state is after the operation.

        ``need``, 0 to 1, is how far the organ has failed for the list; ``late`` multiplies the later
        death rate. ``options`` are Module's; effects and states are added to.
        """
        p, graft = self.p, self.graft
        # More than one organ of a kind is the same as one.
        share = sympy.Min(dose_amount(UNIT) / p.whole, 1)
        young = logistic((p.oldest - AGE / DAYS_PER_YEAR) / p.oldest_width)
        changes, initial = options.pop("changes", {}), options.pop("initial", {})
        effects = (
            Factor(
                UNSUPPRESSED,
                1 - p.suppression * graft * self.taken,
                "who has a donor's organ takes immunosuppression for good",
            ),
            Term(
                INFECTION,
                p.infections * graft * self.taken / DAYS_PER_YEAR,
                "a suppressed defence lets infections in",
            ),
            Term(
                TUMOUR,
                p.tumours * graft * self.taken / DAYS_PER_YEAR,
                "a suppressed defence lets tumours grow",
            ),
            Term(SEEN, p.noticed * graft, "a donor's organ is noticed"),
            Term(HLA_SEEN, p.noticed * graft, "a donor's organ has foreign HLA"),
            Term(
                DEATH_OTHER,
                p.operative_window * self.risk + self.death,
                "the operation and what follows it can be fatal",
            ),
        )
        return Module(
            name=self.name,
            title=title,
            parameters=self.parameters,
            fixed=(self.most,),
            inputs=(self.listed, self.taken),
            changes={graft: 0, self.risk: -p.operative_window * self.risk, **changes},
            initial={graft: 0, self.risk: 0, **initial},
            quantities={self.death: p.late_death * graft * late / DAYS_PER_YEAR},
            effects=(*effects, *options.pop("effects", ())),
            doses=(
                Dose(
                    self.name,
                    ROUTE,
                    UNIT,
                    self._moved(new, share),
                    f"a donor's {self.organ}, put in on that day; immunosuppression is part of it",
                    limit=self.most,
                    example=f"{self.name}:1organ/once",
                    attributes={"immunosuppression": Attribute(self.taken, self.taken.meaning)},
                ),
                Dose(
                    f"{self.organ}_transplant_list",
                    ROUTE,
                    UNIT,
                    {},
                    f"access to a list: who needs a donor's {self.organ} gets one when it comes",
                    limit=self.most,
                    example=f"{self.organ}_transplant_list:1organ/held",
                    holds=self.listed,
                ),
            ),
            hazards=(
                *options.pop("hazards", ()),
                Hazard(
                    self.name,
                    self.listed / p.whole * p.waiting * need * young * (1 - graft) / DAYS_PER_YEAR,
                    f"transplantation of the {self.organ} off the list",
                    jumps=self._moved(new, 1),
                ),
            ),
            **options,
        )
