"""What every module folder owes."""

import pytest

from antitrypsim.evidence import load_refusals
from antitrypsim.foundations.discovery import REQUIRED
from antitrypsim.foundations.units import parse_unit
from antitrypsim.modelling.handles import Param
from antitrypsim.therapies import build_model
from antitrypsim.therapies.product import ROUTES

from .folders import ROOT, every_folder, module_of

pytestmark = pytest.mark.contract


FOLDERS = every_folder()
each = pytest.mark.parametrize(
    ("folder", "package"), FOLDERS, ids=[folder.name for folder, _ in FOLDERS]
)


def test_the_folders_are_the_model():
    names = [module_of(*folder).name for folder in FOLDERS]
    on_disk = [
        p.parent for room in ("organs", "therapies") for p in (ROOT / room).rglob("module.py")
    ]
    assert sorted(folder for folder, _ in FOLDERS) == sorted(on_disk)
    assert sorted(names) == sorted(name for name, _ in build_model().modules)


@each
def test_a_folder_is_complete(folder, package):
    assert [name for name in REQUIRED if not (folder / name).is_file()] == []


@each
def test_a_module_is_called_as_its_folder(folder, package):
    module = module_of(folder, package)
    assert module.name == folder.name
    assert module.title.strip()
    assert {p.module for p in module.parameters.values()} <= {folder.name}


@each
def test_what_a_module_says_is_named_after_it(folder, package):
    module = module_of(folder, package)
    said = [*module.changes, *module.quantities]
    assert [h.name for h in said if not h.name.startswith(f"{module.name}.")] == []
    assert [h.name for h in said if not h.meaning.strip()] == []


@each
def test_every_parameter_has_a_unit_that_parses(folder, package):
    for parameter in module_of(folder, package).parameters.values():
        assert parse_unit(parameter.unit) is not None


def used():
    model = build_model()
    expressions = [e for s in model.states for e in (s.rate, s.initial)]
    expressions += [q.expression for q in model.quantities]
    expressions += [e for line in model.doses for _, e in line.jumps]
    expressions += [e for line in model.hazards for _, e in line.jumps]
    symbols = set().union(*(e.free_symbols for e in expressions))
    return {s.name for s in symbols if isinstance(s, Param)}


@each
def test_every_parameter_is_used(folder, package):
    module = module_of(folder, package)
    assert {p.id for p in module.parameters.values()} - used() == set()


@each
def test_every_fixed_number_has_a_unit_that_parses(folder, package):
    for number in module_of(folder, package).fixed:
        assert parse_unit(number.unit) is not None


@each
def test_a_refused_route_is_a_route_and_is_not_given_too(folder, package):
    refused = module_of(folder, package).refuses
    assert {r.route for r in refused.values()} <= set(ROUTES)
    assert not set(refused) & {dose.name for dose in build_model().doses}
    products = {dose.product for dose in module_of(folder, package).doses}
    assert {name.partition("/")[0] for name in refused} <= products
    table = load_refusals(folder / "parameters.toml", folder.name)
    assert set(table) == set(refused.values())


@each
def test_every_effect_says_why(folder, package):
    for effect in module_of(folder, package).effects:
        assert effect.why.strip()
