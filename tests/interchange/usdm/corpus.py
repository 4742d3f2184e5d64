"""Public USDM files of others and the published OpenAPI, where they are there."""

import gzip
import json

from tests.interchange.corpus import corpus

_PLACE = corpus("usdm")
STUDIES = () if _PLACE is None else ("CDISC_Pilot_Study", "observational")


def study(name):
    """Return the text of a published study."""
    return gzip.decompress((_PLACE / f"{name}.json.gz").read_bytes()).decode()


def openapi():
    """Return the published OpenAPI, or None."""
    file = None if _PLACE is None else _PLACE / "USDM_API_v4.0.0.openapi.json.gz"
    return None if file is None else json.loads(gzip.decompress(file.read_bytes()))
