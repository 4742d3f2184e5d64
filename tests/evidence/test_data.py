"""The packaged tables are complete and lean on each other rightly."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

import antitrypsim.evidence
from antitrypsim.evidence import cited_facts, load_registry

pytestmark = pytest.mark.contract


ROOM = Path(antitrypsim.evidence.__file__).parent
TARGETS = ROOM.parent / "calibration" / "targets" / "targets.csv"
TABLES = (ROOM / "data" / "facts.csv", ROOM / "data" / "claims.csv", TARGETS)

# Cited in a claim and absent from the table of facts; none at present.
KNOWN_TO_BE_MISSING: set[str] = set()


@pytest.mark.regression
def test_nothing_was_lost():
    registry = load_registry()
    families = Counter(id.split("-")[0] for id in registry.facts)
    # More may be added, none go.
    assert families.pop("BIO") >= 186
    assert families.pop("CELL") >= 217
    # Reference equations may be added; any other family must be made known to `cited_facts`.
    assert set(families) <= {"REF"}
    assert list(registry.claims) == [f"CLAIM-{n:02d}" for n in range(1, 43)]
    assert registry.targets >= {f"TGT-{n:02d}" for n in range(1, 41)}


@pytest.mark.regression
def test_the_recalled_stay_recalled():
    registry = load_registry()
    ids = [id for id in registry.facts if not id.startswith("REF")]
    kinds = registry.kind_of_knowledge(ids)
    assert (kinds["recalled"], kinds["computed"]) == (43, 29)
    assert kinds["seen"] >= 331


def test_every_id_can_be_cited():
    for id in load_registry().facts:
        assert cited_facts(f"see {id}, there") == (id,)


def test_each_fact_is_known_in_exactly_one_way():
    for fact in load_registry().facts.values():
        assert fact.seen + fact.recalled + fact.computed == 1, fact.id


def test_every_recalled_fact_says_how_sure_it_is():
    facts = load_registry().facts.values()
    assert [fact.id for fact in facts if fact.recalled and not fact.confidence] == []


def test_every_fact_and_claim_says_what_it_is():
    registry = load_registry()
    for fact in registry.facts.values():
        assert fact.topic, fact.id
        assert fact.quantity, fact.id
        assert fact.value, fact.id
    for claim in registry.claims.values():
        assert claim.claim, claim.id
        assert claim.verdict, claim.id
        assert claim.nearest_evidence, claim.id


@pytest.mark.regression
def test_figures_that_the_model_hangs_on():
    registry = load_registry()
    expected = {
        "BIO-A01": ("1.050-1.640", "g/L"),
        "BIO-A19": ("0.28", "1/day"),
        "BIO-B18": ("-2.18 (IIV SD 1.32)", "g/L/yr"),
        "BIO-B19": ("0.06 (IIV SD 0.09)", "g/L/yr per µM"),
        "BIO-D11": ("20-98", "% replaced"),
        "CELL-B31": ("about 24", "h"),
    }
    for id, figure in expected.items():
        fact = registry.fact(id)
        assert (fact.value, fact.unit) == figure


def test_every_fact_that_a_claim_cites_exists():
    registry = load_registry()
    cited = {id for claim in registry.claims.values() for id in claim.facts}
    assert cited - set(registry.facts) == KNOWN_TO_BE_MISSING


def test_every_fact_that_a_fact_cites_exists():
    registry = load_registry()
    cited = {id for fact in registry.facts.values() for id in cited_facts(fact.note)}
    assert cited - set(registry.facts) == set()


def test_every_target_rests_on_facts_that_exist():
    registry = load_registry()
    with TARGETS.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            facts = cited_facts(row["rests_on"])
            assert facts, row["id"]
            assert set(facts) <= set(registry.facts), row["id"]


def test_the_text_speaks_of_the_subject_only():
    stray = re.compile(r"the copy|spam|public pages|scraped|\bI recall", re.IGNORECASE)
    for path in TABLES:
        assert stray.findall(path.read_text(encoding="utf-8")) == [], path.name


def test_no_cell_carries_stray_space():
    for path in TABLES:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                for column, cell in row.items():
                    assert cell == cell.strip(), (row["id"], column)
