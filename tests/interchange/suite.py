"""Problems on any SBML, simulated by libRoadRunner: what the suite of PEtab is solved with."""

from __future__ import annotations


def simulator(sbml):
    """Return what ``objective`` asks: values at times, of parameters and what a condition sets."""
    import roadrunner

    roadrunner.Logger.disableLogging()

    def simulate(known, sets, times):
        engine = roadrunner.RoadRunner(sbml)
        engine.integrator.setValue("relative_tolerance", 1e-10)
        engine.integrator.setValue("absolute_tolerance", 1e-14)
        parameters = set(engine.model.getGlobalParameterIds())
        species = list(engine.model.getFloatingSpeciesIds())
        for id, value in {**known, **sets}.items():
            if id in parameters:
                engine.setValue(id, value)
        engine.reset()
        for id, value in sets.items():
            if id in species:
                engine.setValue(f"[{id}]", value)
        rows = []
        now = 0.0
        for time in times:
            if time > now:
                engine.simulate(now, time, 2)
                now = time
            rows.append(
                {id: engine.getValue(f"[{id}]") for id in species}
                | {id: engine.getValue(id) for id in parameters}
            )
        return rows

    return simulate
