"""Others' tools, files and habits: SBML, PEtab, OMEX, and what is lost on the way."""
