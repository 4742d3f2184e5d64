"""The PiZ mouse: human values that its liver replaces, for the one question that it can answer.

A mouse is simulated as a person with two Z alleles and the rates of a mouse liver. Only the share
of healthy hepatocytes may be read; cells, volumes, lungs and everything else stay a person's.
"""

from functools import cache
from pathlib import Path

from antitrypsim.evidence import Parameter, load_parameters
from antitrypsim.uncertainty.draws import ParameterSet


@cache
def mouse_parameters() -> dict[str, Parameter]:
    """Return the parameters of a PiZ mouse's liver by name, each with what it rests on."""
    return load_parameters(Path(__file__).parent / "parameters.toml", "liver")


def mouse() -> ParameterSet:
    """Return the values of a PiZ mouse's liver by the ids of the human ones that they replace."""
    return ParameterSet("PiZ mouse", {p.id: p.value for p in mouse_parameters().values()})
