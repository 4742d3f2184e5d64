"""Finding facts and claims, and the failures of the tables behind them."""

import dataclasses

import pytest

from antitrypsim.evidence import Claim, Fact, Registry, cited_facts, load_registry
from antitrypsim.evidence.tables import read_rows
from antitrypsim.foundations.errors import EvidenceError

pytestmark = pytest.mark.contract


def test_the_registry_is_read_once():
    assert load_registry() is load_registry()


def test_a_fact_is_found_by_id():
    fact = load_registry().fact("BIO-A19")
    assert isinstance(fact, Fact)
    assert (fact.value, fact.unit, fact.seen) == ("0.28", "1/day", True)


def test_a_recalled_and_a_computed_fact():
    registry = load_registry()
    assert registry.fact("BIO-A24").recalled
    assert registry.fact("BIO-A26").computed
    assert registry.fact("CELL-I-5").computed


def test_a_claim_carries_the_facts_that_it_cites():
    claim = load_registry().claim("CLAIM-07")
    assert isinstance(claim, Claim)
    assert claim.facts == ("CELL-C27", "CELL-C28", "CELL-C29", "CELL-C30", "CELL-C47")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("", ()),
        ("CLAIM-15, TGT-01, PMC6361473, WVE-006, 20-98%", ()),
        ("(CELL-G09, CELL-G09b) and CELL-I-2b", ("CELL-G09", "CELL-G09b", "CELL-I-2b")),
        ("BIO-A08..A10", ("BIO-A08", "BIO-A09", "BIO-A10")),
        ("CELL-C18 to CELL-C20", ("CELL-C18", "CELL-C19", "CELL-C20")),
        ("REF-01, REF-02 to REF-03", ("REF-01", "REF-02", "REF-03")),
        ("BIO-A02 BIO-A01 BIO-A02", ("BIO-A02", "BIO-A01")),
    ],
)
def test_citations_are_read_from_text(text, facts):
    assert cited_facts(text) == facts


def test_an_unknown_fact_gets_the_nearest_id():
    with pytest.raises(EvidenceError, match="no fact 'BIO-A199'; did you mean 'BIO-A19'") as caught:
        load_registry().fact("BIO-A199")
    assert caught.value.key == "BIO-A199"


def test_an_unknown_claim_gets_the_nearest_id():
    with pytest.raises(EvidenceError, match="no claim 'CLAIM-99'; did you mean 'CLAIM-"):
        load_registry().claim("CLAIM-99")


def test_an_id_unlike_any_other_gets_advice():
    with pytest.raises(EvidenceError, match="search the registry for a fact by its words"):
        load_registry().fact("?")


def test_search_wants_every_word_anywhere_and_ignores_case():
    found = {item.id for item in load_registry().search("ZEMAIRA trough")}
    assert "BIO-B50" in found
    assert load_registry().search("zemaira crigler") == []


def test_search_finds_claims_too():
    assert "CLAIM-31" in {item.id for item in load_registry().search("200 million MSC")}


def test_an_empty_search_finds_everything():
    registry = load_registry()
    assert len(registry.search(" ")) == len(registry.facts) + len(registry.claims)


@pytest.mark.law
def test_knowledge_is_counted_once_for_each_fact():
    counts = load_registry().kind_of_knowledge(["BIO-A19", "BIO-A19", "BIO-A24", "BIO-A26"])
    assert counts == {"seen": 1, "recalled": 1, "computed": 1}


def test_counting_refuses_an_unknown_fact():
    with pytest.raises(EvidenceError, match="no fact 'BIO-Z99'"):
        load_registry().kind_of_knowledge(["BIO-A19", "BIO-Z99"])


@pytest.mark.law
def test_nothing_in_the_registry_can_be_changed():
    registry = load_registry()
    with pytest.raises(TypeError):
        registry.facts["X"] = registry.fact("BIO-A19")  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        registry.facts = {}  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        registry.fact("BIO-A19").value = "1"  # type: ignore[misc]


@pytest.mark.law
def test_a_registry_keeps_no_hold_on_the_dicts_it_was_given():
    given = {"BIO-A19": load_registry().fact("BIO-A19")}
    registry = Registry(given, {})
    given.clear()
    assert "BIO-A19" in registry.facts


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("id,b\nX,1\n", 1, "the columns are id, b; they must be id, a"),
        ("", 1, "the columns are missing"),
        ("id,a\nX,1\nY\n", 3, "the row has 1 cells; it must have 2"),
        ("id,a\nX,1\nX,2\n", 3, "stands twice"),
        ("id,a\n,1\n", 2, "the id is missing"),
    ],
)
def test_a_broken_table_says_where(tmp_path, text, line, message):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_rows(path, ("id", "a"))
    assert message in str(caught.value)
    assert (caught.value.path, caught.value.line) == (str(path), line)


def test_an_absent_table_is_a_sentence(tmp_path):
    with pytest.raises(EvidenceError, match="the table cannot be read"):
        read_rows(tmp_path / "none.csv", ("id",))
