"""The terms that USDM asks for: CDISC's where the term is known, our own words for the rest."""

from __future__ import annotations

from typing import Any

from antitrypsim.interchange.usdm.model import AliasCode, Code

CDISC = "http://www.cdisc.org"
CDISC_VERSION = "2024-09-27"
OWN = "antitrypsim"
"""The code system of our own words: units, routes and rhythms that have no term here, products."""
OWN_VERSION = "1"

TERMS = {
    "placebo arm": ("C174268", "Placebo Control Arm"),
    "investigational arm": ("C174266", "Investigational Arm"),
    "no intervention arm": ("C174270", "No Intervention Arm"),
    "synthetic": ("C176263", "Synthetic Data"),
    "treatment epoch": ("C101526", "Treatment Epoch"),
    "follow-up epoch": ("C202578", "Follow-Up Epoch"),
    "visit": ("C25716", "Visit"),
    "after": ("C201356", "After"),
    "fixed": ("C201358", "Fixed Reference"),
    "start to start": ("C201355", "Start to Start"),
    "primary objective": ("C85826", "Primary Objective"),
    "secondary objective": ("C85827", "Secondary Objective"),
    "primary endpoint": ("C94496", "Primary Endpoint"),
    "secondary endpoint": ("C139173", "Secondary Endpoint"),
    "inclusion": ("C25532", "Inclusion Criteria"),
    "both": ("C49636", "Both"),
    "male": ("C20197", "Male"),
    "female": ("C16576", "Female"),
    "official title": ("C207616", "Official Study Title"),
    "sponsor": ("C70793", "Clinical Study Sponsor"),
    "interventional": ("C98388", "Interventional Study"),
    "parallel": ("C82639", "Parallel Study"),
    "experimental": ("C41161", "Experimental Intervention"),
    "substance": ("C1909", "Pharmacologic Substance"),
}
"""Terms of the CDISC controlled terminology, by what they are called here."""

WORDS = {
    "mg": ("C28253", "Milligram"),
    "day": ("C25301", "Day"),
    "week": ("C29844", "Week"),
    "year": ("C29848", "Year"),
    "every 1 day": ("C25473", "Daily"),
    "oral": ("C38288", "Oral Route of Administration"),
    "intravenous": ("C38276", "Intravenous Route of Administration"),
    "subcutaneous": ("C38299", "Subcutaneous Route of Administration"),
    "intramuscular": ("C28161", "Intramuscular Route of Administration"),
    "inhaled": ("C38216", "Inhalation Route of Administration"),
}
"""Our words for units, routes and rhythms that have a CDISC term."""

_OTHERS = {
    "milligram per kilogram": "mg/kg",
    "milligrams per kilogram": "mg/kg",
    "gram": "g",
    "microgram": "ug",
    "kilogram": "kg",
    "month": "month",
    "hour": "hour",
    "minute": "minute",
    "weekly": "every 1 week",
    "every week": "every 1 week",
    "once weekly": "every 1 week",
    "every two weeks": "every 2 weeks",
    "every three weeks": "every 3 weeks",
    "every four weeks": "every 4 weeks",
    "every 2 weeks": "every 2 weeks",
    "every 3 weeks": "every 3 weeks",
    "every 4 weeks": "every 4 weeks",
    "twice daily": "every 12 hours",
    "twice per day": "every 12 hours",
    "bid": "every 12 hours",
    "monthly": "every 1 month",
    "every month": "every 1 month",
    "once": "at 0 days",
    "one time": "at 0 days",
    "single": "at 0 days",
    "respiratory (inhalation)": "inhaled",
    "respiratory (inhalation) route of administration": "inhaled",
}
"""What others call such a thing, in lower case, beside CDISC's own decodes."""

_BY_CODE = {code: word for word, (code, _) in WORDS.items()}
_BY_DECODE = {decode.lower(): word for word, (_, decode) in WORDS.items()} | _OTHERS
_ROUTE = " route of administration"


class Numbers:
    """Gives every object of one study an id: its class and a number, in the order of making."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, kind: str) -> str:
        """Return 'StudyArm_2' for the second StudyArm."""
        self._last[kind] = self._last.get(kind, 0) + 1
        return f"{kind}_{self._last[kind]}"

    def term(self, name: str) -> Code:
        """Return a term of the CDISC terminology as a Code."""
        code, decode = TERMS[name]
        return self._code(code, CDISC, CDISC_VERSION, decode)

    def own(self, code: str, decode: str = "") -> Code:
        """Return a word of our own as a Code."""
        return self._code(code, OWN, OWN_VERSION, decode or code)

    def word(self, word: str) -> AliasCode:
        """Return a unit, route or rhythm: CDISC's term with our word as alias, or our word alone."""
        known = WORDS.get(word)
        own = self.own(word)
        if known is None:
            return AliasCode(id=self.next("AliasCode"), standard_code=own)
        return AliasCode(
            id=self.next("AliasCode"),
            standard_code=self._code(known[0], CDISC, CDISC_VERSION, known[1]),
            standard_code_aliases=[own],
        )

    def _code(self, code: str, system: str, version: str, decode: str) -> Code:
        said: dict[str, Any] = {"code": code, "decode": decode}
        return Code(id=self.next("Code"), code_system=system, code_system_version=version, **said)


def own_code(codes: list[Code]) -> str:
    """Return the first code of our own system; nothing where there is none."""
    return next((code.code for code in codes if code.code_system == OWN), "")


def word_of(alias: AliasCode | None) -> str:
    """Return our word for a coded unit, route or rhythm; its decode where we have none."""
    if alias is None:
        return ""
    codes = [alias.standard_code, *alias.standard_code_aliases]
    own = own_code(codes)
    if own:
        return own
    for code in codes:
        decode = " ".join(code.decode.lower().split())
        word = _BY_CODE.get(code.code) or _BY_DECODE.get(decode)
        if word:
            return word
    decode = " ".join(codes[0].decode.split())
    if decode.lower().endswith(_ROUTE):
        return decode[: -len(_ROUTE)].lower().replace(" ", "_")
    return decode
