"""Refused routes, and every way in which the table of them can be wrong."""

import pytest

from antitrypsim.evidence import Refusal, load_fixed, load_parameters, load_refusals
from antitrypsim.foundations.errors import EvidenceError

pytestmark = pytest.mark.contract


GOOD = """\
[fixed.most]
value = 1.0
unit = "mg"
meaning = "the most"
grade = "measured"
rests_on = ["BIO-B06"]

[refused]
oral = { why = "cells do not survive the stomach; use spleen", grade = "assumed" }
spleen = { why = "they clot blood", grade = "scaled", rests_on = ["CELL-B52"] }
"""


def written(tmp_path, text=GOOD):
    path = tmp_path / "parameters.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_becomes_refusals(tmp_path):
    oral, spleen = load_refusals(written(tmp_path), "cells")
    assert oral == Refusal(
        "oral", "cells", "cells do not survive the stomach; use spleen", "assumed"
    )
    assert (spleen.grade, spleen.rests_on) == ("scaled", ("CELL-B52",))


def test_what_else_stands_in_the_file_is_left_alone(tmp_path):
    path = written(tmp_path)
    assert load_parameters(path, "cells") == {}
    assert [number.name for number in load_fixed(path, "cells")] == ["most"]
    assert load_refusals(written(tmp_path, GOOD.partition("[refused]")[0]), "cells") == ()


WRONG = {
    "no reason": ('why = "they clot blood", ', "", "'why' is missing"),
    "an empty reason": ('"they clot blood"', '" "', "'why' is empty"),
    "no fact": (', rests_on = ["CELL-B52"]', "", "a scaled value must rest on a fact"),
    "a fact that is not": ("CELL-B52", "CELL-B99", "no fact 'CELL-B99'"),
    "a grade that is not": ('"scaled"', '"guessed"', "no grade 'guessed'"),
    "another key": ("why = ", "because = ", "no key 'because'"),
    "a bare reason": ('{ why = "they clot blood"', '"they clot blood" #', "stands outside a table"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_broken_rule_names_path_and_key(tmp_path, case):
    old, new, sentence = WRONG[case]
    assert old in GOOD
    with pytest.raises(EvidenceError) as caught:
        load_refusals(written(tmp_path, GOOD.replace(old, new, 1)), "cells")
    assert sentence in str(caught.value)
    assert str(tmp_path / "parameters.toml") in str(caught.value)


def test_the_line_is_that_of_the_route(tmp_path):
    with pytest.raises(EvidenceError) as caught:
        load_refusals(written(tmp_path, GOOD.replace("CELL-B52", "CELL-B99")), "cells")
    assert (caught.value.line, caught.value.key) == (10, "refused.spleen.rests_on")
