"""Protocols: one readable file that says a whole trial, and what is measured with which noise."""

from antitrypsim.protocols.assessments import (
    MeasurementNoise,
    assessment_parameters,
    measure,
    noise_of,
)
from antitrypsim.protocols.check import Finding, check_protocol
from antitrypsim.protocols.endpoints import ANALYSES, ENDPOINTS, EndpointInfo
from antitrypsim.protocols.load import (
    bundled_protocols,
    dump_protocol,
    load_protocol,
    protocol_source,
    read_protocol,
)
from antitrypsim.protocols.schema import BANNER, CALIBRATED, Protocol

__all__ = [
    "ANALYSES",
    "BANNER",
    "CALIBRATED",
    "ENDPOINTS",
    "EndpointInfo",
    "Finding",
    "MeasurementNoise",
    "Protocol",
    "assessment_parameters",
    "bundled_protocols",
    "check_protocol",
    "dump_protocol",
    "load_protocol",
    "measure",
    "noise_of",
    "protocol_source",
    "read_protocol",
]
