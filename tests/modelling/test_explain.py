import dataclasses
import json
import re

import pytest
import sympy
from matplotlib.mathtext import MathTextParser

from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling import Dose, Factor, Term, compose, dose_amount
from antitrypsim.modelling.explain import (
    chain,
    chain_to_text,
    explain_model,
    explain_module,
    to_diagram,
    to_latex,
    to_text,
    ways,
    ways_to_text,
)
from antitrypsim.organs import organ_modules
from antitrypsim.therapies import build_model, therapy_modules

from .toys import CLOUD, FLOW_OUT, GAIN, INFLOW, RAIN, WATER, handle, pond, sky

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def model():
    return build_model()


@pytest.fixture(scope="module")
def explained(model):
    """The whole model, explained once: putting its equations into words takes long."""
    return explain_model(model)


@pytest.fixture(scope="module")
def toy():
    return compose([pond(), sky(Factor(INFLOW, 1 + handle(GAIN) * CLOUD, "rain from clouds"))])


def test_everything_in_the_model_is_explained_once(model, explained):
    modules = explained.modules
    assert [m.name for m in modules] == [name for name, _ in model.modules]
    counters = {h.accumulator.name for h in model.hazards}
    for found, expected in (
        ([s.name for m in modules for s in m.states], set(model.state_names) - counters),
        ([q.name for m in modules for q in m.quantities], set(model.quantity_names)),
        ([f"{m.name}.{p.name}" for m in modules for p in m.parameters], set(model.parameter_names)),
        ([d.name for m in modules for d in m.doses], {d.name for d in model.doses}),
        ([h.name for m in modules for h in m.hazards], {h.name for h in model.hazards}),
    ):
        assert len(found) == len(set(found))
        assert set(found) == expected
    assert sum(len(m.acts_on) for m in modules) == len(model.effects)
    assert sum(explained.grades.values()) == len(model.parameters)


def test_an_explanation_is_plain_data(model, explained):
    data = json.loads(json.dumps(dataclasses.asdict(explained)))
    assert len(data["modules"]) == len(model.modules)


def test_who_acts_on_whom_why_and_in_which_unit(toy):
    (act,) = explain_module(toy, "sky").modules[0].acts_on
    assert (act.module, act.kind, act.target) == ("sky", "multiplies", "pond.inflow")
    assert (act.target_module, act.unit, act.why) == ("pond", "1", "rain from clouds")
    assert act.expression == "gain*cloud + 1"
    assert explain_module(toy, "pond").modules[0].acted_on_by == (act,)
    term = compose([pond(), sky(Term(WATER, RAIN, "drips"))])
    assert explain_module(term, "sky").modules[0].acts_on[0].unit == "g/day"


def test_equations_are_in_short_names(toy):
    water = next(s for s in explain_module(toy, "pond").modules[0].states if "water" in s.name)
    assert (water.unit, water.change, water.initial) == ("g", "inflow - loss*water", "0")


def test_a_parameter_called_like_a_quantity_is_told_apart(model):
    volume = next(
        q
        for q in explain_module(model, "circulation").modules[0].quantities
        if q.name == "circulation.plasma_volume"
    )
    assert volume.equals == "p.plasma_volume*(weight/reference_weight)**weight_exponent"


def test_parameters_say_what_they_rest_on(model):
    (liver,) = explain_module(model, "liver").modules
    ceiling = next(p for p in liver.parameters if p.name == "export_ceiling")
    known = model.parameter("liver.export_ceiling")
    assert (ceiling.value, ceiling.unit, ceiling.grade) == (known.value, "µM", known.grade)
    assert ceiling.rests_on == known.rests_on
    assert ceiling.uncertainty == known.uncertainty.describe()


def test_a_fact_from_memory_is_shown_as_such(model):
    text = to_text(explain_module(model, "circulation"))
    assert "BIO-A24 (recalled)" in text
    assert "BIO-A18 (recalled)" not in text


