"""Write down what the model expects of trials that have not reported, before they do.

    python validation/predictions/predict.py sparta fazirsiran-phase-3

Writes ``ID.json`` beside this script: the day, the hashes of protocol and model, the primary endpoint's
results of the virtual trial, and its effects with both spreads: between people, and from what is not
known. A file that is there is not written over: a prediction is made once. Where the model has changed
since, the next one is ``ID-2.json``, and the first stays; where it has not, there is nothing to write.
Either way what is written wants a line in ``tests/calibration/test_predictions.py``.
"""

import datetime
import json
import sys
from pathlib import Path

import antitrypsim as ats
from antitrypsim.protocols import load_protocol
from antitrypsim.runs.requests.run import RunRequest
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

HERE = Path(__file__).parent
SEED, DRAWS = 20261128, 200


def predicted(name: str) -> dict[str, object]:
    """Return the prediction of one bundled protocol as plain data."""
    protocol = load_protocol(name)
    request = RunRequest.asked(protocol=name, uncertainty=DRAWS)
    trial = request.answer(Settings(seed=SEED))
    primary = protocol.endpoints.primary
    rows = [row for row in request.data(trial) if row.get("primary")]
    effects = [
        row
        for row in trial.uncertainty.rows()
        if row["endpoint"] == primary.endpoint and row["contrast"] is not None
    ]
    return {
        "protocol": name,
        "predicted_on": datetime.date.today().isoformat(),
        "version": ats.__version__,
        "protocol_hash": protocol.content_hash,
        "model_hash": model_hash(name),
        "seed": SEED,
        "draws": DRAWS,
        "primary": rows,
        "effects": effects,
    }


def model_hash(name: str) -> str:
    """Return the hash of today's model of a bundled protocol."""
    return build_model(therapies=load_protocol(name).therapies()).content_hash


def made(name: str) -> list[Path]:
    """Return the predictions of a protocol, the first one first."""
    later = sorted(
        HERE.glob(f"{name}-[0-9]*.json"), key=lambda file: int(file.stem.rpartition("-")[2])
    )
    return [file for file in (HERE / f"{name}.json", *later) if file.exists() and _of(file, name)]


def _of(file: Path, name: str) -> bool:
    return bool(json.loads(file.read_text(encoding="utf-8"))["protocol"] == name)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        before = made(name)
        if before:
            last = json.loads(before[-1].read_text(encoding="utf-8"))
            if last["model_hash"] == model_hash(name):
                raise SystemExit(
                    f"{before[-1].name} is by this very model: a prediction is made once"
                )
        place = f"{name}-{len(before) + 1}.json" if before else f"{name}.json"
        text = json.dumps(predicted(name), indent=1) + "\n"
        (HERE / place).write_text(text, encoding="utf-8")
        print(f"written: {place}")
