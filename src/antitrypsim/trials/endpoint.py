"""What an endpoint is; the endpoints are the files of ``endpoints/``."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Literal

from antitrypsim.foundations.errors import InputError, nearest


@dataclass(frozen=True)
class Endpoint:
    """One thing a trial reads off a participant.

    ``output`` names the model's state or quantity (or, for counts and times, the event process);
    ``factor`` turns it into ``unit``; ``kind`` is a measured value, a count of events or a time to one.
    ``read`` says when its true course is read off (see ``trials.rhythm``): what accumulates on the
    day, serum before a dose, and what rises and falls with the doses over one round of them.
    """

    id: str
    title: str
    unit: str
    output: str
    paramcd: str
    decimals: int = 2
    factor: float = 1.0
    better: Literal["higher", "lower"] = "higher"
    kind: Literal["value", "count", "time"] = "value"
    read: Literal["on the day", "before a dose", "over a round"] = "on the day"

    @property
    def least(self) -> float:
        """The smallest effect that can be told: half of the last decimal that is shown."""
        return 0.5 * 10.0**-self.decimals


@cache
def endpoints() -> dict[str, Endpoint]:
    """Return every endpoint by id."""
    package = importlib.import_module("antitrypsim.trials.endpoints")
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found[module.ENDPOINT.id] = module.ENDPOINT
    return found


def endpoint(id: str) -> Endpoint:
    """Return an endpoint by id; raise InputError with the nearest one."""
    try:
        return endpoints()[id]
    except KeyError:
        raise InputError(f"no endpoint '{id}'{nearest(id, list(endpoints()))}") from None