def test_an_unknown_module_is_told_with_the_nearest(model):
    for ask in (explain_module, to_diagram):
        with pytest.raises(ModelError, match="no module 'livr'; did you mean 'liver'"):
            ask(model, "livr")


def test_the_text_says_everything(model, explained):
    text = to_text(explained)
    for line in [*model.states, *model.quantities]:
        if line.handle.name.endswith("_hazard"):
            continue
        assert f"{line.handle.short} [{line.handle.unit}]: {line.handle.meaning}" in text
    for parameter in model.parameters:
        value = re.escape(f"{parameter.value:g}")
        assert re.search(rf"^  {parameter.name} +{value} ", text, re.MULTILINE)
    for effect in model.effects:
        assert effect.why in text
    for dose in model.doses:
        assert f"{dose.name}, amount in {dose.unit}" in text


def test_numbers_are_not_padded_with_zeros(model):
    assert "= 0.001*molar_mass*serum_aat" in to_text(explain_module(model, "circulation"))


MODULES = [*organ_modules(), *therapy_modules()]


@pytest.mark.parametrize("what", [None, *MODULES], ids=lambda m: m.name if m else "model")
def test_latex_can_be_set(model, what):
    text = to_latex(model if what is None else what)
    assert text.count("\\begin{align}") == text.count("\\end{align}")
    if what is None:
        lines = [*model.states, *model.quantities, *model.doses, *model.hazards]
        # What a module only does to others stands in their equations.
        said = {line.module for line in lines}
        assert text.count("\\begin{align}") == len(said)
        assert text.count("(no equations of its own)") == len(model.modules) - len(said)
    parser = MathTextParser("path")
    for block in re.findall(r"\\begin\{align\}\n(.*?)\n\\end\{align\}", text, re.DOTALL):
        rows = block.split(" \\\\\n")
        assert rows
        for k, row in enumerate(rows):
            assert row.count("&") == 1 or "cases" in row
            # Setting takes long, and each module's own rows are all set: of the model some are.
            if "cases" not in row and (what is not None or k % 6 == 0):
                parser.parse(f"${row.replace('&', '').strip()}$")


def test_latex_of_a_module_has_one_equation_for_a_family():
    text = to_latex(pond())
    assert text.count(r"\mathrm{fish_{i}} &=") == 1
    assert r"\sum_{i} \left( \mathrm{fish_{i}} \right)" in text
    assert r"\mathrm{d}t} \mathrm{water} &=" in text
    assert r"[\mathrm{g/day}]" in text
    composed = to_latex(compose([pond()]))
    assert r"\mathrm{fish_{clear}} + \mathrm{fish_{muddy}}" in composed


def test_latex_shows_effects_apart_in_a_module_and_inside_in_a_model(toy):
    effect = sky(Factor(INFLOW, 1 + CLOUD, "x"), Term(INFLOW, RAIN, "y"))
    text = to_latex(effect)
    assert r"\mathrm{inflow} &\leftarrow \mathrm{inflow} \cdot \left( \mathrm{cloud} + 1" in text
    assert r"\mathrm{inflow} &\leftarrow \mathrm{inflow} + \left( \mathrm{rain}" in text
    assert "cloud" in to_latex(toy).partition("% sky")[0]


def test_latex_of_nothing_is_a_comment():
    empty = sky(changes={}, initial={}, parameters={})
    assert to_latex(empty).startswith("% sky")
    assert "align" not in to_latex(empty)


MERMAID = re.compile(
    r'^(flowchart LR| +(subgraph n_\w+ \["[^"]+"\]|end|'
    r'n_\w+(\["[^"]+"\]|\("[^"]+"\)|\(\["[^"]+"\]\)|\{\{"[^"]+"\}\})|'
    r'n_\w+ (-->|-\.->)(\|"[^"]+"\|)? n_\w+))$'
)


