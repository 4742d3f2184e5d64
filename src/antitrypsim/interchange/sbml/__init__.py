"""The model, a person and a treatment as SBML level 3 version 2."""

from antitrypsim.interchange.sbml.write import SbmlModel, equations, export_sbml

__all__ = ["SbmlModel", "equations", "export_sbml"]
