"""Protocols as CDISC USDM v4 studies (JSON), and studies of others as protocol drafts."""

from antitrypsim.interchange.usdm.draft import Draft
from antitrypsim.interchange.usdm.exchange import draft_of, export_usdm, import_usdm

__all__ = ["Draft", "draft_of", "export_usdm", "import_usdm"]
