"""Exported XPT files as R reads and analyses them; ``tests/reference/interchange/adam.R`` made the numbers."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from antitrypsim.documents.trialdata import read_table
from antitrypsim.interchange.adam.study import adam_of
from antitrypsim.interchange.adam.write import export_adam
from antitrypsim.statistics import ANALYSES
from tests.interchange.adam.made import made

pytestmark = pytest.mark.independent

R = json.loads(
    (Path(__file__).parents[2] / "reference" / "interchange" / "adam.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("adam") / "xpt"
    export_adam(made(), out)
    return out


def frame(folder, name, parameter):
    rows = read_table(folder / f"{name}.xpt")
    return rows[rows["PARAMCD"] == parameter]


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_r_reads_every_name_label_and_digit() -> None:
    for found in adam_of(made()).datasets:
        theirs = R["files"][found.name.lower()]
        assert theirs["label"] == found.label
        assert theirs["rows"] == len(found.frame)
        assert theirs["names"] == [v.name for v in found.variables]
        assert theirs["labels"] == [v.label for v in found.variables]
        numbers = [v.name for v in found.variables if v.kind != "text"]
        lines = ["NA" if v != v else f"{v:.17g}" for n in numbers for v in found.frame[n].tolist()]
        text = "".join(f"{line}\n" for line in lines)
        assert theirs["md5"] == hashlib.md5(text.encode()).hexdigest()
    assert len(R["files"]) == len(adam_of(made()).datasets)


def test_ancova_is_that_of_r(folder) -> None:
    found = ANALYSES["ancova"].run(
        frame(folder, "adlung", "PD15"), reference="placebo", visit="m24"
    )
    contrast = found.rows[-1]
    assert contrast.n == R["ancova"]["n"]
    close(
        [contrast.estimate, contrast.se, contrast.p],
        [R["ancova"][k] for k in ("estimate", "se", "p")],
    )
    for row in found.rows[:-1]:
        close(
            [row.estimate, row.se], [R["ancova"]["means"][row.arm], R["ancova"]["errors"][row.arm]]
        )


def test_mmrm_is_that_of_r(folder) -> None:
    found = ANALYSES["mmrm"].run(frame(folder, "adlung", "PD15"), reference="placebo", visit="m24")
    close([found.rows[-1].estimate, found.rows[-1].se], [R["mmrm"]["estimate"], R["mmrm"]["se"]])


def test_cox_is_that_of_r(folder) -> None:
    row = ANALYSES["cox"].run(frame(folder, "adtte", "DEATH"), reference="placebo").rows[-1]
    close([row.estimate, row.se, row.p], [R["cox"][k] for k in ("ratio", "se", "p")])
