"""A single trial and a replicate of the laboratory are conducted alike: one randomisation, one dropout.

Each is given the other's chance; then the same people must be in the same arms and leave on the same
day. What the laboratory adds (sites, blocks of a stated size, minimisation, leaving that depends on
the course) it asks of the same functions.
"""

import numpy as np
import pytest

from antitrypsim.laboratory.replicates import Truth
from antitrypsim.trials import randomisation

pytestmark = pytest.mark.law


PLACES = 61


@pytest.fixture(params=[(), ("sex",), ("sex", "smoking")], ids=str)
def both(request, made):
    """A replicate, and the protocol and table of the same people."""
    library = made.library(
        protocol := made.protocol(yearly=0.2, stratify_by=list(request.param), allocation={"active": 2, "placebo": 1}),
        made.values(protocol, {"active": 0.0}),
    )  # fmt: skip
    lab = made.lab(library)
    drawn = lab.draw(0, 1, PLACES, Truth())
    return lab, drawn, protocol, library.people.iloc[drawn.person[0]]


def test_the_same_chance_gives_the_same_arms(both, monkeypatch):
    lab, drawn, protocol, persons = both
    monkeypatch.setattr(randomisation, "generator", lambda *_: lab.sampler.stream(0, "allocation"))
    alone = randomisation.randomise(protocol, persons, {}, np.arange(PLACES), seed=0)
    assert list(alone) == [lab.library.arms[k] for k in drawn.arm[0]]


def test_the_same_chance_lets_the_same_people_leave_on_the_same_day(both, monkeypatch):
    lab, drawn, protocol, _ = both
    u = lab.sampler.stream(0, "leaving").random(
        (1, PLACES, len(lab.library.days)), dtype=np.float32
    )
    monkeypatch.setattr(randomisation, "uniforms", lambda *_: u[0])
    arms = np.array([lab.library.arms[k] for k in drawn.arm[0]])
    alone = randomisation.leaving_days(protocol, np.arange(PLACES), arms, seed=0)
    assert np.isfinite(alone).any()
    np.testing.assert_array_equal(alone, drawn.leaves[0])
