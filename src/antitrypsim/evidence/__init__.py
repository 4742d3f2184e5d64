"""Facts, claims and parameters: what every number of the model rests on."""

from antitrypsim.evidence.citation import cited_facts
from antitrypsim.evidence.claim import Claim
from antitrypsim.evidence.fact import Fact
from antitrypsim.evidence.parameter import Parameter, load_parameters
from antitrypsim.evidence.registry import Registry, load_registry
from antitrypsim.evidence.spread import Spread

__all__ = [
    "Claim",
    "Fact",
    "Parameter",
    "Registry",
    "Spread",
    "cited_facts",
    "load_parameters",
    "load_registry",
]
