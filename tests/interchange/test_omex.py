"""COMBINE archives: other tools open them, their task gives our numbers, hostile ones are refused."""

from __future__ import annotations

import csv
import io
import locale
import zipfile

import numpy as np
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.omex import export_omex, read_omex
from antitrypsim.interchange.omex import read as reading
from antitrypsim.interchange.omex.own import import_omex
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model
from tests.interchange.oracles import by_copasi

pytestmark = pytest.mark.independent

OUTPUTS = ("circulation.plasma[infused]", "lung.elastin")


@pytest.fixture(scope="module")
def case():
    model = build_model(therapies=("augmentation",))
    person = draw_people(model, Population(), 1, np.arange(1), np.arange(1))
    return model, person, repeated("augmentation/intravenous", 60.0, every=7.0, until=90.0)


@pytest.fixture(scope="module")
def made(case):
    return export_omex(*case, outputs=OUTPUTS, years=0.5, steps=12)


def test_the_files_come_back_and_the_same_question_gives_the_same_bytes(case, made, tmp_path):
    (tmp_path / "a.omex").write_bytes(made.data)
    found = read_omex(tmp_path / "a.omex")
    assert {k: v.decode() for k, v in found.items() if k != "manifest.xml"} == dict(made.files)
    assert export_omex(*case, outputs=OUTPUTS, years=0.5, steps=12).data == made.data


def test_others_open_it(made, tmp_path):
    libcombine = pytest.importorskip("libcombine")
    libsedml = pytest.importorskip("libsedml")
    (tmp_path / "a.omex").write_bytes(made.data)
    archive = libcombine.CombineArchive()
    assert archive.initializeFromArchive(str(tmp_path / "a.omex"))
    assert archive.getMasterFile().getLocation() == "./simulation.sedml"
    task = libsedml.readSedMLFromString(made.files["simulation.sedml"])
    assert task.getNumErrors() == 0


def test_the_task_gives_the_numbers_of_the_report(case, made):
    rows = list(csv.DictReader(io.StringIO(made.files["report.tsv"]), delimiter="\t"))
    times = [float(row["time"]) for row in rows]
    assert np.ptp(np.diff(times)) < 1e-9
    found = by_copasi(case[0], made.sbml, np.array(times))
    for name in OUTPUTS:
        ours = [float(row[made.sbml.ids[name]]) for row in rows]
        assert found[:, case[0].state_names.index(name)] == pytest.approx(ours, rel=1e-6)


def test_ours_comes_back_as_what_was_simulated(case, made, tmp_path):
    (tmp_path / "a.omex").write_bytes(made.data)
    found = import_omex(tmp_path / "a.omex")
    assert found.outputs == OUTPUTS
    assert found.model.regimen == case[2]
    assert found.model.person.content_hash == case[1].content_hash
    rows = list(csv.DictReader(io.StringIO(made.files["report.tsv"]), delimiter="\t"))
    days = [float(row["time"]) - made.sbml.day_0 for row in rows]
    again = found.model.course().outputs(days, OUTPUTS)
    ours = [[float(row[made.sbml.ids[name]]) for name in OUTPUTS] for row in rows]
    assert again == pytest.approx(np.array(ours), rel=1e-9)
    assert "13 readings" in found.loss.text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"report.tsv": ("2.", "3.")}, "report.tsv was changed since antitrypsim wrote it"),
        ({"report.tsv": ("lung_elastin", "lung_elastine")}, "report.tsv was changed"),
        ({"report.tsv": ("\n", "\n" + "0\t0\t0\n" * 100_001)}, "report.tsv was changed"),
        ({"simulation.sedml": ("numberOfPoints", "number")}, "simulation.sedml was changed"),
        ({"model.xml": ("Every value", "Each value")}, "model.xml: the SBML was changed"),
        ({"model.xml": ("urn:antitrypsim:origin:1", "urn:other")}, "is not one that antitrypsim wrote"),
        ({"model.xml": None}, "holds no model.xml: it is not one that antitrypsim wrote"),
        ({"report.tsv": None}, "has lost its report.tsv"),
    ],
)  # fmt: skip
def test_archives_of_others_and_changed_ones_are_refused_by_name(made, tmp_path, change, message):
    files = dict(made.files)
    for name, pair in change.items():
        files[name] = "" if pair is None else files[name].replace(*pair, 1)
        assert files[name] != made.files[name]
    left = [(name, text) for name, text in files.items() if text]
    (tmp_path / "a.omex").write_bytes(zipped(("manifest.xml", "x"), *left))
    with pytest.raises(InputError, match=message) as told:
        import_omex(tmp_path / "a.omex")
    assert "\n" not in str(told.value)


