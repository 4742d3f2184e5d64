"""Facts, claims and parameters: what every number of the model rests on."""

from antitrypsim.evidence.citation import cited_facts
from antitrypsim.evidence.claim import Claim
from antitrypsim.evidence.fact import Fact
from antitrypsim.evidence.fixed import Fixed, FixedNumbers, load_fixed
from antitrypsim.evidence.grade import GRADES
from antitrypsim.evidence.parameter import Parameter, load_parameters
from antitrypsim.evidence.refusal import Refusal, load_refusals
from antitrypsim.evidence.registry import Registry, load_registry
from antitrypsim.evidence.spread import Spread

__all__ = [
    "GRADES",
    "Claim",
    "Fact",
    "Fixed",
    "FixedNumbers",
    "Parameter",
    "Refusal",
    "Registry",
    "Spread",
    "cited_facts",
    "load_fixed",
    "load_parameters",
    "load_refusals",
    "load_registry",
]
