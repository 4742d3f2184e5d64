"""Parameter estimation problems as PEtab 1 and 2 have them."""
