"""Corrected hepatocytes, share of all hepatocytes."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="corrected_hepatocytes",
    title="Corrected hepatocytes",
    unit="%",
    output="liver.corrected_share",
    factor=100.0,
    decimals=1,
    better="higher",
    paramcd="CORRHEP",
    description="hepatocytes that a therapy lets make M: edited, engrafted or corrected before",
    formal_unit="percent",
    noise="none",
    highest=100.0,
)
