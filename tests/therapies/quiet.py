"""Typical people to whom nothing happens by chance, and how to run them."""

import numpy as np

from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.uncertainty.draws import ParameterSet

YEAR = 365.25
TOLERANCE = 1e-6
QUIET = {
    "events.exacerbation_rate": 0.0,
    "events.mortality_50": 0.0,
    "events.mortality_lung": 0.0,
    "cirrhosis.decompensation": 0.0,
    "cirrhosis.carcinoma": 0.0,
}


def typical_people(*genotypes, age=45.0):
    """Return one person of 70 kg for each genotype, such as 'ZZ'."""
    n = len(genotypes)
    covariates = {"weight": 70.0, "height": 1.7, "male": 1.0}
    covariates |= {"alcohol": 0.0, "metabolic": 0.0, "bronchiectasis": 0.0}
    found = {f"person.{k}": np.full(n, v) for k, v in covariates.items()}
    for allele in "MZS":
        found[f"person.alleles_{allele}"] = np.array([float(g.count(allele)) for g in genotypes])
    return People(
        ids=np.arange(n),
        seed=1,
        covariates=found,
        effects={},
        birth=np.zeros(n),
        age=np.full(n, age * YEAR),
    )


def run(model, people, regimen, outputs, days, **values):
    """Return what each output is, by name, each (people, days); ``values`` replace parameters.

    A parameter 'module.name' is written as ``module__name``.
    """
    replaced = {k.replace("__", "."): v for k, v in values.items()}
    found = simulate_all(
        model,
        people,
        regimen,
        times=days,
        outputs=outputs,
        draws=ParameterSet("quiet", QUIET | replaced),
        settings=Settings(tolerance=TOLERANCE),
    )
    assert np.all(found.status == 0)
    return {name: found[name][:, 0] for name in outputs}
