"""Systemic inflammation: the acute phase, CRP, IL-10, TGF-β and oxidative stress."""

from antitrypsim.modelling import Factor, Module, Quantity, State, parameters_of
from antitrypsim.organs.circulation.module import TRANSCRIPTION
from antitrypsim.organs.covariates import SMOKING

NAME = "immunity"
PARAMETERS, p = parameters_of(__file__, NAME)

INFLAMMATION = State(
    f"{NAME}.inflammation",
    "1",
    "acute inflammation; 1 at the height of a severe exacerbation",
    scale=0.1,
)
CRP = State(f"{NAME}.crp", "mg/L", "C-reactive protein", scale=2.0)
IL10 = State(f"{NAME}.il10", "1", "IL-10 relative to rest")
TGFB = State(f"{NAME}.tgfb", "1", "TGF-β relative to rest")
OXIDANT = State(
    f"{NAME}.oxidative_stress", "1", "oxidative stress relative to a never-smoker at rest"
)

CRP_DRIVE = Quantity(f"{NAME}.crp_drive", "1", "drive of CRP relative to rest")
CALMING = Quantity(f"{NAME}.calming", "1", "factor on recruitment; below 1 where IL-10 is raised")

MODULE = Module(
    name=NAME,
    title="systemic inflammation",
    parameters=PARAMETERS,
    changes={
        INFLAMMATION: -p.inflammation_decay * INFLAMMATION,
        CRP: p.crp_turnover * (p.crp_rest * CRP_DRIVE - CRP),
        IL10: p.cytokine_turnover * (1 + p.il10_response * INFLAMMATION - IL10),
        TGFB: p.cytokine_turnover * (1 + p.tgfb_response * INFLAMMATION - TGFB),
        OXIDANT: p.oxidant_turnover
        * (1 + p.oxidant_smoking * SMOKING + p.oxidant_inflammation * INFLAMMATION - OXIDANT),
    },
    initial={INFLAMMATION: 0, CRP: p.crp_rest, IL10: 1, TGFB: 1, OXIDANT: 1},
    quantities={
        CRP_DRIVE: 1 + p.crp_gain * INFLAMMATION,
        CALMING: IL10**-p.calming,
    },
    effects=(
        Factor(
            TRANSCRIPTION,
            1 + (p.acute_phase_max - 1) * CRP / (p.acute_phase_half + CRP),
            "AAT is an acute-phase protein: inflammation raises every allele's output alike",
        ),
    ),
)
