"""One archive: the model, the task as SED-ML, and the numbers that the task gave here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.sbml import SbmlModel, export_sbml
from antitrypsim.interchange.tables import table_text
from antitrypsim.interchange.undisturbed import Undisturbed
from antitrypsim.modelling import Model
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen

MANIFEST = "manifest.xml"
MOST_STEPS = 100_000
"""The most steps of a task."""

FORMATS = {
    "model.xml": "http://identifiers.org/combine.specifications/sbml.level-3.version-2",
    "simulation.sedml": "http://identifiers.org/combine.specifications/sed-ml.level-1.version-3",
    "report.tsv": "http://purl.org/NET/mediatypes/text/tab-separated-values",
}
"""What each file of an archive is, in the words of COMBINE."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_APART, _LESS, _TRIES = 1e-6, 0.9995, 1000
"""Days by which readings are to lie away from doses, and by which share the step is shortened until they do, and how
often that is tried."""


@dataclass(frozen=True, eq=False)
class Omex:
    """An archive as ``data``, its ``files`` as text, the SBML, and what was lost."""

    data: bytes
    files: Mapping[str, str]
    sbml: SbmlModel
    loss: LossReport


def export_omex(
    model: Model,
    person: People,
    regimen: Regimen | None = None,
    *,
    outputs: Sequence[str],
    years: float = 10.0,
    steps: int = 120,
) -> Omex:
    """Return a COMBINE archive: a uniform time course of ``outputs``, and what it gives here.

    The task runs from the start of the person's simulated life; ``steps`` readings are reported,
    evenly after day 0 and up to ``years`` after it, where no dose is. Raises InputError for an unknown
    output, and as ``export_sbml``.
    """
    known = [*model.state_names, *model.quantity_names]
    for name in outputs:
        if name not in known:
            raise InputError(f"no output '{name}'{nearest(name, known)}")
    if not outputs or not 0 < steps <= MOST_STEPS:
        raise InputError(f"an archive needs at least one output and 1 to {MOST_STEPS:,} steps")
    regimen = regimen or Regimen()
    sbml = export_sbml(model, person, regimen, years=years)
    times = _grid(sbml, regimen, steps)
    days = times - sbml.day_0
    found = Undisturbed(model, person, regimen, years).outputs(list(map(float, days)), outputs)
    ids = [sbml.ids[name] for name in outputs]
    rows = [(float(t), *map(float, row)) for t, row in zip(times, found, strict=True)]
    files = {
        "model.xml": sbml.text,
        "simulation.sedml": _sedml(ids, outputs, float(times[0]), float(times[-1]), steps),
        "report.tsv": table_text(("time", *ids), rows),
    }
    own = LossReport(("the task as SED-ML, and the numbers that it gives here as report.tsv",))
    return Omex(_zipped({MANIFEST: _manifest(), **files}), files, sbml, own + sbml.loss)


def _grid(sbml: SbmlModel, regimen: Regimen, steps: int) -> Floats:
    """Return times after day 0 that are whole steps from 0, none of them at a dose.

    COPASI knows no other start of a report than a whole step, and a reading at the very time of a dose differs.
    """
    given = sbml.day_0 + np.array([t for dose in regimen.doses for t in dose.times])
    step = (sbml.end - sbml.day_0) / (steps + 1)
    for _ in range(_TRIES):
        first = int(sbml.day_0 / step) + 1
        times = np.arange(first, first + steps + 1, dtype=np.float64) * step
        apart = np.abs(times[:, None] - given).min(initial=np.inf)
        if apart > _APART:
            return times
        step *= _LESS
    raise InputError("doses follow each other so closely that every reading would fall on one")


def _sedml(ids: Sequence[str], names: Sequence[str], first: float, last: float, steps: int) -> str:
    variables = [("time", "time", 'symbol="urn:sedml:symbol:time"')] + [
        (
            id,
            name,
            f"target=\"/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='{id}']\"",
        )
        for id, name in zip(ids, names, strict=True)
    ]
    generators = "\n".join(
        f'    <dataGenerator id="given_{id}" name="{escape(name)}"><listOfVariables>'
        f'<variable id="read_{id}" taskReference="task" {what}/></listOfVariables>'
        f'<math xmlns="http://www.w3.org/1998/Math/MathML"><ci>read_{id}</ci></math></dataGenerator>'
        for id, name, what in variables
    )
    sets = "\n".join(
        f'      <dataSet id="set_{id}" label="{id}" dataReference="given_{id}"/>'
        for id, *_ in variables
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- SYNTHETIC: not of real people -->
<sedML xmlns="http://sed-ml.org/sed-ml/level1/version3" xmlns:sbml="http://www.sbml.org/sbml/level3/version2/core" level="1" version="3">
  <listOfSimulations>
    <uniformTimeCourse id="course" initialTime="0" outputStartTime="{first!r}" outputEndTime="{last!r}" numberOfPoints="{steps}">
      <algorithm kisaoID="KISAO:0000019"><listOfAlgorithmParameters>
        <algorithmParameter kisaoID="KISAO:0000209" value="1e-9"/>
        <algorithmParameter kisaoID="KISAO:0000211" value="1e-12"/>
      </listOfAlgorithmParameters></algorithm>
    </uniformTimeCourse>
  </listOfSimulations>
  <listOfModels>
    <model id="model" language="urn:sedml:language:sbml.level-3.version-2" source="model.xml"/>
  </listOfModels>
  <listOfTasks>
    <task id="task" modelReference="model" simulationReference="course"/>
  </listOfTasks>
  <listOfDataGenerators>
{generators}
  </listOfDataGenerators>
  <listOfOutputs>
    <report id="report"><listOfDataSets>
{sets}
    </listOfDataSets></report>
  </listOfOutputs>
</sedML>
"""


def _manifest() -> str:
    own = "http://identifiers.org/combine.specifications/omex"
    lines = [
        f'  <content location="." format="{own}"/>',
        f'  <content location="./{MANIFEST}" format="{own}-manifest"/>',
        *(
            f'  <content location="./{name}" format="{kind}"'
            f"{' master=' + chr(34) + 'true' + chr(34) if name.endswith('.sedml') else ''}/>"
            for name, kind in FORMATS.items()
        ),
    ]
    body = "\n".join(lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<omexManifest xmlns="{own}-manifest">\n{body}\n</omexManifest>\n'


def _zipped(files: Mapping[str, str]) -> bytes:
    """Return a zip of which the same files always give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode("utf-8"))
    return stream.getvalue()
