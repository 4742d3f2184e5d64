from __future__ import annotations

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.trials.analysis import ANALYSES

LOG_RANK = ANALYSES["log-rank"]


@pytest.mark.parametrize(("key", "strata"), [("logrank", ()), ("logrank_strata", ("REGION",))])
def test_matches_survdiff(data, reference, agree, pick, key, strata):
    result = LOG_RANK.run(data("survival"), reference="placebo", strata=strata)
    assert len(result.rows) == 2
    for expected in reference[key]:
        row = pick(result, arm=expected["arm"], contrast="placebo")
        agree(row, expected)
        assert (row.estimate / row.se) ** 2 == pytest.approx(expected["chisq"], rel=1e-9)


def test_tiny_p_is_not_zero(data):
    frame = data("survival").assign(CNSR=0)
    frame.loc[frame["ARM"] == "low", "AVAL"] += 2000
    p = LOG_RANK.run(frame, reference="placebo", arms=["low"]).rows[0].p
    assert p is not None
    assert 0 < p < 1e-15


def test_no_event(data):
    with pytest.raises(InputError, match="no event to compare"):
        LOG_RANK.run(data("survival").assign(CNSR=1), reference="placebo")
