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
    Term,
    hill,
    parameters_of,
    softplus,
)
from antitrypsim.modelling.words import Number
from antitrypsim.organs.circulation.module import AAT, FUNCTIONAL, PLASMA
from antitrypsim.organs.circulation.module import p as circulation
from antitrypsim.organs.covariates import (
    AIRWAY_COURSE,
    AIRWAY_DAY,
    ALLELES_Z,
    HEIGHT,
    LUNG_COURSE,
    MALE,
    SMOKING,
)
from antitrypsim.organs.immunity.module import CALMING, IL10, INFLAMMATION, OXIDANT
from antitrypsim.organs.immunity.module import p as immunity

NAME = "lung"
PARAMETERS, p = parameters_of(__file__, NAME)

NEUTROPHILS = State(f"{NAME}.neutrophils", "1", "lung neutrophils relative to a healthy lung")
MACROPHAGES = State(f"{NAME}.macrophages", "1", "macrophage activation relative to a healthy lung")
ELASTIN = State(f"{NAME}.elastin", "1", "lung elastin relative to a young adult")
AIRWAYS = State(f"{NAME}.airways_open", "1", "share of the airways that can close and are open")
TONE = State(f"{NAME}.airway_tone", "1", "passing rise or fall of airflow, standard deviations")
DESMOSINE = State(f"{NAME}.desmosine", "ng/mL", "plasma desmosine", scale=0.1)

