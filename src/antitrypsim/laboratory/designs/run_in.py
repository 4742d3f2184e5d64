"""Run-in design.

People are watched first, and who changes as is asked for is randomised.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from antitrypsim.documents.faults import fault
from antitrypsim.documents.times import Duration
from antitrypsim.laboratory.design_file.conducting import Screen
from antitrypsim.laboratory.design_file.limit import VALUE, Limit
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.protocols.parts import Number


class RunIn(DesignKind):
    """People are measured over a time without treatment; who meets the criterion is randomised."""

    nested: ClassVar[bool] = True
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType({"min": VALUE, "max": VALUE})
    watched: ClassVar[tuple[str, ...]] = ("length",)

    kind: Literal["run-in"]
    length: Duration = Field(description="how long people are watched before randomisation")
    min: Number | None = Field(default=None, description="least change of the primary endpoint")
    max: Number | None = Field(default=None, description="most change of the primary endpoint")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.min is None and self.max is None:
            raise fault("a run-in selects by 'min', 'max' or both")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise fault("'min' must lie below 'max'", "min")
        return self

    @property
    def measured_only(self) -> bool:
        """The criterion is a change from one visit to another."""
        return True

    def screens(self, endpoint: str) -> tuple[Screen, ...]:
        """Take who changed enough, or not too much, over the time."""
        limits = {k: v for k, v in (("min", self.min), ("max", self.max)) if v is not None}
        said = {"endpoint": endpoint, "change_over": self.length, **limits}
        return (Screen.model_validate(said),)
