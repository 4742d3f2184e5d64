"""COMBINE archives: SBML, a SED-ML task and the report that it gives here."""

from antitrypsim.interchange.omex.read import read_omex
from antitrypsim.interchange.omex.write import export_omex

__all__ = ["export_omex", "read_omex"]
