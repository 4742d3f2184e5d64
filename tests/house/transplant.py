"""Two toy folders, written into a temporary place: a transplant and an organ."""

TRANSPLANT = '''
"""A toy transplant that uses every word of the language."""

import sympy

from antitrypsim.modelling import (
    Dose, Factor, Hazard, Input, Instance, Module, Quantity, State, Term, dose_amount, fixed_of,
    hill, parameters_of, refused_of,
)
from antitrypsim.organs.immunity.module import CRP_DRIVE, INFLAMMATION
from antitrypsim.organs.liver.module import CELLS, DEATHS, HEPATOCYTES, OCCUPANCY, SYNTHESIS

NAME = "toy_transplant"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)

DONOR = Instance("donor", alleles_M=2, alleles_Z=0, alleles_S=0, at_birth=0)
MEMORY = State(f"{NAME}.memory", "1", "immune memory of donor cells", scale=0.1)
PRESSURE = Quantity(f"{NAME}.pressure", "1", "rejection pressure, 0 to 1")
SUPPRESSION = Input(f"{NAME}.suppression", "1", "immunosuppression, 1 for full")

_given = dose_amount("cells") / p.liver_cells

MODULE = Module(
    name=NAME,
    title="a toy transplant of hepatocytes",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    instances={HEPATOCYTES: (DONOR,)},
    inputs=(SUPPRESSION,),
    changes={MEMORY: -p.forgetting * MEMORY},
    initial={MEMORY: 0},
    quantities={PRESSURE: hill(MEMORY * CELLS["donor"], p.half, FIXED.steepness.value) * (1 - SUPPRESSION)},
    effects=(
        Term(DEATHS["donor"], p.killing * PRESSURE, "donor cells are attacked"),
        Term(INFLAMMATION, p.killing * PRESSURE, "and that inflames"),
        Factor(SYNTHESIS["donor"], p.maturity, "donor cells are immature"),
        Factor(CRP_DRIVE, 1 + PRESSURE, "rejection raises CRP"),
    ),
    doses=(
        Dose(
            product="toy", route="portal", unit="cells",
            jumps={
                CELLS["donor"]: sympy.Piecewise(
                    (_given * p.landing * (p.room - OCCUPANCY), OCCUPANCY < p.room), (0, True)
                ),
                MEMORY: p.exposure,
            },
            meaning="hepatocytes into the portal vein", limit=FIXED.most,
        ),
    ),
    hazards=(
        Hazard(
            "rejection", p.rejection_rate * PRESSURE, "acute rejection",
            jumps={CELLS["donor"]: -p.lost * CELLS["donor"]},
        ),
    ),
    refuses=refused_of(__file__, NAME, "toy"),
)
'''

ORGAN = '''
"""A toy organ: a kidney that feels inflammation and never looks back."""

from antitrypsim.modelling import Module, Quantity, State, parameters_of
from antitrypsim.organs.immunity.module import INFLAMMATION
from antitrypsim.organs.lung.module import SATURATION

NAME = "toy_kidney"
PARAMETERS, p = parameters_of(__file__, NAME)

FILTRATION = State(f"{NAME}.filtration", "1", "filtration relative to a healthy kidney")
SCORE = Quantity(f"{NAME}.score", "percent", "filtration and oxygen together")

MODULE = Module(
    name=NAME,
    title="a toy kidney",
    parameters=PARAMETERS,
    changes={FILTRATION: p.healing * (1 - FILTRATION) - p.harm * INFLAMMATION * FILTRATION},
    initial={FILTRATION: 1},
    quantities={SCORE: FILTRATION * SATURATION},
)
'''

ENTRY = """
[{name}]
value = {value}
unit = "{unit}"
meaning = "a toy's {name}"
between_patients = {{ distribution = "none" }}
uncertainty = {{ distribution = "none", reason = "toy" }}
grade = "assumed"
rests_on = []
note = "toy"
"""

FIXED_ENTRY = """
[fixed.{name}]
value = {value}
unit = "{unit}"
meaning = "a toy's {name}"
grade = "assumed"
rests_on = []
note = "toy"
"""

REFUSED = """
[refused]
oral = { why = "cells do not survive the stomach", grade = "assumed" }
"""

README = "# Toy\n\n## What it says\n\nA toy.\n\n## Assumptions\n\nAll.\n\n## Good for\n\nTests.\n"

TRANSPLANT_NUMBERS = {
    "liver_cells": (2e11, "cells"),
    "landing": (0.5, "1"),
    "room": (1.3, "1"),
    "exposure": (0.5, "1"),
    "forgetting": (0.001, "1/day"),
    "half": (0.01, "1"),
    "killing": (0.0005, "1/day"),
    "maturity": (0.6, "1"),
    "rejection_rate": (0.5, "1/day"),
    "lost": (0.9, "1"),
}
TRANSPLANT_FIXED = {"most": (1e10, "cells"), "steepness": (1, "1")}
ORGAN_NUMBERS = {"healing": (0.01, "1/day"), "harm": (0.1, "1/day")}


def texts(code, numbers, fixed, refused=""):
    """Return the three files of a module folder, text by name, in the order of the recipe."""
    entries = [ENTRY.format(name=n, value=v, unit=u) for n, (v, u) in numbers.items()]
    entries += [FIXED_ENTRY.format(name=n, value=v, unit=u) for n, (v, u) in fixed.items()]
    return {"module.py": code, "parameters.toml": "".join(entries) + refused, "README.md": README}


TRANSPLANT_FILES = texts(TRANSPLANT, TRANSPLANT_NUMBERS, TRANSPLANT_FIXED, REFUSED)
KIDNEY_FILES = texts(ORGAN, ORGAN_NUMBERS, {})


def write(parent, name, files):
    """Write one module folder and return it."""
    folder = parent / name
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text)
    return folder


def transplant(parent):
    return write(parent, "toy_transplant", TRANSPLANT_FILES)


def kidney(parent):
    return write(parent, "toy_kidney", KIDNEY_FILES)
