"""Lining fluid, neutrophils, elastase at equilibrium, and what is lost: elastin and airflow."""

import sympy

from antitrypsim.modelling import (
    AGE,
    DAYS_PER_YEAR,
    Indexed,
    Module,
    Quantity,
    State,
    SumOver,
    parameters_of,
)
from antitrypsim.modelling.words import Number
from antitrypsim.organs.circulation.module import AAT, PLASMA
from antitrypsim.organs.covariates import (
    AIRWAY_COURSE,
    ALLELES_Z,
    HEIGHT,
    LUNG_COURSE,
    MALE,
    SMOKING,
)
from antitrypsim.organs.immunity.module import CALMING, INFLAMMATION, OXIDANT

NAME = "lung"
PARAMETERS, p = parameters_of(__file__, NAME)

NEUTROPHILS = State(f"{NAME}.neutrophils", "1", "lung neutrophils relative to a healthy lung")
MACROPHAGES = State(f"{NAME}.macrophages", "1", "macrophage activation relative to a healthy lung")
ELASTIN = State(f"{NAME}.elastin", "1", "lung elastin relative to a young adult")
AIRWAY_DAMAGE = State(
    f"{NAME}.airway_damage", "1", "FEV1 lost beyond ageing, share of young adult FEV1", scale=0.1
)
AIRFLOW = Quantity(f"{NAME}.airflow", "1", "FEV1 relative to the person's young adult FEV1")
AIRWAY_YEARS = State(f"{NAME}.airway_years", "1", "good or bad airway years, standard deviations")
DESMOSINE = State(f"{NAME}.desmosine", "ng/mL", "plasma desmosine", scale=0.1)

LINING = Indexed(AAT, Quantity, f"{NAME}.lining_aat", "µM", "AAT in lining fluid")
LINING_TOTAL = Quantity(f"{NAME}.lining_aat_total", "µM", "AAT in lining fluid, antigenic")
CAPACITY = Quantity(f"{NAME}.capacity", "µM", "anti-elastase capacity of AAT in lining fluid")
CAPACITY_TOTAL = Quantity(
    f"{NAME}.capacity_total",
    "µM",
    "anti-elastase capacity of lining fluid, other inhibitors included",
)
ACTIVITY = Quantity(
    f"{NAME}.unoxidised", "1", "share of AAT's inhibitory rate that oxidation leaves"
)
INHIBITION = Quantity(
    f"{NAME}.inhibition", "1/s", "rate at which AAT in lining fluid inhibits elastase"
)
POLYMER_DRIVE = Quantity(
    f"{NAME}.polymer_drive", "1", "Z polymer in the lung relative to a ZZ lung"
)
RECRUITMENT = Quantity(
    f"{NAME}.recruitment", "1", "what draws neutrophils, relative to a healthy lung"
)
RELEASE = Quantity(f"{NAME}.release", "1", "elastase released, relative to a healthy lung")
FREE_ELASTASE = Quantity(
    f"{NAME}.free_elastase",
    "1",
    "elastase that reaches elastin, relative to a healthy lung's release",
)
FOOTPRINT = Quantity(f"{NAME}.footprint", "nM", "elastase footprint on fibrinogen")
ELASTOLYSIS = Quantity(
    f"{NAME}.elastolysis", "1/day", "elastin lost per day, share of a young adult's"
)
DENSITY = Quantity(
    f"{NAME}.density", "g/L", "PD15 lung density at full inspiration, volume corrected"
)
FEV1 = Quantity(f"{NAME}.fev1", "L", "FEV1")
FEV1_PREDICTED = Quantity(f"{NAME}.fev1_predicted", "L", "predicted FEV1")
FEV1_SHARE = Quantity(f"{NAME}.fev1_share", "1", "FEV1 over predicted")
AIRWAY_LOSS = Quantity(
    f"{NAME}.airway_loss", "1/day", "FEV1 lost per day beyond ageing, share of young adult FEV1"
)
FEV1_FVC = Quantity(f"{NAME}.fev1_fvc", "1", "FEV1 over FVC")
FVC = Quantity(f"{NAME}.fvc", "L", "FVC")
KCO = Quantity(f"{NAME}.kco", "mmol/min/kPa/L", "transfer coefficient of the lung")
SATURATION = Quantity(f"{NAME}.saturation", "percent", "oxygen saturation at rest")

FVC_PREDICTED = Quantity(f"{NAME}.fvc_predicted", "L", "predicted FVC")
FEV1_YOUNG = Quantity(f"{NAME}.fev1_young", "L", "predicted FEV1 at the start of ageing")


def _predicted(what: str, age: Number) -> Number:
    """Published linear reference equation in height and age, by sex (REF-01)."""

    def of(sex: str) -> Number:
        constant, height, per_year = (
            getattr(p, f"predicted_{what}_{sex}_{part}") for part in ("constant", "height", "age")
        )
        return constant + height * HEIGHT + per_year * age

    return MALE * of("male") + (1 - MALE) * of("female")


