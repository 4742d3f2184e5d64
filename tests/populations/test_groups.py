"""The groups that people of a population can be in."""

import pytest

from antitrypsim.populations.spec import CONDITIONS, Criterion, Population

pytestmark = pytest.mark.contract


def test_groups_of_a_population_are_those_with_a_share():
    people = Population(genotype={"ZZ": 0.5, "SZ": 0.5, "MZ": 0.0}, male=1.0)
    assert people.kinds("genotype") == ("ZZ", "SZ")
    assert people.kinds("sex") == ("male",)


@pytest.mark.parametrize("word", CONDITIONS)
def test_criteria_on_a_condition_leave_the_groups_that_they_let_in(word):
    def kinds(**limits):
        return Population(eligibility=(Criterion(quantity=word, **limits),)).kinds(word)

    assert Population().kinds(word) == (f"without {word}", f"with {word}")
    assert kinds(max=0) == (f"without {word}",)
    assert kinds(min=1) == (f"with {word}",)