@pytest.mark.parametrize("name", [None, *(m.name for m in MODULES)])
def test_diagrams_are_mermaid(model, name):
    text = to_diagram(model, name)
    assert [line for line in text.splitlines() if not MERMAID.match(line)] == []
    nodes = set(re.findall(r"^ +(n_\w+)[\[({]", text, re.MULTILINE))
    edges = re.findall(r"(n_\w+) (?:-->|-\.->)(?:\|[^|]+\|)? (n_\w+)", text)
    assert {end for edge in edges for end in edge} <= nodes


def test_the_whole_diagram_is_of_modules(toy):
    lines = to_diagram(toy).splitlines()
    assert '  n_sky -->|"multiplies inflow"| n_pond' in lines
    assert sum("[" in line for line in lines) == 2
    # The pond reads the cloud only through the sky's effect.
    assert not [line for line in lines if "-.->" in line and "cloud" in line]


def test_the_diagram_of_a_module_shows_its_neighbours(toy):
    text = to_diagram(toy, "pond")
    assert 'n_sky_2e_cloud -->|"multiplies"| n_pond_2e_inflow' in text
    assert 'n_bucket_2f_pour -->|"dose"| n_pond_2e_water' in text
    assert '{{"flood"}}' in text


def test_the_chain_from_augmentation_to_airflow(model):
    found = chain(model, "augmentation/intravenous", "lung.fev1")
    assert found.names[:5] == (
        "augmentation/intravenous",
        "circulation.plasma[infused]",
        "lung.lining_aat[infused]",
        "lung.inhibition",
        "lung.free_elastase",
    )
    assert found.names[-1] == "lung.fev1"
    grades = {p.id: p.grade for p in model.parameters}
    worst = ["measured", "fitted", "scaled", "assumed"]
    for link in found.links:
        known = [grades[name] for name in link.parameters]
        assert link.grade == max(known, key=worst.index, default="")
    ratio = found.links[1]
    assert ratio.parameters == ("lung.lining_ratio",)
    assert found.grade == max((link.grade for link in found.links if link.grade), key=worst.index)


def test_a_link_counts_only_the_parameters_of_its_own_term(model):
    link = chain(model, "lung.kept_elastin", "lung.drawn").links[-1]
    assert "lung.damage_recruitment" in link.parameters
    others = {"lung.polymer_offset", "lung.smoking_recruitment", "lung.acute_recruitment"}
    assert others <= set(model.parameter_names)
    assert not others & set(link.parameters)


def test_a_chain_of_the_toy(toy):
    found = chain(toy, "sky.cloud", "pond.water")
    assert [(x.through, x.grade) for x in found.links] == [("value", "scaled"), ("rate", "")]
    assert found.grade == "scaled"
    assert chain(toy, "pond.loss", "pond.loss").links == ()
    assert chain(toy, "person.rain", "pond.water").names == (
        "person.rain",
        "pond.inflow",
        "pond.water",
    )


def test_a_factor_hangs_on_nothing_that_it_multiplies(model):
    (link,) = chain(model, "paracrine.airflow_gained", "lung.fev1").links
    assert (link.parameters, link.grade, link.mechanism) == ((), "", "reversible airflow")


def test_a_held_level_starts_a_chain(model):
    found = chain(model, "tacrolimus/oral", "rejection.suppression")
    assert [link.through for link in found.links] == ["level", "value", "value", "value"]
    assert "keeps rejection.tacrolimus [ng/mL] at the amount" in to_text(
        explain_module(model, "immunosuppression")
    )


LAST = (
    "lung.free_elastase", "lung.elastolysis", "lung.elastin", "lung.kept_elastin", "lung.fev1_usual", "lung.fev1",
)  # fmt: skip
SERUM = ("circulation.entry[M]", "circulation.plasma[M]", "lung.lining_aat[M]", "lung.inhibition")


