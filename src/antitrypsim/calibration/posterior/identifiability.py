"""What a posterior knows of each unknown by itself, and what of several only together."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from antitrypsim.calibration.posterior.calibration import Learned, best_known_first, learned
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.calibration.posterior.trades import Trade, trades
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION
from antitrypsim.therapies import build_model


@dataclass(frozen=True, eq=False)
class Identifiability:
    """What the draws of a posterior say: of each unknown, the best known first, and which trade."""

    posterior: Posterior
    learned: tuple[Learned, ...]
    trades: tuple[Trade, ...]

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "identifiability",
            "origin": self.posterior.origin.to_dict(),
            "posterior": self.posterior.content_hash,
            "draws": len(self.posterior),
            "learned": [{**asdict(one), "informed": one.informed} for one in self.learned],
            "trades": [one.to_dict() for one in self.trades],
        }


def identifiability(posterior: Posterior) -> Identifiability:
    """Return how well a posterior knows the unknowns of the packaged model.

    Raises ModelError for a posterior of other equations or of another prior.
    """
    held = posterior.check(build_model())
    column = {id: k for k, id in enumerate(posterior.priors)}
    scores = posterior.scores[:, [column[one.id] for one in held]]
    return Identifiability(posterior, best_known_first(learned(held, scores)), trades(held, scores))
