"""Make attributes.json: the attributes of the USDM classes that an export holds.

    python attributes.py USDM_API_v4.0.0.openapi.json[.gz]

By class: which attributes there are and which of them must be there. Names alone, no words of the
standard.
"""

import gzip
import json
import sys
from pathlib import Path

CLASSES = [
    "Activity",
    "Administration",
    "AliasCode",
    "Code",
    "CommentAnnotation",
    "Duration",
    "EligibilityCriterion",
    "EligibilityCriterionItem",
    "Encounter",
    "Endpoint",
    "ExtensionAttribute",
    "InterventionalStudyDesign",
    "Objective",
    "Organization",
    "Quantity",
    "Range",
    "ScheduleTimeline",
    "ScheduleTimelineExit",
    "ScheduledActivityInstance",
    "Study",
    "StudyArm",
    "StudyCell",
    "StudyDesignPopulation",
    "StudyElement",
    "StudyEpoch",
    "StudyIdentifier",
    "StudyIntervention",
    "StudyTitle",
    "StudyVersion",
    "Timing",
    "Wrapper",
]

file = Path(sys.argv[1])
raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
schemas = json.loads(raw)["components"]["schemas"]
table = {}
for name in CLASSES:
    schema = schemas[f"{name}-Input"] if f"{name}-Input" in schemas else schemas[name]
    required = schema["required"]
    table[name] = {
        "required": sorted(required),
        "optional": sorted(set(schema["properties"]) - set(required)),
    }
out = Path(__file__).with_suffix(".json")
out.write_text(json.dumps(table, indent=1) + "\n")
