"""The public door: about 40 names, nothing else, and nothing heavy behind them until asked for."""

import subprocess
import sys

import pytest

import antitrypsim as ats
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.contract


NAMES = {
    "AntitrypsimError", "Comparison", "Draws", "InputError", "ParameterSet", "People", "Population", "Protocol",
    "Regimen", "Results", "RunError", "Settings", "Trial", "__version__", "appraise", "build_model", "bundled_protocols",
    "check_protocol", "compare", "design", "dose", "draw_uncertainty", "enrol", "explain", "export_adam", "export_petab", "export_records", "export_sbml", "export_usdm", "import_petab", "import_records", "import_usdm", "load_design", "load_protocol", "load_registry", "look_up",
    "mouse", "patient", "power", "read_large", "read_run", "regimens_from_frame", "regimens_to_frame", "repeated", "request_from", "run", "run_large", "simulate", "simulate_all", "therapy", "validate",
    "Posterior", "calibrate", "fit", "export_omex", "identifiability", "sensitivity", "import_adam", "import_omex", "import_sbml",
}  # fmt: skip


def test_the_door_holds_these_names_and_no_others():
    assert set(ats.__all__) == NAMES
    assert dir(ats) == sorted(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_is_there(name):
    assert getattr(ats, name) is not None


def test_no_name_is_hidden_by_a_room():

    assert callable(ats.patient)
    assert callable(ats.validate)
    assert callable(ats.run)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ats.nothing


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_door_pulls_in_nothing_heavy():
    code = (
        "import sys, antitrypsim\n"
        "heavy = {'numpy', 'sympy', 'pandas', 'scipy', 'pydantic', 'typer', 'llvmlite'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert python(code) == "[]"


def test_three_lines_do_a_trial():
    trial = ats.run("rapid", participants=20, settings=Settings(seed=2))
    frame = trial.to_frame()
    assert {"arm", "endpoint", "visit", "n", "estimate", "se", "lower", "upper", "p"} <= set(frame)
    assert isinstance(trial, ats.Trial)


def test_run_takes_a_protocol_and_writes_a_folder(tmp_path):
    protocol = ats.load_protocol("rapid")
    trial = ats.run(protocol, participants=20, settings=Settings(seed=2), out=tmp_path / "mine")
    back = ats.read_run(tmp_path / "mine")
    assert back.protocol.content_hash == protocol.content_hash
    assert len(back.results) == len(trial.rows)
    with pytest.raises(ats.InputError, match="holds a run already"):
        ats.run(protocol, participants=20, out=tmp_path / "mine")


def test_explain_says_a_module():
    assert [m.name for m in ats.explain("liver").modules] == ["liver"]
    with pytest.raises(ats.InputError, match="did you mean 'liver'"):
        ats.explain("livr")


def test_therapy_reads_a_text():
    regimen = ats.therapy("augmentation:60mg/kg/week", years=1)
    assert isinstance(regimen, ats.Regimen)
    assert len(regimen.doses[0].times) == 53
