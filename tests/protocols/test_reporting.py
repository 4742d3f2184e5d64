"""What consensus lists ask for and a protocol leaves out."""

from __future__ import annotations

import pytest

from antitrypsim.cli.main import app
from antitrypsim.protocols import bundled_protocols, load_protocol, reporting

pytestmark = pytest.mark.contract


def said(id, arm):
    (one,) = [r for r in reporting(load_protocol(id)) if r.arm == arm and r.items]
    return one, {item.name: item.stated for item in one.items}


def test_cells_of_a_donor():
    one, items = said("hepatocyte-selection", "donor")
    assert items["HLA match"] == "3 of 6 antigens differ"
    assert items["immunosuppression"] == "tacrolimus 6 ng/mL"
    assert items["follow-up"] == "1805 days after the last dose"
    assert items["donor"] == "deceased"
    assert "passage" not in items
    assert one.left_out == ("product identity", "potency")


def test_own_cells_match_and_say_their_gene_status():
    one, items = said("hepatocyte-selection", "own")
    assert items["HLA match"] == "the person's own cells"
    assert items["gene status"] == "1.0"
    assert items["immunosuppression"] == "none is given in this arm"
    assert "passage" in one.left_out


def test_vesicles_have_a_list_of_their_own():
    one, items = said("vesicles-escalation", "dose-16")
    assert items["dose"] == "16e8 particles"
    assert {"isolation", "size", "markers", "particle counting"} <= set(one.left_out)
    assert one.facts == ("CELL-H08",)


def test_what_is_no_cell_has_no_list():
    assert all(not one.items for one in reporting(load_protocol("rapid")))


def test_a_detail_that_is_stated_is_no_longer_left_out(tmp_path):
    from antitrypsim.protocols import protocol_source

    text = protocol_source("copd-msc")
    file = tmp_path / "more.yaml"
    file.write_text(text.replace("details: {", "details: {identity: marrow MSC, passage: 2 to 5, "))
    before = reporting(load_protocol("copd-msc"))[0].left_out
    after = reporting(load_protocol(file))[0].left_out
    assert set(before) - set(after) == {"product identity", "passage"}


@pytest.mark.parametrize("id", bundled_protocols())
def test_every_bundled_protocol_can_be_asked(id):
    for one in reporting(load_protocol(id)):
        assert set(one.left_out) <= {item.name for item in one.items}


def test_the_command_counts_what_is_stated():
    from typer.testing import CliRunner

    found = CliRunner().invoke(app, ["protocol", "check", "vesicles-escalation", "--reporting"])
    assert found.exit_code == 0
    assert "isolation          - left out" in found.output
    assert "items stated; the lists: CELL-H08 (recalled)" in found.output
    assert max(map(len, found.output.splitlines()[8:])) <= 120


CELLS = "details: {source: allogeneic, tissue: marrow, hla_mismatches: 6}"


@pytest.fixture
def copd():
    from antitrypsim.protocols import protocol_source

    return protocol_source("copd-msc")


def items_of(text):
    from antitrypsim.protocols import read_protocol

    return {item.name: item.stated for item in reporting(read_protocol(text))[0].items}


@pytest.mark.parametrize("first", [True, False])
def test_every_dose_is_told_and_follow_up_counts_from_the_last(copd, first):
    entry = copd[copd.index("        - product: msc") : copd.index(CELLS) + len(CELLS)]
    late = (
        f"        - {{product: msc, route: intravenous, dose: 2e8 cells, at: [12 months], {CELLS}}}"
    )
    both = [late, entry] if first else [entry, late]
    items = items_of(copd.replace(entry, "\n".join(both)))
    assert set(items["dose"].split(", ")) == {"1e8 cells", "2e8 cells"}
    assert items["follow-up"] == "365 days after the last dose"


def test_a_blank_detail_is_left_out(copd):
    assert items_of(copd.replace(CELLS, f"{CELLS[:-1]}, donor: '   '}}"))["donor"] is None


def test_a_dose_by_weight_says_the_weight():
    from antitrypsim.protocols import protocol_source

    assert items_of(protocol_source("msc-before-lvrs"))["dose"] == "2e6 cells/kg for 75 kg"


def test_a_long_text_stays_on_the_page(copd, tmp_path, capsys):
    from antitrypsim.cli.main import main

    words = "CD105, CD73 and CD90 were tested. " * 5
    file = tmp_path / "long.yaml"
    file.write_text(copd.replace(CELLS, f"{CELLS[:-1]}, identity: '{words}'}}"))
    assert main(["protocol", "check", str(file), "--reporting"]) == 0
    told = capsys.readouterr().out.split("What a report of it should say:")[1]
    assert told.count("CD105") == 5
    assert max(map(len, told.splitlines())) <= 96
