"""What a design file, its rules and the drawing of trials ask of every kind of design.

A kind is one file of this folder with a class whose keys are those of ``design:`` in a file. What is
asked below is answered by the class; an answer that is left out is the usual one. How trials of the
kind end, and what reports say of it, is in ``kind.DesignKind``, from which it derives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from antitrypsim.documents.faults import Part
from antitrypsim.documents.times import days
from antitrypsim.foundations.arrays import Reals
from antitrypsim.laboratory.design_file.conducting import Screen
from antitrypsim.laboratory.design_file.limit import Limit


class DesignTerms(Part):
    """The keys of a kind and what follows from them; a subclass narrows ``kind`` to its own word.

    ``least_arms``, ``most_arms``: how many arms it can compare. ``randomised``: whether people are
    given to arms by chance. ``own_allocation``: whether it gives arms by a rule of its own, so that
    the file's allocation does nothing. ``sized``: whether its size is one number of participants, so
    that power can be told against it. ``nested``: whether a smaller trial is the beginning of a larger
    one, so that all sizes are read off the same trials. ``no_effect``: why it estimates no effect, ""
    where it does. ``claim``: what is counted of its trials. ``limits``: between which numbers its keys
    may choose (``[]`` stands for each entry of a list). ``watched``: its keys that say how long people
    are watched before they are randomised.
    """

    least_arms: ClassVar[int] = 2
    most_arms: ClassVar[int | None] = None
    randomised: ClassVar[bool] = True
    own_allocation: ClassVar[bool] = False
    sized: ClassVar[bool] = True
    nested: ClassVar[bool] = False
    no_effect: ClassVar[str] = ""
    claim: ClassVar[str] = "claims a benefit"
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType({})
    watched: ClassVar[tuple[str, ...]] = ()

    kind: str

    @property
    def measured_only(self) -> bool:
        """Whether the primary endpoint must be measured at visits."""
        return False

    @property
    def protection(self) -> str:
        """The rule by which several comparisons keep one type I error; "" for none."""
        return ""

    @property
    def lookback(self) -> tuple[float, ...]:
        """The days before randomisation from which people are watched, positive."""
        return tuple(days(getattr(self, key)) for key in self.watched)

    def unprotected(self, arms: int) -> int:
        """Return how many comparisons of so many arms are each tested at the whole type I error."""
        return 1 if self.protection or not self.randomised else max(1, arms - 1)

    def lists(self) -> Mapping[str, Iterable[str]]:
        """Return, by key, the lists in which an entry may stand once."""
        return {}

    def effects(self) -> Mapping[str, float]:
        """Return, by key, the effects that it states; each must be a benefit."""
        return {}

    def screens(self, endpoint: str) -> tuple[Screen, ...]:
        """Return the criteria by which it takes people, where ``endpoint`` is the primary one."""
        return ()

    def options(self, analysis: str) -> Mapping[str, Any]:
        """Return the options that it gives to an analysis where the plan leaves them out."""
        return {}

    def null_value(self, options: Mapping[str, Any]) -> float:
        """Return what one arm's estimate is held against; ``options`` are those of the plan."""
        return float(options.get("null_value", 0.0))

    def paired(self, values: Reals, visits: list[str]) -> Reals | None:
        """Return each person's difference from themselves, from values (..., visits).

        None for a kind in which nobody is compared with themselves.
        """
        return None
