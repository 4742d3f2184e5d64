"""The table of claims on the command line."""

import json

import pytest

from antitrypsim.cli.main import main
from antitrypsim.evidence import load_registry
from antitrypsim.protocols import bundled_protocols, claims_tested, load_protocol

pytestmark = pytest.mark.contract


def call(capsys, *arguments):
    code = main(["claims", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_every_claim_is_listed_in_order_with_its_verdict(capsys):
    code, out, err = call(capsys)
    assert (code, err) == (0, "")
    every = load_registry().claims
    heads = [line for line in out.splitlines() if line.startswith("CLAIM-")]
    assert heads == [f"{claim.id}  {claim.verdict}" for claim in every.values()]
    assert "\x1b" not in out
    assert f"{len(every)} claims" in out
    assert max(map(len, out.splitlines())) < 140


def test_one_claim_is_told_whole_with_the_facts_that_it_names(capsys):
    code, out, err = call(capsys, "claim-15")
    assert (code, err) == (0, "")
    for words in (
        "raised FEV1 by 10%", "contradicted by its class (null)", "CELL-B18 (seen)", "+71 mL",
        "95% CI -2 to 145", "PMID 35681492", "antitrypsim run claimed-german-msc",
    ):  # fmt: skip
        assert words in " ".join(out.split()), words
    _, out, _ = call(capsys, "CLAIM-01")
    assert "No bundled protocol works it backwards." in out
    assert "The facts that it names" not in out


def test_a_verdict_filters_by_its_words(capsys):
    _, out, _ = call(capsys, "--verdict", "Supported")
    assert "CLAIM-01  supported" in out
    assert "CLAIM-28  MSC supported" in out
    assert "not supported" not in out
    _, out, _ = call(capsys, "--verdict", "not supported")
    assert "CLAIM-35" in out
    assert "1 claim. It says more by its id: antitrypsim claims CLAIM-35" in out


def test_json_holds_claim_facts_and_protocols(capsys, tmp_path):
    file = tmp_path / "claims.json"
    code, out, _ = call(capsys, "--verdict", "no source", "--json", file)
    assert code == 0
    assert f"Claims as JSON: {file}" in out
    data = json.loads(file.read_text("utf-8"))
    found = {claim["id"]: claim for claim in data["claims"]}
    assert found["CLAIM-18"]["protocols"] == ["claimed-spanish-msc-liver"]
    assert "CELL-B60" in [fact["id"] for fact in found["CLAIM-18"]["facts"]]
    assert all("no source" in claim["verdict"] for claim in found.values())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["CLAIM-1x"], "no claim 'CLAIM-1X'; did you mean 'CLAIM-"),
        (["--verdict", "contradictd"], "no claim has the verdict 'contradictd'; did you mean"),
        (["--verdict", "zzzzzz"], "try contradicted, supported"),
        (["CLAIM-15", "--verdict", "supported"], "needs no --verdict"),
    ],
)
def test_each_failure_is_one_sentence(capsys, arguments, said):
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_claims_tested_are_those_of_the_protocols():
    found = {
        (one.claim, name) for name in bundled_protocols() for one in load_protocol(name).claimed
    }
    assert found == {(claim, name) for claim, names in claims_tested().items() for name in names}
    assert found
