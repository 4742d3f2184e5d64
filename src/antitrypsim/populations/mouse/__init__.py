"""Two mice: human values that a mouse's organ replaces, each for the one question that it can answer.

A PiZ mouse is simulated as a person with two Z alleles and the rates of a mouse liver. Only the share
of healthy hepatocytes may be read. An elastase mouse is a person with two M alleles whose elastin was
taken away and whose lung answers to signals as an animal's does. Only what a signal does relative to
none may be read, and how long cells stay. Cells, volumes and everything else stay a person's.
"""

from functools import cache
from pathlib import Path

from antitrypsim.evidence import Parameter, load_parameters
from antitrypsim.uncertainty.draws import ParameterSet

_ORGANS = {"lung_translation": "paracrine", "elastin_attack": "lung"}


@cache
def mouse_parameters() -> dict[str, Parameter]:
    """Return the parameters of a PiZ mouse's liver by name, each with what it rests on."""
    return load_parameters(Path(__file__).parent / "parameters.toml", "liver")


@cache
def elastase_parameters() -> dict[str, Parameter]:
    """Return the parameters of an elastase mouse's lung by name, each with what it rests on."""
    return load_parameters(Path(__file__).parent / "elastase.toml", "elastase_mouse")


def mouse() -> ParameterSet:
    """Return the values of a PiZ mouse's liver by the ids of the human ones that they replace."""
    return ParameterSet("PiZ mouse", {p.id: p.value for p in mouse_parameters().values()})


def elastase_mouse() -> ParameterSet:
    """Return the values of an elastase mouse's lung by the ids of the human ones that they replace."""
    values = {f"{_ORGANS[name]}.{name}": p.value for name, p in elastase_parameters().items()}
    return ParameterSet("elastase mouse", values)