# The integral of a smooth step: nothing is lost in the plateau, then a constant share a year.
_ageing = (
    p.airway_ageing
    * DAYS_PER_YEAR
    * p.ageing_onset
    * sympy.log(1 + sympy.exp((AGE / DAYS_PER_YEAR - p.ageing_start) / p.ageing_onset))
)
# Centred so that a typical course neither adds to nor takes from the mean.
_activity = sympy.exp(p.lung_years_spread * LUNG_COURSE - p.lung_years_spread**2 / 2)
_impairment = 1 - (FEV1 / FEV1_PREDICTED + KCO / p.kco_young) / 2

MODULE = Module(
    name=NAME,
    title="lining fluid, elastase, density and airflow",
    parameters=PARAMETERS,
    inputs=(SMOKING, AIRWAY_COURSE, LUNG_COURSE),
    changes={
        NEUTROPHILS: p.neutrophil_turnover * (RECRUITMENT - NEUTROPHILS),
        MACROPHAGES: p.macrophage_turnover
        * (
            1
            + p.macrophage_neutrophil * (NEUTROPHILS - 1)
            + p.macrophage_smoking * SMOKING
            - MACROPHAGES
        ),
        ELASTIN: -ELASTOLYSIS,
        AIRWAY_DAMAGE: AIRWAY_LOSS,
        AIRWAY_YEARS: p.airway_memory * (AIRWAY_COURSE - AIRWAY_YEARS),
        DESMOSINE: p.desmosine_turnover
        * (p.desmosine_rest + p.desmosine_yield * ELASTOLYSIS * DAYS_PER_YEAR - DESMOSINE),
    },
    initial={
        NEUTROPHILS: 1,
        MACROPHAGES: 1,
        ELASTIN: 1,
        AIRWAY_DAMAGE: 0,
        AIRWAY_YEARS: 0,
        DESMOSINE: p.desmosine_rest,
    },
    quantities={
        LINING: lambda m: p.lining_ratio * PLASMA[m],
        LINING_TOTAL: SumOver(AAT, lambda m: LINING[m]),
        CAPACITY: SumOver(AAT, lambda m: m.activity * LINING[m]),
        CAPACITY_TOTAL: CAPACITY + p.other_inhibitors,
        ACTIVITY: 1 / (1 + p.oxidation * (OXIDANT - 1)),
        INHIBITION: SumOver(
            AAT, lambda m: p.association * m.activity * m.rate * ACTIVITY * LINING[m]
        ),
        POLYMER_DRIVE: p.polymer_follows_serum * PLASMA["Z"] / p.reference_serum_Z
        + (1 - p.polymer_follows_serum) * ALLELES_Z / 2,
        RECRUITMENT: _activity
        * (
            1
            + p.polymer_recruitment * POLYMER_DRIVE
            + p.damage_recruitment * (1 - ELASTIN)
            + p.airway_recruitment * AIRWAY_DAMAGE
            + p.smoking_recruitment * SMOKING
            + p.acute_recruitment * INFLAMMATION * CALMING
        ),
        RELEASE: NEUTROPHILS + p.macrophage_release * (MACROPHAGES - 1),
        FREE_ELASTASE: RELEASE * sympy.exp(-INHIBITION * p.near_delay),
        FOOTPRINT: p.footprint_scale
        * FREE_ELASTASE
        * sympy.exp(-INHIBITION * (p.far_delay - p.near_delay)),
        ELASTOLYSIS: p.elastin_ageing * ELASTIN
        + p.elastin_attack * FREE_ELASTASE * ELASTIN / (ELASTIN + p.elastin_floor),
        DENSITY: p.density_young * ELASTIN + p.density_smoking * SMOKING,
        AIRFLOW: p.airway_corner
        * sympy.log(1 + sympy.exp((1 - _ageing - AIRWAY_DAMAGE) / p.airway_corner)),
        FEV1: FEV1_YOUNG
        * p.fev1_spread
        * AIRFLOW
        * sympy.exp(p.airway_years_spread * AIRWAY_YEARS),
        FEV1_PREDICTED: _predicted("fev1", AGE / DAYS_PER_YEAR),
        FVC_PREDICTED: _predicted("fvc", AGE / DAYS_PER_YEAR),
        FEV1_YOUNG: _predicted("fev1", p.ageing_start),
        FEV1_SHARE: FEV1 / FEV1_PREDICTED,
        AIRWAY_LOSS: (p.airway_attack * FREE_ELASTASE + p.airway_smoking * SMOKING)
        * AIRFLOW
        / (AIRFLOW + p.airway_floor),
        FEV1_FVC: FEV1 / (FVC_PREDICTED * (FEV1 / FEV1_PREDICTED) ** p.fvc_exponent),
        FVC: FEV1 / FEV1_FVC,
        KCO: p.kco_young * ELASTIN**p.kco_exponent,
        SATURATION: p.saturation_full - p.saturation_fall * _impairment**2,
    },
)