def test_copasi_opens_it_and_runs_its_task(case, tmp_path):
    """The archive as it is handed over, with inhaled doses every day, at which no reading may fall."""
    model = build_model(therapies=("augmentation",))
    daily = repeated("augmentation/inhaled", 80.0, every=1.0, until=300.0) + case[2]
    made = export_omex(model, case[1], daily, outputs=OUTPUTS, years=1.0, steps=29)
    (tmp_path / "a.omex").write_bytes(made.data)
    import COPASI

    # COPASI makes C the locale of the process, in which text that names no encoding is ASCII.
    locale.setlocale(locale.LC_ALL, "")
    archive = COPASI.CRootContainer.addDatamodel()
    try:
        assert archive.openCombineArchive(str(tmp_path / "a.omex"))
        task = archive.getTask("Time-Course")
        task.getMethod().getParameter("Max Internal Steps").setIntValue(10**7)
        assert task.initialize(COPASI.CCopasiTask.OUTPUT_UI)
        assert task.process(True)
        series = task.getTimeSeries()
        ids = [series.getSBMLId(k, archive) for k in range(series.getNumVariables())]
        rows = list(csv.DictReader(io.StringIO(made.files["report.tsv"]), delimiter="\t"))
        assert series.getRecordedSteps() == len(rows) == 30
        for id in rows[0]:
            k = 0 if id == "time" else ids.index(id)
            found = [series.getConcentrationData(row, k) for row in range(len(rows))]
            assert found == pytest.approx([float(row[id]) for row in rows], rel=1e-6)
    finally:
        COPASI.CRootContainer.removeDatamodel(archive)


def zipped(*entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def link():
    entry = zipfile.ZipInfo("model.xml")
    entry.external_attr = 0o120777 << 16
    return entry


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no zip", "not a COMBINE archive, or it is damaged"),
        (zipped(("manifest.xml", "x" * 999))[:60], "not a COMBINE archive, or it is damaged"),
        (zipped(("../../evil", "x")), "'../../evil' leads out of the archive"),
        (zipped(("/etc/passwd", "x")), "leads out of the archive"),
        (zipped(("a\\..\\..\\b", "x")), "leads out of the archive"),
        (zipped((link(), "/etc/passwd")), "is a link, which is not followed"),
        (zipped(("model.xml", "x")), "this archive has no manifest.xml"),
        (zipped(("manifest.xml", "x"), ("./manifest.xml", "y")), "is there twice"),
        (zipped(*((f"f{k}", "") for k in range(1001))), "more than 1,000 files"),
    ],
    # A zip holds the time at which it was made: two workers would name the tests apart.
    ids=range(9),
)  # fmt: skip
def test_hostile_archives_are_one_sentence(tmp_path, data, message):
    (tmp_path / "a.omex").write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_omex(tmp_path / "a.omex")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST", 100_000)
    (tmp_path / "a.omex").write_bytes(zipped(("manifest.xml", b"\0" * 5_000_000)))
    with pytest.raises(InputError, match="more than 100,000 bytes together"):
        read_omex(tmp_path / "a.omex")


def test_an_unknown_output_is_refused(case):
    with pytest.raises(InputError, match=r"no output 'lung\.elastn'; did you mean 'lung\.elastin'"):
        export_omex(*case, outputs=["lung.elastn"])
    with pytest.raises(InputError, match="at least one output"):
        export_omex(*case, outputs=[])