URINARY_DESMOSINE = Quantity(
    f"{NAME}.urinary_desmosine", "µg/g", "urinary desmosine over creatinine"
)

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
FAR_INHIBITION = Quantity(
    f"{NAME}.far_inhibition",
    "1/s",
    "rate at which AAT inhibits elastase away from the cells that release it",
)
HEALTHY_ELASTIN = Quantity(
    f"{NAME}.healthy_elastin", "1", "elastin of a typical healthy person of this age"
)
KEPT = Quantity(f"{NAME}.kept_elastin", "1", "elastin relative to a healthy person's of this age")
POLYMER_DRIVE = Quantity(
    f"{NAME}.polymer_drive", "1", "Z polymer in the lung relative to a ZZ lung"
)
CHEMOKINES = Quantity(
    f"{NAME}.chemokines", "1", "IL-8 and LTB4 that free elastase brings about, share of the most"
)
DRAWN = Quantity(f"{NAME}.drawn", "1", "what calls for neutrophils, relative to a healthy lung")
RECRUITMENT = Quantity(
    f"{NAME}.recruitment", "1", "what draws neutrophils, relative to a healthy lung"
)
ATTRACTED = Quantity(
    f"{NAME}.attracted", "1", "neutrophils that recruitment can keep in a lung, relative to health"
)
RELEASE = Quantity(f"{NAME}.release", "1", "elastase released, relative to a healthy lung")
FREE_ELASTASE = Quantity(
    f"{NAME}.free_elastase",
    "1",
    "elastase that reaches elastin, relative to a healthy lung's release",
)
AIRWAY_ELASTASE = Quantity(
    f"{NAME}.airway_free_elastase",
    "1",
    "elastase that reaches airways, relative to a healthy lung's release",
)
BLOOD_ELASTASE = Quantity(
    f"{NAME}.blood_elastase",
    "1",
    "elastase activity of stimulated blood, relative to a healthy lung's neutrophils without AAT",
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
FEV1_USUAL = Quantity(
    f"{NAME}.fev1_usual", "L", "FEV1 in a usual month, apart from what comes and goes"
)
FEV1_USUAL_SHARE = Quantity(f"{NAME}.fev1_usual_share", "1", "FEV1 over predicted in a usual month")
PATENCY = Quantity(
    f"{NAME}.airway_patency", "1", "share of a healthy person's airflow that the airways still give"
)
BURDEN = Quantity(
    f"{NAME}.airway_burden", "1", "neutrophils and free elastase beyond a healthy airway's"
)
EXCESS = Quantity(
    f"{NAME}.airway_excess", "1", "what of that burden narrows airways: none below, and saturating"
)
AIRWAY_HARM = Quantity(
    f"{NAME}.airway_harm", "1/day", "rate at which airways would narrow without limit"
)
AIRWAY_LOSS = Quantity(
    f"{NAME}.airway_loss", "1/day", "rate at which airways narrow, share of what is left"
)
FEV1_FVC = Quantity(f"{NAME}.fev1_fvc", "1", "FEV1 over FVC")
FVC = Quantity(f"{NAME}.fvc", "L", "FVC")
KCO = Quantity(f"{NAME}.kco", "mmol/min/kPa/L", "transfer coefficient of the lung")
SATURATION = Quantity(f"{NAME}.saturation", "percent", "oxygen saturation at rest")

FEV1_YOUNG = Quantity(f"{NAME}.fev1_young", "L", "predicted FEV1 before ageing")
FVC_PREDICTED = Quantity(f"{NAME}.fvc_predicted", "L", "predicted FVC")


def _predicted(what: str, age: Number) -> Number:
    """Published linear reference equation in height and age, by sex (REF-01)."""

    def of(sex: str) -> Number:
        constant, height, per_year = (
            getattr(p, f"predicted_{what}_{sex}_{part}") for part in ("constant", "height", "age")
        )
        return constant + height * HEIGHT + per_year * age

    return MALE * of("male") + (1 - MALE) * of("female")


# Before that age neither FEV1 nor FVC falls: the equations of reference are of adults.
_ADULT_AGE = p.ageing_start + softplus(AGE / DAYS_PER_YEAR - p.ageing_start, p.ageing_onset)
_LIVED = AGE - p.adult_age * DAYS_PER_YEAR


def _activity(spread: Number, course: Number) -> Number:
    """Return active and quiet years as a factor, centred so that it does not move the mean."""
    return sympy.exp(spread * course - spread**2 / 2)


# At most what Z protein itself inhibits: without it no lung fares better (BIO-C36).
_POLYMER = (
    p.polymer_offset
    * p.near_delay
    * p.association
    * p.lining_ratio
    * circulation.activity_Z
    * circulation.rate_Z
    * p.reference_serum_Z
    * POLYMER_DRIVE
)
_EXCESS = softplus(BURDEN - p.burden_harmless, p.burden_corner)
# Of lungs larger than predicted both volumes are: the ratio falls with narrow airways and does not rise.
_narrowed = sympy.log(FEV1_SHARE) - softplus(sympy.log(FEV1_SHARE), p.corner)
_impairment = 1 - (FEV1 / FEV1_PREDICTED + KCO / p.kco_young) / 2

MODULE = Module(
    name=NAME,
    title="lining fluid, elastase, density and airflow",
    parameters=PARAMETERS,
    inputs=(SMOKING, AIRWAY_COURSE, AIRWAY_DAY, LUNG_COURSE),
    changes={
        NEUTROPHILS: p.neutrophil_turnover * (ATTRACTED - NEUTROPHILS),
        MACROPHAGES: p.macrophage_turnover
        * (
            1
            + p.macrophage_neutrophil * (NEUTROPHILS - 1)
            + p.macrophage_smoking * SMOKING
            - MACROPHAGES
        ),
        ELASTIN: -ELASTOLYSIS,
        AIRWAYS: -AIRWAY_LOSS * AIRWAYS ** (1 + p.airway_resistance),
        TONE: p.tone_turnover * (AIRWAY_DAY - TONE),
        DESMOSINE: p.desmosine_turnover
        * (p.desmosine_rest + p.desmosine_yield * ELASTOLYSIS * DAYS_PER_YEAR - DESMOSINE),
    },
    initial={
        NEUTROPHILS: 1,
        MACROPHAGES: 1,
        ELASTIN: 1,
        AIRWAYS: 1,
        TONE: 0,
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
        FAR_INHIBITION: INHIBITION,
        POLYMER_DRIVE: p.polymer_follows_serum * PLASMA["Z"] / p.reference_serum_Z
        + (1 - p.polymer_follows_serum) * ALLELES_Z / 2,
        CHEMOKINES: hill(FREE_ELASTASE, p.chemokine_half, p.chemokine_steepness),
        RECRUITMENT: _activity(p.lung_years_spread, LUNG_COURSE) * CALMING * (1 + _POLYMER) * DRAWN,
        DRAWN: 1
        + p.chemokine_recruitment * CHEMOKINES
        + p.damage_recruitment * softplus(1 - KEPT, p.loss_corner)
        + p.airway_recruitment * (1 - PATENCY)
        + p.smoking_recruitment * SMOKING
        + p.acute_recruitment * INFLAMMATION,
        ATTRACTED: RECRUITMENT / (1 + (RECRUITMENT - 1) / p.neutrophils_most),
        HEALTHY_ELASTIN: sympy.exp(-p.healthy_elastolysis * _LIVED),
        KEPT: ELASTIN / HEALTHY_ELASTIN,
        RELEASE: NEUTROPHILS + p.macrophage_release * (MACROPHAGES - 1),
        FREE_ELASTASE: RELEASE * sympy.exp(-INHIBITION * p.near_delay),
        # Away from the cells what is released has met other AAT: INHIBITION is taken back from FREE_ELASTASE.
        AIRWAY_ELASTASE: FREE_ELASTASE * sympy.exp((INHIBITION - FAR_INHIBITION) * p.near_delay),
        FOOTPRINT: p.footprint_scale
        * FREE_ELASTASE
        * sympy.exp(INHIBITION * p.near_delay - FAR_INHIBITION * p.far_delay),
        BLOOD_ELASTASE: (1 + p.blood_neutrophils * (NEUTROPHILS - 1))
        / (1 + FUNCTIONAL / p.blood_half),
        ELASTOLYSIS: (
            p.elastin_ageing + p.elastin_attack * FREE_ELASTASE * (1 + p.strain * (1 - KEPT) ** 2)
        )
        * ELASTIN,
        DENSITY: p.density_tissue
        + (p.density_young - p.density_tissue) * ELASTIN
        + p.density_smoking * SMOKING,
        FEV1_USUAL: (FEV1_YOUNG - p.ageing_share * (FEV1_YOUNG - FEV1_PREDICTED))
        * p.fev1_spread
        * (1 - p.recoil_share * (1 - KEPT) ** 2)
        * PATENCY,
        FEV1: FEV1_USUAL * sympy.exp(p.tone_spread * TONE),
        FEV1_PREDICTED: _predicted("fev1", _ADULT_AGE),
        FEV1_YOUNG: _predicted("fev1", p.ageing_start),
        FVC_PREDICTED: _predicted("fvc", _ADULT_AGE),
        FEV1_SHARE: FEV1 / FEV1_PREDICTED,
        FEV1_USUAL_SHARE: FEV1_USUAL / FEV1_PREDICTED,
        PATENCY: p.patency_floor + (1 - p.patency_floor) * AIRWAYS,
        BURDEN: p.airway_elastase * (AIRWAY_ELASTASE - p.healthy_free_elastase)
        + (1 - p.airway_elastase) * (NEUTROPHILS - p.healthy_neutrophils),
        EXCESS: _EXCESS / (1 + _EXCESS / p.burden_most),
        AIRWAY_HARM: _activity(p.airway_years_spread, AIRWAY_COURSE)
        * (1 + p.airway_progression * (1 - AIRWAYS))
        * (
            p.airway_attack * EXCESS
            + p.airway_smoking * SMOKING * (1 + p.smoking_sensitivity * AIRWAY_ELASTASE)
        ),
        AIRWAY_LOSS: AIRWAY_HARM / (1 + AIRWAY_HARM / p.airway_loss_most),
        FEV1_FVC: FEV1_PREDICTED / FVC_PREDICTED * sympy.exp((1 - p.fvc_exponent) * _narrowed),
        FVC: FEV1 / FEV1_FVC,
        KCO: p.kco_young * (p.kco_floor + (1 - p.kco_floor) * ELASTIN**p.kco_exponent),
        URINARY_DESMOSINE: p.desmosine_urine * DESMOSINE / p.desmosine_rest,
        SATURATION: p.saturation_full - p.saturation_fall * softplus(_impairment, p.corner) ** 2,
    },
    effects=(
        Term(
            OXIDANT,
            immunity.oxidant_turnover * p.oxidant_neutrophils * (NEUTROPHILS - 1),
            "neutrophils of an inflamed lung make oxidants",
        ),
        Term(
            IL10,
            immunity.cytokine_turnover * p.il10_neutrophils * (NEUTROPHILS - 1),
            "chronic inflammation of the lung is answered by IL-10",
        ),
    ),
)
