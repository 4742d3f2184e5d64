"""A course by our engine, by libRoadRunner and by COPASI: every state at the same times."""

from __future__ import annotations

import locale
import os
import tempfile
from pathlib import Path

import numpy as np

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch
from antitrypsim.simulation.constants import constants_of
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.schedule import schedule_of
from antitrypsim.uncertainty.draws import typical

YEAR = 365.25


def gap(model, found, exact):
    """Return |x - y| / (scale + |y|) of each time and state."""
    scales = np.array([line.handle.scale for line in model.states])
    return np.abs(found - exact) / (scales + np.abs(exact))


def by_engine(model, person, regimen, days, years, tolerance=1e-9):
    """Return the states at days since day 0, of a life without chance events."""
    kernel = compile_model(model)
    regimen = regimen or Regimen()
    end = person.age + years * YEAR
    events = schedule_of(kernel, person, (regimen,), np.zeros(1, int), person.birth, end)
    batch = Batch(
        constants=constants_of(model, person, typical(model)),
        start=person.birth,
        end=end,
        initial_inputs=events.inputs,
        event_offsets=events.offsets,
        event_times=events.times,
        event_codes=events.codes,
        event_values=events.values,
        sample_offsets=np.array([0, len(days)]),
        sample_times=person.age[0] + np.asarray(days),
    )
    return kernel.advance(batch, tolerance=tolerance).states


def by_roadrunner(model, sbml, times, tolerance=1e-10):
    """Return the states by libRoadRunner, from SBML alone."""
    import roadrunner

    roadrunner.Logger.disableLogging()
    engine = roadrunner.RoadRunner(sbml.text)
    names = [sbml.ids[n] for n in model.state_names]
    engine.integrator.setValue("stiff", True)
    engine.integrator.setValue("relative_tolerance", tolerance)
    moving = [engine.model.getStateVectorId(k) for k in range(len(model.states) + 1)]
    scale = {sbml.ids[s.handle.name]: s.handle.scale for s in model.states}
    engine.integrator.setValue(
        "absolute_tolerance", [tolerance * scale.get(name, 1.0) for name in moving]
    )
    engine.integrator.setValue("maximum_num_steps", 10**7)
    engine.timeCourseSelections = ["time", *names]
    # The first of the times is where it starts.
    return np.array(engine.simulate(times=[0.0, *times]))[1:, 1:]


def by_copasi(model, sbml, times, tolerance=1e-10):
    """Return the states by COPASI, from SBML alone."""
    import basico

    # COPASI makes C the locale of the process, in which text that names no encoding is ASCII.
    locale.setlocale(locale.LC_ALL, "")

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.xml"
        file.write_text(sbml.text, encoding="utf-8")
        loaded = basico.load_model(os.fspath(file))
    try:
        values = [0.0, *map(float, times)]
        frame = basico.run_time_course(
            values=values, r_tol=tolerance, a_tol=tolerance * 1e-3, max_steps=10**7,
            use_sbml_id=True, model=loaded,
        )  # fmt: skip
        return frame[[sbml.ids[name] for name in model.state_names]].to_numpy()[1:]
    finally:
        basico.remove_datamodel(loaded)
