"""An open in-silico laboratory for alpha-1 antitrypsin deficiency: virtual patients and trials.

Three lines do a trial::

    import antitrypsim as ats
    trial = ats.run("rapid")
    trial.to_frame()

For research; not for the care of an individual. These names are the public door; everything is
loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from antitrypsim.calibration.posterior.calibrate import calibrate
    from antitrypsim.calibration.posterior.file import Posterior
    from antitrypsim.calibration.posterior.identifiability import identifiability
    from antitrypsim.calibration.validate import validate
    from antitrypsim.evidence import load_registry
    from antitrypsim.experiments.compare import Comparison, compare
    from antitrypsim.experiments.dose_finding import dose
    from antitrypsim.experiments.fitting.fit import fit
    from antitrypsim.experiments.mouse import mice as mouse
    from antitrypsim.experiments.patient import patient
    from antitrypsim.experiments.sensitivity import sensitivity
    from antitrypsim.foundations.errors import AntitrypsimError, InputError, RunError
    from antitrypsim.interchange.adam.importing import import_adam
    from antitrypsim.interchange.adam.write import export_adam
    from antitrypsim.interchange.omex import export_omex
    from antitrypsim.interchange.omex.own import import_omex
    from antitrypsim.interchange.petab.own import import_petab
    from antitrypsim.interchange.petab.write import export_petab
    from antitrypsim.interchange.records import export_records, import_records
    from antitrypsim.interchange.sbml import export_sbml
    from antitrypsim.interchange.sbml.own import import_sbml
    from antitrypsim.interchange.usdm import export_usdm, import_usdm
    from antitrypsim.laboratory.appraisal import appraise
    from antitrypsim.laboratory.design_file.load import load_design
    from antitrypsim.laboratory.questions import judge_design as design
    from antitrypsim.laboratory.questions import power
    from antitrypsim.modelling import Model
    from antitrypsim.modelling.explain import Explanation
    from antitrypsim.populations.enrol import enrol
    from antitrypsim.populations.spec import Population
    from antitrypsim.protocols import Protocol, bundled_protocols, check_protocol, load_protocol
    from antitrypsim.protocols.therapytext import parse_therapy as therapy
    from antitrypsim.runs.folder import read_run
    from antitrypsim.runs.large import run_large
    from antitrypsim.runs.large_result import read_large
    from antitrypsim.runs.requests import request_from
    from antitrypsim.runs.requests.evidence import look_up
    from antitrypsim.simulation.people import People
    from antitrypsim.simulation.regimen import (
        Regimen,
        regimens_from_frame,
        regimens_to_frame,
        repeated,
    )
    from antitrypsim.simulation.results import Results
    from antitrypsim.simulation.settings import Settings
    from antitrypsim.simulation.simulate import simulate, simulate_all
    from antitrypsim.therapies import build_model
    from antitrypsim.trials.trial import Trial
    from antitrypsim.uncertainty.draws import Draws, ParameterSet, draw_uncertainty

    __version__: str

__all__ = [
    "AntitrypsimError",
    "Comparison",
    "Draws",
    "InputError",
    "ParameterSet",
    "People",
    "Population",
    "Posterior",
    "Protocol",
    "Regimen",
    "Results",
    "RunError",
    "Settings",
    "Trial",
    "__version__",
    "appraise",
    "build_model",
    "bundled_protocols",
    "calibrate",
    "check_protocol",
    "compare",
    "design",
    "dose",
    "draw_uncertainty",
    "enrol",
    "explain",
    "export_adam",
    "export_omex",
    "export_petab",
    "export_records",
    "export_sbml",
    "export_usdm",
    "fit",
    "identifiability",
    "import_adam",
    "import_omex",
    "import_petab",
    "import_records",
    "import_sbml",
    "import_usdm",
    "load_design",
    "load_protocol",
    "load_registry",
    "look_up",
    "mouse",
    "patient",
    "power",
    "read_large",
    "read_run",
    "regimens_from_frame",
    "regimens_to_frame",
    "repeated",
    "request_from",
    "run",
    "run_large",
    "sensitivity",
    "simulate",
    "simulate_all",
    "therapy",
    "validate",
]

_HOMES = {
    "AntitrypsimError": "foundations.errors",
    "Comparison": "experiments.compare",
    "Draws": "uncertainty.draws",
    "InputError": "foundations.errors",
    "ParameterSet": "uncertainty.draws",
    "People": "simulation.people",
    "Population": "populations.spec",
    "Posterior": "calibration.posterior.file",
    "Protocol": "protocols",
    "Regimen": "simulation.regimen",
    "Results": "simulation.results",
    "RunError": "foundations.errors",
    "Settings": "simulation.settings",
    "Trial": "trials.trial",
    "build_model": "therapies",
    "bundled_protocols": "protocols",
    "calibrate": "calibration.posterior.calibrate",
    "identifiability": "calibration.posterior.identifiability",
    "appraise": "laboratory.appraisal",
    "check_protocol": "protocols",
    "compare": "experiments.compare",
    "design": "laboratory.questions:judge_design",
    "dose": "experiments.dose_finding",
    "draw_uncertainty": "uncertainty.draws",
    "enrol": "populations.enrol",
    "export_usdm": "interchange.usdm",
    "import_usdm": "interchange.usdm",
    "import_petab": "interchange.petab.own",
    "export_adam": "interchange.adam.write",
    "export_records": "interchange.records",
    "import_records": "interchange.records",
    "export_omex": "interchange.omex",
    "import_adam": "interchange.adam.importing",
    "import_omex": "interchange.omex.own",
    "import_sbml": "interchange.sbml.own",
    "load_design": "laboratory.design_file.load",
    "load_protocol": "protocols",
    "load_registry": "evidence",
    "look_up": "runs.requests.evidence",
    "mouse": "experiments.mouse:mice",
    "patient": "experiments.patient",
    "power": "laboratory.questions",
    "read_large": "runs.large_result",
    "read_run": "runs.folder",
    "regimens_from_frame": "simulation.regimen",
    "regimens_to_frame": "simulation.regimen",
    "repeated": "simulation.regimen",
    "request_from": "runs.requests",
    "run_large": "runs.large",
    "sensitivity": "experiments.sensitivity",
    "simulate": "simulation.simulate",
    "simulate_all": "simulation.simulate",
    "therapy": "protocols.therapytext:parse_therapy",
    "export_petab": "interchange.petab.write",
    "export_sbml": "interchange.sbml",
    "fit": "experiments.fitting.fit",
    "validate": "calibration.validate",
}


def run(
    protocol: str | Path | Protocol,
    *,
    participants: int | None = None,
    uncertainty: int = 0,
    posterior: str | Path | None = None,
    out: str | Path | None = None,
    force: bool = False,
    model: Model | None = None,
    parameters: ParameterSet | None = None,
    settings: Settings | None = None,
) -> Trial:
    """Conduct a trial: a bundled protocol by id, a protocol file, or a Protocol.

    ``participants`` replaces the protocol's number. ``uncertainty`` draws that often from what is unknown, and the trial's ``uncertainty`` says what
    that does to its effects and which unknown decides; 0 for none; ``posterior`` is the file from which they come. ``out`` is a run folder to write, refused before the run where it cannot be; ``force`` replaces a run that
    is there. ``model`` stands in for the packaged one, ``parameters`` for its typical values, and
    ``settings`` say seed, error, threads, progress. Raises InputError for bad input, RunError for a
    run that failed.
    """
    from antitrypsim.experiments.virtual_trial import run_trial
    from antitrypsim.runs.folder import check_target, write_run
    from antitrypsim.simulation.settings import DEFAULT, how

    how(settings or DEFAULT)
    if out is not None:
        check_target(out, force=force)
    trial = run_trial(
        protocol, model=model, participants=participants, parameters=parameters,
        uncertainty=uncertainty, posterior=posterior, settings=settings or DEFAULT,
    )  # fmt: skip
    if out is not None:
        from antitrypsim.reports import trial_html

        page = trial_html(trial, model=model)
        write_run(trial, out, html=page, force=force)
    return trial


def explain(module: str | None = None, *, model: Model | None = None) -> Explanation:
    """Say what is in the model, or in one module: who acts on what, in which unit, resting on what.

    Plain data; ``antitrypsim.modelling.explain`` lays it out as text, LaTeX or a diagram. Raises
    ModelError with the nearest name for a module that the model lacks.
    """
    from antitrypsim.foundations.arguments import words
    from antitrypsim.modelling.explain import explain_model, explain_module
    from antitrypsim.therapies import build_model

    model = model or build_model()
    if module is None:
        return explain_model(model)
    return explain_module(model, words(module, "module"))


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("antitrypsim")
    elif name in _HOMES:
        home, _, original = _HOMES[name].partition(":")
        value = getattr(import_module(f"antitrypsim.{home}"), original or name)
    else:
        raise AttributeError(f"module 'antitrypsim' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
