"""Hepatocytes of a deceased donor: the comparator that has been in people."""

from antitrypsim.modelling import fixed_of, parameters_of, refused_of
from antitrypsim.therapies.graft import Graft
from antitrypsim.therapies.product import CellProduct

NAME = "primary_hepatocytes"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
GRAFT = Graft(
    NAME,
    PARAMETERS,
    p,
    fixed=(*FIXED,),
    cells=CellProduct(
        NAME,
        sources=("allogeneic",),
        needs_match="cells of a donor are rejected by their mismatch",
    ),
)

_LIVER = "a donor's hepatocytes by {}"

MODULE = GRAFT.module(
    "primary hepatocytes",
    (
        GRAFT.dose(
            NAME,
            "portal_vein",
            meaning=_LIVER.format("portal vein"),
            limit=FIXED.most,
            example=f"{NAME}@portal_vein[hla_mismatches=3]:1e10cells/once+tacrolimus:8ng/mL/held",
        ),
        GRAFT.dose(NAME, "spleen", meaning=_LIVER.format("splenic artery"), limit=FIXED.most),
        GRAFT.dose(
            NAME, "hepatic_artery", meaning=_LIVER.format("hepatic artery"), limit=FIXED.most
        ),
        GRAFT.dose(NAME, "lymph_node", meaning=_LIVER.format("lymph node"), limit=FIXED.most),
        GRAFT.dose(NAME, "intravenous", meaning=_LIVER.format("peripheral vein"), limit=FIXED.most),
    ),
    refuses=refused_of(__file__, NAME),
)
