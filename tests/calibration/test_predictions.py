"""What was predicted before a trial reported stays as it was written down."""

import hashlib
import json
from pathlib import Path

import pytest

from antitrypsim.protocols import load_protocol

pytestmark = pytest.mark.regression

PREDICTIONS = Path(__file__).resolve().parents[2] / "validation" / "predictions"
# A prediction is made once. Another of the same trial is another file, and another line here.
WRITTEN = {
    "fazirsiran-phase-3": "16ae82b599aac702bcad5a7e4d47859909a69233c6b67ec35c1dc90adb8d2f31",
    "fazirsiran-phase-3-2": "0264c66a3cc92c86981f59851467a598cd8faa55fc173c62c4c8bb15d4b54baa",
    "fazirsiran-phase-3-3": "7775fa4c811cfd631fb74ecbe6676f5178cf851e2fad32de2a9726ad95f3def1",
    "sparta": "833e664ef49629f963ce1506f376d5c3c6ef1471cd1b7b3f82b9c6f9cb4f4353",
    "sparta-2": "19b33cdd169e091fdb4dfa3f87e0b7676671ae768582a0a6315c0f61d2378221",
    "sparta-3": "e19f445693fffe5cb2ae7864d6e272322171731ec4223b8469aedc088a2a64a0",
}


def test_each_prediction_is_known_here():
    assert {file.stem for file in PREDICTIONS.glob("*.json")} == set(WRITTEN)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_prediction_is_as_it_was_written(name):
    text = (PREDICTIONS / f"{name}.json").read_bytes()
    assert hashlib.sha256(text).hexdigest() == WRITTEN[name]


@pytest.mark.parametrize("name", WRITTEN)
def test_the_protocol_is_the_one_that_was_predicted(name):
    said = json.loads((PREDICTIONS / f"{name}.json").read_text(encoding="utf-8"))
    assert load_protocol(said["protocol"]).content_hash == said["protocol_hash"]
    assert said["predicted_on"] >= "2026-11-28"
    assert said["primary"]
    assert all(row["lower"] < row["upper"] for row in said["effects"])


def test_each_is_told_with_its_difference_and_says_which_model_it_is_by():
    told = (PREDICTIONS / "README.md").read_text(encoding="utf-8")
    for file in PREDICTIONS.glob("*.json"):
        said = json.loads(file.read_text(encoding="utf-8"))
        (row,) = (line for line in told.splitlines() if line.startswith(f"| `{file.name}`"))
        assert said["predicted_on"] in row
        assert len(said["model_hash"]) == 16
        for result in said["primary"]:
            if result.get("contrast"):
                scale = 100 if result["analysis"] == "responder" else 1
                number = f"{scale * result['estimate']:.{0 if scale == 100 else 2}f}"
                assert number.removeprefix("-") in row
