"""How a body answers the signals of mesenchymal cells, their vesicles and their like."""

import sympy

from antitrypsim.modelling import Factor, Module, Quantity, State, Term, parameters_of
from antitrypsim.organs.events.module import EXACERBATION_DRIVE
from antitrypsim.organs.immunity.module import CRP, CRP_DRIVE, IL10, OXIDANT, TGFB
from antitrypsim.organs.immunity.module import p as immunity
from antitrypsim.organs.liver.module import COLLAGEN
from antitrypsim.organs.liver.module import p as liver
from antitrypsim.organs.lung.module import ELASTIN, FEV1, MACROPHAGES, RECRUITMENT
from antitrypsim.organs.lung.module import p as lung
from antitrypsim.organs.wellbeing.module import WALK

NAME = "paracrine"
PARAMETERS, p = parameters_of(__file__, NAME)

LUNG_SIGNAL = State(f"{NAME}.lung_signal", "1", "paracrine signal in the lung, 0 to 1", scale=0.1)
LIVER_SIGNAL = State(
    f"{NAME}.liver_signal", "1", "paracrine signal in the liver, 0 to 1", scale=0.1
)
LUNG_DRIVE = Quantity(f"{NAME}.lung_drive", "1", "what drives the signal in the lung")
LIVER_DRIVE = Quantity(f"{NAME}.liver_drive", "1", "what drives the signal in the liver")

IL10_RAISED = Quantity(
    f"{NAME}.il10_raised", "1", "IL-10 that host macrophages add, relative to rest"
)
TGFB_RAISED = Quantity(f"{NAME}.tgfb_raised", "1", "TGF-β that the signal adds, relative to rest")
MACROPHAGES_CALMED = Quantity(
    f"{NAME}.macrophages_calmed", "1", "share of excess macrophage activation that is calmed"
)
NEUTROPHILS_HELD = Quantity(f"{NAME}.neutrophils_held", "1", "log fall of neutrophil recruitment")
OXIDANTS_QUENCHED = Quantity(
    f"{NAME}.oxidants_quenched", "1", "share of excess oxidative stress that is quenched"
)
COLLAGEN_LOOSENED = Quantity(
    f"{NAME}.collagen_loosened", "1", "rise of the turnover of excess liver collagen"
)
AIRFLOW_GAINED = Quantity(f"{NAME}.airflow_gained", "1", "log rise of FEV1 while the signal lasts")
REGROWN = Quantity(f"{NAME}.regrown", "1/day", "lost elastin that grows back; none by default")

_IN_MAN = p.lung_translation * LUNG_SIGNAL
_IN_LIVER = p.liver_translation * LIVER_SIGNAL

MODULE = Module(
    name=NAME,
    title="the body's answer to paracrine signals",
    parameters=PARAMETERS,
    changes={
        LUNG_SIGNAL: p.onset * LUNG_DRIVE * (1 - LUNG_SIGNAL) - p.fading * LUNG_SIGNAL,
        LIVER_SIGNAL: p.onset * LIVER_DRIVE * (1 - LIVER_SIGNAL) - p.fading * LIVER_SIGNAL,
    },
    initial={LUNG_SIGNAL: 0, LIVER_SIGNAL: 0},
    quantities={
        LUNG_DRIVE: 0,
        LIVER_DRIVE: 0,
        # A power, not a product: of the wrong sign it must not take IL-10 below zero.
        IL10_RAISED: (1 + p.animal_il10) ** _IN_MAN - 1,
        TGFB_RAISED: p.tgfb * LIVER_SIGNAL,
        MACROPHAGES_CALMED: p.animal_macrophages * _IN_MAN,
        NEUTROPHILS_HELD: p.animal_neutrophils * _IN_MAN,
        OXIDANTS_QUENCHED: p.animal_oxidants * _IN_MAN,
        COLLAGEN_LOOSENED: p.animal_collagen * _IN_LIVER,
        AIRFLOW_GAINED: p.animal_lung_function * p.airflow_of_effect * _IN_MAN,
        REGROWN: p.regrowth * LUNG_SIGNAL * (1 - ELASTIN),
    },
    effects=(
        Term(
            IL10,
            immunity.cytokine_turnover * IL10_RAISED,
            "host macrophages make IL-10 when they meet PGE2",
            mechanism="il-10",
        ),
        Term(
            TGFB,
            immunity.cytokine_turnover * TGFB_RAISED,
            "the cells release TGF-β, which also drives stellate cells",
            mechanism="tgf-beta",
        ),
        Term(
            MACROPHAGES,
            -lung.macrophage_turnover * MACROPHAGES_CALMED * (MACROPHAGES - 1),
            "macrophages return towards rest",
            mechanism="macrophages",
        ),
        Factor(
            RECRUITMENT,
            sympy.exp(-NEUTROPHILS_HELD),
            "TSG-6 holds neutrophils back",
            mechanism="neutrophils",
        ),
        Term(
            OXIDANT,
            -immunity.oxidant_turnover * OXIDANTS_QUENCHED * (OXIDANT - 1),
            "excess oxidative stress falls",
            mechanism="oxidative stress",
        ),
        Factor(
            CRP_DRIVE,
            sympy.exp(-p.crp * LUNG_SIGNAL * CRP / (CRP + p.crp_half)),
            "CRP falls where it is raised",
            mechanism="systemic inflammation",
        ),
        Term(
            COLLAGEN,
            -liver.collagen_turnover * COLLAGEN_LOOSENED * (COLLAGEN - 1),
            "matrix is broken down faster",
            mechanism="antifibrotic action",
        ),
        Factor(
            FEV1,
            sympy.exp(AIRFLOW_GAINED),
            "airways are less inflamed while the signal lasts",
            mechanism="reversible airflow",
        ),
        Term(
            WALK,
            p.walk * LUNG_SIGNAL,
            "people walk farther while the signal lasts",
            mechanism="activity",
        ),
        Factor(
            EXACERBATION_DRIVE,
            sympy.exp(-p.exacerbations * LUNG_SIGNAL),
            "fewer or more severe exacerbations while the signal lasts",
            mechanism="exacerbations",
        ),
        Term(
            ELASTIN,
            REGROWN,
            "alveoli regrow: an assumption, off by default",
            mechanism="alveolar regrowth",
        ),
    ),
)
