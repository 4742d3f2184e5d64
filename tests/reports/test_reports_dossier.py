"""The design dossier: the answer first, the same words on a terminal, on a page and in a PDF."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory.appraisal import appraise, laboratory
from antitrypsim.laboratory.characteristics import Measured
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.laboratory.power import PowerCurve, power_curve
from antitrypsim.laboratory.recommendation import Recommendation, recommendation
from antitrypsim.protocols import load_protocol
from antitrypsim.reports import lay_out_html, lay_out_pdf, lay_out_text
from antitrypsim.reports import layout_pdf as module
from antitrypsim.reports.document import Section
from antitrypsim.reports.dossier import design_document, power_document
from antitrypsim.reports.dossiersettings import STRATEGIES
from antitrypsim.reports.dossierwords import design_answer, power_answer
from antitrypsim.reports.numbers import flat

pytestmark = pytest.mark.contract


SAID = {
    "trial_design": 1, "id": "of-rapid", "title": "Density or serum <b>", "protocol": "rapid",
    "question": "How many people & how long?", "participants": 60, "replicates": 120,
    "sizes": [40, 80], "relevant": 0.5,
    "primary": {"id": "d", "endpoint": "density", "analysis": "bayesian", "visit": "m24"},
    "library": {"people": 60, "draws": 60, "per_draw": 10},
    "screening": [{"endpoint": "fev1_percent", "max": 65, "why": "to see who falls"}],
    "intercurrent": [{"event": "rescue", "strategy": "hypothetical", "yearly": 0.05}],
    "costs": {"currency": "kEUR", "fixed": 10, "per_participant": 10},
    "worth": {"right_claim": 1500, "wrong_claim": -1500},
    "search": {"participants": [20, 80, 160]},
    "notes": ["Costs are placeholders; see 10.1016/S0140-6736(15)60860-1."],
}  # fmt: skip


@pytest.fixture(scope="module")
def protocol():
    return load_protocol("rapid")


def design_of(protocol, **said):
    design = TrialDesign.model_validate({**SAID, **said})
    check_design(design, protocol)
    return design


@pytest.fixture(scope="module")
def found(protocol):
    return appraise(design_of(protocol), protocol)


def single(text):
    return re.sub(r"\s+", " ", text)


def test_the_text_holds_the_answer_and_what_bears_on_it(found):
    text = single(lay_out_text(design_document(found, pictures=False)))
    for sentence in design_answer(found):
        assert single(sentence) in text
    assert "For research; not for the care of an individual; not for a submission without" in text
    assert "agreement with them proves nothing" in text
    for word in ("Operating characteristics", "Power by number of participants",
                 "Designs that were tried", "Sensitivity: what decides", "true effect, g/L"):  # fmt: skip
        assert word in text
    assert "Manifest" not in text
    power = found.typical.power
    assert f"{100 * power.value:.1f} ± {100 * power.error:.1f} %" in text
    assert "An effect matters from 0.50 g/L." in text


def test_the_whole_text_holds_every_part(found):
    dossier = design_document(found, pictures=False)
    text = single(lay_out_text(dossier, whole=True))
    for section in dossier.sections:
        assert section.title in text
        for table in section.tables:
            for row in table.rows:
                # A long word is broken where the terminal has no room for it.
                words = [word[:12] for cell in row for word in cell.split()]
                assert not [word for word in words if word not in text]
    assert STRATEGIES["hypothetical"] in text
    assert "intercurrent: death values after it are missing" in text
    assert (
        f"Behind the trials stand 60 virtual people, enrolled of {found.lab.library.met} who"
        in text
    )
    assert "people by measured values for 60 places" in text
    for word in ("Aims", "Data", "Estimand", "Methods", "Performance"):
        assert word in text
    assert found.provenance.design in text


@pytest.mark.law
def test_the_flow_adds_up(found):
    # Of 93 to 87, as in RAPID.
    for arm, randomised in zip(found.flow, (31, 29), strict=True):
        assert arm.randomised == pytest.approx(randomised, abs=0.01)
        assert arm.randomised == pytest.approx(arm.died + arm.left + arm.read)
        assert arm.left > 0
    assert [arm.arm for arm in found.flow] == ["active", "placebo"]


def test_the_page_is_whole_by_itself(found):
    page = lay_out_html(design_document(found))
    assert page.lstrip().lower().startswith("<!doctype html")
    assert page.count("<svg") == page.count("</svg>") >= 3
    links = set(re.findall(r'(?:href|src)="(http[^"]*)"', page))
    # RAPID's own report, and the published model of density that stands beside ours.
    assert links == {
        "https://doi.org/10.1016/S0140-6736(15)60860-1",
        "https://doi.org/10.1111/bcp.13358",
    }
    assert not re.search(r"<script|<link|<iframe|<img|@import|url\(\s*['\"]?http", page)
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+|https://doi\.org/\S+", "", page)
    # What people write is shown and not obeyed.
    assert "Density or serum &lt;b&gt;" in page
    assert "<b>" not in page
    assert "how long?" in page
    for sentence in design_answer(found):
        assert sentence in re.sub("[\u00a0\u202f]", " ", page)


def test_the_pdf_is_one(found):
    pytest.importorskip("typst")
    made = lay_out_pdf(design_document(found))
    assert made.startswith(b"%PDF")
    assert len(made) > 20_000


def test_the_data_are_plain(found):
    from antitrypsim.foundations.plain import plain

    data = json.loads(json.dumps(plain(found.to_dict()), allow_nan=False))
    assert data["kind"] == "antitrypsim design"
    assert data["design"]["id"] == "of-rapid"
    assert data["typical"]["power"]["value"] == found.typical.power.value
    assert len(data["tried"]) == 3
    assert sum(c["front"] for c in data["tried"]) >= 1
    assert data["provenance"]["replicates"] == 120
    again = TrialDesign.model_validate(data["design"])
    assert again == found.design


def test_worlds_differ_as_they_must(found):
    assert found.nothing.effect.value == 0
    assert found.nothing.right.value == found.nothing.missed_effect.value == 0
    assert found.typical.effect.value > 0
    assert found.unknown.effect.error > found.typical.effect.error
    told = {round(c.screened.value) for c in (found.typical, found.nothing)}
    assert len(told) == 1


def curve_of(**said):
    base = {
        "sizes": (40, 80), "power": (Measured(0.4, 0.01), Measured(0.9, 0.01)), "assurance": None,
        "hopeless": None, "null": (Measured(0.024, 0.002), Measured(0.026, 0.002)), "target_power": 0.9,
        "needed": 80, "needed_interval": (76.0, 84.0), "at_needed": Measured(0.901, 0.01),
        "at_most": False, "needed_assured": None, "assured_interval": None, "replicates": 2000, "planned": 80,
    }  # fmt: skip
    return PowerCurve(**{**base, **said})


def test_a_power_curve_is_answered_in_words(found):
    text = " ".join(power_answer(found.lab, curve_of()))
    assert text.startswith("With 80 participants, as planned, 90 % of the trials would show")
    assert "a benefit at two-sided 0.05, if the typical values of the model are true." in text
    assert "Judged by Lung density PD15 at TLC: " in text
    assert "For 90 % it would take 80 participants (95 % limits from resampled trials: 76 to 84); trials of that size had 90.1 %." in text  # fmt: skip
    assert "Where nothing works, 2.6 % would claim a benefit (± 0.2; 2.5 % is nominal)." in text
    assert "assurance" not in text
    none = " ".join(power_answer(found.lab, curve_of(needed=None, needed_interval=None, at_needed=None)))  # fmt: skip
    assert "No size up to 80 gives the power of 90 % that is wanted." in none
    unsure = curve_of(
        assurance=(Measured(0.3, 0.02), Measured(0.6, 0.02)), hopeless=0.2, planned=60
    )
    text = " ".join(power_answer(found.lab, unsure))
    assert "With 40 participants " in text
    assert "Averaged over what is unknown, 30 % would (40 participants): the assurance." in text
    # Any benefit counts as one where the design does not say what matters.
    matters = " that matters" if found.lab.design.relevant is not None else ", however small,"
    assert f"In 20 % of the draws there is no benefit{matters} to be found" in text
    assert "No size that was looked at brings the assurance to 90 %." in text
    sure = replace(unsure, needed_assured=300, assured_interval=(250.0, float("inf")))
    assert (
        "An assurance of 90 % takes 300 participants (95 % limits from resampled draws: 250 to more "
        "than was looked at)."
    ) in " ".join(power_answer(found.lab, sure))
    few = curve_of(at_most=True, needed_interval=None)
    assert "80 participants, the smallest size looked at, or fewer" in " ".join(
        power_answer(found.lab, few))  # fmt: skip


def test_a_power_document_is_shown(protocol, found):
    curve = power_curve(found.lab, replicates=60)
    dossier = power_document(found.lab, curve)
    text = single(lay_out_text(dossier))
    for sentence in power_answer(found.lab, curve):
        assert single(sentence) in text
    for n, *row in zip(curve.sizes, curve.power, curve.assurance, curve.null, strict=True):
        cells = (f"{100 * one.value:.1f} ± {100 * one.error:.1f} %" for one in row)
        assert f"{n} {' '.join(cells)}" in text
    page = lay_out_html(dossier)
    assert "<svg" in page
    assert "Share of trials that claim a benefit" in page


def test_recommendations_follow_from_what_was_found(found):
    bare = replace(found, tried=(), worth="nothing")

    def told(**said):
        lab = {k: said.pop(k) for k in ("power", "null", "unknown") if k in said}
        typical = replace(bare.typical, power=Measured(lab.get("power", 0.95), 0.01))
        nothing = replace(bare.nothing, power=Measured(lab.get("null", 0.025), 0.002))
        unknown = lab.get("unknown")
        if unknown is not None:
            unknown = replace(
                bare.unknown, power=Measured(unknown[0], 0.01), matters=Measured(unknown[1], 0.01)
            )
        one = replace(bare, typical=typical, nothing=nothing, unknown=unknown)
        decided.append(recommendation(one))
        return " ".join(design_answer(one))

    decided = []
    assert "this trial can answer its question" in told()
    assert "too small for the power of 90 %" in told(power=0.5)
    assert "do not rest a claim on this design" in told(null=0.2)
    assert "misleads more often than its level says" in told(null=0.2)
    assert "measure first what decides" in told(unknown=(0.4, 0.9))
    assert "no size of this trial is worth its patients" in told(unknown=(0.4, 0.01))
    assert decided == [
        Recommendation.SOUND, Recommendation.TOO_SMALL, Recommendation.MISLEADING,
        Recommendation.MISLEADING, Recommendation.MEASURE_FIRST, Recommendation.HOPELESS,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"design": {"kind": "group-sequential", "looks": [0.5, 1],
                     "futility": {"rule": "z", "below": 0}}},
         ("ends at look 1", "ends at look 2", "given up for futility")),
        ({"primary": {**SAID["primary"], "compare": ["active"]}, "participants": 12,
          "design": {"kind": "single-arm", "report": 2}},
         ("would report a mean change of +2 g/L or more", "reported and significant",
          "Without a concurrent control its estimate also holds what people do untreated")),
        ({"design": {"kind": "dose-escalation", "toxicity": ["fever"]},
          "primary": {**SAID["primary"], "compare": ["active"]}},
         ("The escalation enters", "recommends active", "recommends none")),
        ({"design": {"kind": "platform", "per_arm": 20, "arms": [{"arm": "active", "month": 0}]}},
         ("claims a benefit",)),
    ],
)  # fmt: skip
def test_each_kind_is_told_in_its_own_words(protocol, said, words):
    small = {"library": {"people": 60, "draws": 0}, "screening": [], "intercurrent": [],
             "replicates": 60}  # fmt: skip
    design = design_of(protocol, **small, **said)
    design = design.model_copy(update={"search": None, "worth": None})
    one = appraise(design, protocol)
    text = single(lay_out_text(design_document(one), whole=True))
    for word in words:
        assert word in text
    assert "What decides the true effect is not told: nothing unknown was drawn." in text
    assert "no search was asked for, so there is no choice to inform" in text
    assert (one.curve is None) == (design.design.kind in ("dose-escalation", "platform"))
    pictures = lay_out_html(design_document(one)).count("<svg")
    assert pictures >= 1 or design.design.kind == "dose-escalation"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"worth": None}, "the file states no 'worth' of conclusions, so information has no price"),
        ({"library": {"people": 20, "draws": 0}}, "nothing unknown was drawn"),
        ({"library": {"people": 20, "draws": 30, "per_draw": 4}}, "30 draws say nothing about"),
        ({"library": {"people": 20, "draws": 30, "per_draw": 4}, "replicates": 20},
         "20 trials are fewer than the 30 draws"),
    ],
)  # fmt: skip
def test_why_there_is_no_worth_is_said(protocol, said, why):
    base = {"replicates": 30, "screening": [], "search": {"participants": [20]}, "sizes": []}
    priced = "worth" not in said
    design = design_of(protocol, **{**base, **said, "worth": SAID["worth"]})
    if not priced:
        design = design.model_copy(update={"worth": None})
    one = appraise(design, protocol)
    assert why in one.worth
    assert why in single(lay_out_text(design_document(one, pictures=False)))


def test_without_typst_a_pdf_is_a_sentence(found, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(InputError, match=r"a PDF needs the extra 'pdf'"):
        module.checked_pdf()
    with pytest.raises(InputError, match=r"--html needs nothing"):
        lay_out_pdf(design_document(found, pictures=False))


def test_signs_that_typst_would_obey_are_set_as_they_stand(found):
    pytest.importorskip("typst")
    dossier = design_document(found, pictures=False)
    odd = replace(dossier, answer=(Section(sentences=('#panic("x") $ * _ @ \\ " [ ] < > `',)),))
    assert lay_out_pdf(odd).startswith(b"%PDF")


def test_plain_data_in_one_line():
    assert flat({"a": 1.0, "b": [1, 2.5], "c": None, "d": {}, "e": {"f": "x"}}) == "a 1, b [1, 2.5], e f x"  # fmt: skip
    assert flat(()) == "[]"


@pytest.mark.law
def test_a_laboratory_is_the_same_twice(protocol):
    design = design_of(protocol, library={"people": 20, "draws": 0}, sizes=[])
    one, _ = laboratory(design, protocol)
    two, _ = laboratory(design, protocol)
    assert one.library.provenance == two.library.provenance
