"""How far a number spreads around its typical value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, final, get_args

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import EvidenceError, nearest

Distribution = Literal["none", "normal", "lognormal", "logitnormal"]
DISTRIBUTIONS: tuple[str, ...] = get_args(Distribution)
SIZE_OF = {"normal": "sd", "lognormal": "cv", "logitnormal": "sd"}
"""The one key that sizes each distribution."""


@final
@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution around a typical value, which is its median.

    ``sd`` sizes a normal spread (in the unit of the value) and a logitnormal one (on the logit
    scale); ``cv``, a fraction, sizes a lognormal one. ``reason`` says why there is none.

    Raises:
        EvidenceError: the distribution is unknown, or a size is negative, not finite or of
            another distribution.
    """

    distribution: Distribution
    sd: float = 0.0
    cv: float = 0.0
    reason: str = ""

    def __post_init__(self) -> None:
        if self.distribution not in DISTRIBUTIONS:
            hint = nearest(str(self.distribution), DISTRIBUTIONS)
            raise EvidenceError(
                f"no distribution '{self.distribution}'{hint or '; use one of these: '}"
                + ("" if hint else ", ".join(DISTRIBUTIONS))
            )
        own = SIZE_OF.get(self.distribution)
        for name, size in (("sd", self.sd), ("cv", self.cv)):
            if not math.isfinite(size) or size < 0:
                raise EvidenceError(f"{name} is {size}; it must be zero or more, and finite")
            if size and name != own:
                raise EvidenceError(
                    f"a spread '{self.distribution}' has no {name}; "
                    + (f"give its {own}" if own else f"leave out {name}")
                )

    def transform(
        self, typical: NDArray[np.float64] | float, z: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Carry standard normal ``z`` to values around ``typical``, in the unit of ``typical``.

        Rises with ``z`` and gives ``typical`` at ``z = 0``. A lognormal spread expects a positive
        ``typical``, a logitnormal one a value between 0 and 1.
        """
        centre, score = np.broadcast_arrays(
            np.asarray(typical, dtype=np.float64), np.asarray(z, dtype=np.float64)
        )
        if self.distribution == "normal":
            return centre + self.sd * score
        if self.distribution == "lognormal":
            return centre * np.exp(math.sqrt(math.log1p(self.cv**2)) * score)
        if self.distribution == "logitnormal":
            # Here, not above: scipy would treble the time that importing this room takes.
            from scipy.special import expit, logit

            inside = expit(logit(centre) + self.sd * score)
            # Rounding reaches 0 and 1 in the far tails; a fraction must stay strictly between.
            return np.asarray(np.clip(inside, np.finfo(np.float64).tiny, np.nextafter(1.0, 0.0)))
        return centre.copy()

    def describe(self) -> str:
        """Say the spread in a few words: ``CV 20 %``, ``SD 0.3``, ``SD 0.3 (logit)``, ``none``."""
        if self.distribution == "lognormal":
            return f"CV {100 * self.cv:.3g} %"
        if self.distribution == "normal":
            return f"SD {self.sd:.3g}"
        if self.distribution == "logitnormal":
            return f"SD {self.sd:.3g} (logit)"
        return "none"
