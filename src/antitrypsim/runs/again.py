"""Repeat a run from its own folder and compare: what it says can be checked by whoever holds it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from antitrypsim.calibration.posterior.knowledge import ASKED_PRIOR, Knowledge
from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.files import beside
from antitrypsim.protocols import load_protocol
from antitrypsim.runs.differing import RunDifference, difference
from antitrypsim.runs.folder import Run, read_run, write_run
from antitrypsim.runs.large import conduct_large
from antitrypsim.runs.large_result import LargeRun
from antitrypsim.runs.plan import PROTOCOL, is_large, plan_in
from antitrypsim.simulation.settings import DEFAULT, Settings


def resume(folder: Path, *, cluster: str | None = None, settings: Settings = DEFAULT) -> LargeRun:
    """Go on with a run in parts where it was stopped, or check one that is finished.

    Seed and error are the folder's. Raises as ``runs.large.run_large``, and InputError for a folder
    of another kind.
    """
    plan, model = plan_in(folder)
    return conduct_large(
        plan, model, folder, cluster=cluster, settings=_as_run(settings, plan.seed, plan.tolerance)
    )


def rerun(
    folder: Path, *, posterior: str | Path | None = None, settings: Settings = DEFAULT
) -> RunDifference:
    """Repeat a finished run beside its folder, compare the two, and remove the repeat.

    A run that drew what is unknown from a ``posterior`` that is not the packaged one needs its file, which a
    folder does not hold. Raises
    InputError for a folder that is no finished run, and for another posterior or none.
    """
    target = Path(folder).resolve()
    with beside(target) as workplace:
        place = workplace / target.name
        if is_large(folder):
            plan, model = plan_in(folder)
            how = _as_run(settings, plan.seed, plan.tolerance)
            conduct_large(plan, model, place, settings=how)
            return difference(folder, place)
        run = read_run(folder)
        said = run.manifest
        trial = run_trial(
            load_protocol(folder / PROTOCOL),
            participants=said["participants"],
            uncertainty=run.uncertainty.draws if run.uncertainty else 0,
            posterior=_drawn_from(run, posterior),
            settings=replace(
                _as_run(settings, said["seed"], said["tolerance"]),
                meet_anew="lives" not in said["enrolled"],
            ),
        )
        write_run(trial, place)
        return difference(folder, place)


def _drawn_from(run: Run, posterior: str | Path | None) -> str | Path | None:
    """Return the posterior that a run drew from, as ``Knowledge.read`` is asked for it."""
    drawn = run.manifest["hashes"].get("posterior", "")
    asked = ASKED_PRIOR if posterior is None and not drawn else posterior
    found = Knowledge.read(asked).posterior
    if ("" if found is None else found.content_hash) == drawn:
        return asked
    if posterior is None:
        raise InputError(
            "this run drew what is unknown from a posterior, whose file is not kept with it; give it with "
            "--posterior", path=str(run.folder),
        )  # fmt: skip
    raise InputError("this is not the posterior that the run drew from", path=str(posterior))


def _as_run(settings: Settings, seed: int, tolerance: float) -> Settings:
    return replace(settings, seed=seed, tolerance=tolerance)
