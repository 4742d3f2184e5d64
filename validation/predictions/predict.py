"""Write down what the model expects of trials that have not reported, before they do.

    python validation/predictions/predict.py sparta fazirsiran-phase-3

Writes ``ID.json`` beside this script: the day, the hashes of protocol and model, the primary endpoint's
results of the virtual trial, and its effects with both spreads: between people, and from what is not
known. A file that is there is not written over: a prediction is made once. Where the model has changed
since and another is wanted, it gets another name: ``ID-2.json``.
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
        "model_hash": build_model(therapies=protocol.therapies()).content_hash,
        "seed": SEED,
        "draws": DRAWS,
        "primary": rows,
        "effects": effects,
    }


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = HERE / f"{name}.json"
        if file.exists():
            raise SystemExit(f"{file.name} is there: a prediction is made once")
        file.write_text(json.dumps(predicted(name), indent=1) + "\n")
        print(f"written: {file.name}")
