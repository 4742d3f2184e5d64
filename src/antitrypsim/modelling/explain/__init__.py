"""The model explains itself before it runs: who acts on what, in which unit, resting on what.

Compute first (``explain_model``, ``explain_module``, ``chain``), then format (``to_text``,
``to_latex``, ``to_diagram``).
"""

from antitrypsim.modelling.explain.chain import Chain, Link, chain
from antitrypsim.modelling.explain.compute import explain_model, explain_module
from antitrypsim.modelling.explain.diagram import to_diagram
from antitrypsim.modelling.explain.latex import to_latex
from antitrypsim.modelling.explain.notes import Explanation, ModuleNote
from antitrypsim.modelling.explain.text import chain_to_text, to_text, ways_to_text
from antitrypsim.modelling.explain.ways import Way, ways

__all__ = [
    "Chain",
    "Explanation",
    "Link",
    "ModuleNote",
    "Way",
    "chain",
    "chain_to_text",
    "explain_model",
    "explain_module",
    "to_diagram",
    "to_latex",
    "to_text",
    "ways",
    "ways_to_text",
]
