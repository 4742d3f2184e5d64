"""What an endpoint is: what can be measured or counted, in which unit, with which noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from antitrypsim.foundations.errors import ModelError, nearest
from antitrypsim.statistics.analysis.base import Kind

__all__ = ["Endpoint", "Kind", "NoiseKind"]

NoiseKind = Literal["additive", "relative", "staging", "none"]
Better = Literal["higher", "lower"]
Read = Literal["on the day", "before a dose", "over a round"]
_WORDS = {
    "kind": get_args(Kind), "better": get_args(Better), "read": get_args(Read),
    "noise": get_args(NoiseKind),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One thing that a trial reads off a participant; a file of ``catalogue/`` each.

    ``output`` names the model's state or quantity (or, for counts and events, the event process);
    ``factor`` turns it into ``unit``, which is written for people; ``formal_unit`` is that of files,
    where it differs. ``kind``: a measurement at visits, a count of events, or the time to one event.
    ``noise``: an SD in the unit (additive), a CV (relative), a chance of being read one stage off
    (staging), or none. ``noise_size`` names its size and ``limit`` the lower limit of its assay, both
    parameters of ``endpoints/parameters.toml``, where the numbers have their grade and source; they
    are in the unit of files, or g/L for µM of AAT. ``lowest`` and ``highest`` bound what the instrument can show. ``draw`` names
    the stream of noise: endpoints of one instrument share it, so that one blow into the spirometer
    gives both. ``read`` says when its true course is read off (see ``experiments.rhythm``): what
    accumulates on the day, serum before a dose, and what rises and falls with the doses over one
    round of them. ``description`` is the title in protocols. A composite is the ``first_of`` several event
    processes, and ``output`` the name that it gets; one that the model does not hold never comes.
    """

    id: str
    title: str
    description: str
    unit: str
    output: str
    paramcd: str
    formal_unit: str = ""
    kind: Kind = "measurement"
    decimals: int = 2
    factor: float = 1.0
    better: Better = "higher"
    read: Read = "on the day"
    noise: NoiseKind = "none"
    noise_size: str = ""
    limit: str = ""
    lowest: float | None = 0.0
    highest: float | None = None
    draw: str = ""
    first_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.formal_unit:
            object.__setattr__(self, "formal_unit", self.unit)
        for name, known in _WORDS.items():
            word = getattr(self, name)
            if word not in known:
                raise ModelError(
                    f"the endpoint '{self.id}' has {name}='{word}'{nearest(word, known)}; "
                    f"it is one of {', '.join(known)}"
                )
        if (self.noise == "none") != (not self.noise_size):
            raise ModelError(
                f"the endpoint '{self.id}' has the noise '{self.noise}' and the size "
                f"'{self.noise_size}'; name a parameter of endpoints/parameters.toml, or no noise"
            )

    @property
    def least(self) -> float:
        """The smallest effect that can be told: half of the last decimal that is shown."""
        return 0.5 * 10.0**-self.decimals
