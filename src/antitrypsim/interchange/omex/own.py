"""COMBINE archives of ours imported: what was simulated, and whether the report says what it gives here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.omex.read import read_omex
from antitrypsim.interchange.omex.write import FORMATS, MOST_STEPS, export_omex
from antitrypsim.interchange.sbml.own import OwnModel, own_model


@dataclass(frozen=True, eq=False)
class OwnArchive:
    """What an archive of ours says: the ``model``, the ``outputs`` that its task reports, and what was lost."""

    model: OwnModel
    outputs: tuple[str, ...]
    loss: LossReport


def import_omex(file: str | Path) -> OwnArchive:
    """Return what an archive of ours holds, after simulating its task again.

    Raises InputError, one sentence, for an archive that is none, one that holds a model of others, and one of which task
    or report are not what the model gives here.
    """
    place = str(file)
    files = read_omex(file)
    if "model.xml" not in files:
        raise InputError(
            "this archive holds no model.xml: it is not one that antitrypsim wrote; only its own can be imported",
            path=place,
        )
    try:
        texts = {
            name: content.decode("utf-8") for name, content in files.items() if name in FORMATS
        }
    except UnicodeDecodeError as problem:
        raise InputError("a file of the archive is not text in UTF-8", path=place) from problem
    model = own_model(texts["model.xml"], f"{place}, model.xml")
    for name in FORMATS:
        if name not in texts:
            raise InputError(
                f"this archive of ours has lost its {name}; export it anew", path=place
            )
    o = model.origin
    head, *rows = texts["report.tsv"].splitlines() or [""]
    ids = {id: name for name, id in _ids(model).items()}
    columns = head.split("\t")[1:]
    steps = len(rows) - 1
    if not columns or not 0 < steps <= MOST_STEPS or any(id not in ids for id in columns):
        raise InputError(
            "report.tsv was changed since antitrypsim wrote it; export it anew", path=place
        )
    outputs = tuple(ids[id] for id in columns)
    again = export_omex(
        o.built(), o.person, o.regimen, outputs=outputs, years=o.years, steps=steps
    )  # fmt: skip
    for name in ("simulation.sedml", "report.tsv"):
        if again.files[name] != texts[name]:
            raise InputError(
                f"{name} was changed since antitrypsim wrote it; export it anew", path=place
            )
    beside = sorted(set(files) - set(FORMATS) - {"manifest.xml"})
    own = LossReport(
        (
            f"the task, simulated again: {so_many(len(rows), 'reading')} of {', '.join(outputs)}, as the report says",
        ),
        (),
        tuple(f"{name}: not one of ours" for name in beside),
    )
    return OwnArchive(model, outputs, model.loss + own)


def _ids(model: OwnModel) -> dict[str, str]:
    from antitrypsim.interchange.sbml.names import Names

    return dict(Names(model.course().whole).moving)