@pytest.mark.parametrize(
    ("module", "mechanism", "names"),
    [
        (
            "msc",
            "cell signalling",
            ("msc/intravenous", "msc.in_lung", "paracrine.lung_drive", "paracrine.lung_signal",
             "paracrine.airflow_gained", "lung.fev1"),
        ),
        (
            "ipsc_hepatocytes",
            "hepatocyte replacement",
            ("ipsc_hepatocytes/portal_vein", "ipsc_hepatocytes.landed", "ipsc_hepatocytes.young",
             "liver.hepatocytes[ipsc_hepatocytes]", *SERUM, *LAST),
        ),
        (
            "exosomes",
            "exosome signalling",
            ("exosomes/inhaled", "exosomes.deposited", "paracrine.lung_drive",
             "paracrine.lung_signal", "paracrine.airflow_gained", "lung.fev1"),
        ),
        (
            "editing",
            "",
            ("base_editor/intravenous", "liver.hepatocytes[edited]", *SERUM, *LAST),
        ),
    ],
)  # fmt: skip
def test_the_first_way_is_how_a_therapy_reaches_airflow(model, module, mechanism, names):
    found = ways(model, module)
    assert (found[0].mechanism, found[0].chain.names) == (mechanism, names)
    assert found[-1].chain.end == "liver.stiffness"
    assert found[0].chain.grade == "assumed"
    text = ways_to_text(found, model.meanings, ["a mechanism"])
    assert text.splitlines()[1].strip().startswith(names[0])
    assert 'build_model(without=["a mechanism"])' in text


def test_a_way_names_what_its_therapy_says_of_a_step(model):
    cells = next(
        link for link in ways(model, "ipsc_hepatocytes")[0].chain.links if "entry" in link.end
    )
    assert cells.parameters == ("ipsc_hepatocytes.secretion", "liver.allele_output")
    assert cells.grade == "assumed"


def test_a_module_without_doses_has_no_ways(model):
    assert ways(model, "lung") == ()
    assert ways_to_text((), {}) == ""
    with pytest.raises(ModelError, match="no module 'mcs'"):
        ways(model, "mcs")


def test_what_was_shown_is_not_shown_again(model):
    found = ways(model, "msc")
    text = ways_to_text(found, model.meanings)
    assert text.count("lung.kept_elastin") == 1
    assert "-> and on to lung.fev1 as above" in text
    alone = chain_to_text(found[-1].chain, model.meanings)
    assert len([line for line in alone.splitlines() if "->" in line]) == len(found[-1].chain.links)


def test_a_chain_may_go_through_an_event(model):
    found = chain(model, "events.exacerbation_rate", "immunity.inflammation")
    assert [link.through for link in found.links] == ["rate", "event"]
    assert found.links[1].parameters == ("events.exacerbation_inflammation",)


def test_a_dose_whose_landing_reads_the_state_is_still_a_dose():
    room = sympy.Piecewise((dose_amount("g") / (1 + CLOUD), CLOUD < 1), (0, True))
    late = sky(doses=(Dose("hail", "fall", "g", {WATER: room * handle(GAIN)}, "hail"),))
    (link,) = chain(compose([pond(), late]), "hail/fall", "pond.water").links
    assert (link.through, link.parameters, link.grade) == ("dose", ("sky.gain",), "scaled")
    assert FLOW_OUT.grade == "measured"


def test_chains_that_are_not(toy):
    with pytest.raises(ModelError, match=r"nothing in the model leads from 'pond.water' to"):
        chain(toy, "pond.water", "sky.cloud")
    with pytest.raises(ModelError, match=r"no end 'pond.watr' of a chain; did you mean"):
        chain(toy, "sky.cloud", "pond.watr")
    with pytest.raises(ModelError, match=r"no start 'bucket/por' of a chain; did you mean"):
        chain(toy, "bucket/por", "pond.water")
    with pytest.raises(ModelError, match="no end 'bucket/pour' of a chain"):
        chain(toy, "pond.water", "bucket/pour")
