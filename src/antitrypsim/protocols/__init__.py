"""Protocols: one readable file that says a whole trial, and what is measured with which noise."""

from antitrypsim.protocols.assessments import (
    MeasurementNoise,
    log_likelihood,
    measure,
    noise_of,
)
from antitrypsim.protocols.check import (
    amounts_told,
    beyond_record,
    check_protocol,
    may_stay_empty,
    result_warnings,
)
from antitrypsim.protocols.doubts import Finding, doubts, unadjusted
from antitrypsim.protocols.load import (
    bundled_protocols,
    claims_tested,
    dump_protocol,
    is_bundled,
    load_protocol,
    protocol_of,
    protocol_source,
    read_protocol,
)
from antitrypsim.protocols.plannable import ANALYSES
from antitrypsim.protocols.protocol import BANNER, CALIBRATED, Protocol
from antitrypsim.protocols.reporting import Item, ProductReport, reporting

__all__ = [
    "ANALYSES",
    "BANNER",
    "CALIBRATED",
    "Finding",
    "Item",
    "MeasurementNoise",
    "ProductReport",
    "Protocol",
    "amounts_told",
    "beyond_record",
    "bundled_protocols",
    "check_protocol",
    "claims_tested",
    "doubts",
    "dump_protocol",
    "is_bundled",
    "load_protocol",
    "log_likelihood",
    "may_stay_empty",
    "measure",
    "noise_of",
    "protocol_of",
    "protocol_source",
    "read_protocol",
    "reporting",
    "result_warnings",
    "unadjusted",
]
