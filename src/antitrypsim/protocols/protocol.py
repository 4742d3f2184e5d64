"""The protocol: a document that says a whole trial and whose parts agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationInfo, model_validator

from antitrypsim.documents.loading import document_from
from antitrypsim.documents.sentences import Told
from antitrypsim.protocols import rules
from antitrypsim.protocols.delivery import by_name, known_doses
from antitrypsim.protocols.document import BANNER, CALIBRATED, ProtocolDocument

if TYPE_CHECKING:
    from antitrypsim.documents.yamltext import YamlText
    from antitrypsim.modelling import Model

__all__ = ["BANNER", "CALIBRATED", "Protocol", "protocol_from"]


class Protocol(ProtocolDocument, Told):
    """A trial: who takes part, what each arm receives, what is measured when, how it is judged.

    Reading one as ``load_protocol`` does turns every failure into one sentence with file and line;
    making one in Python, by ``from_dict`` or by its parts, raises the same ProtocolError without.
    """

    @model_validator(mode="after")
    def _whole(self, info: ValidationInfo) -> Protocol:
        doses = (info.context or {}).get("doses")
        rules.check(self, known_doses() if doses is None else doses)
        return self

    @classmethod
    def from_dict(cls, data: object, *, model: Model | None = None) -> Protocol:
        """Return the protocol that plain data says; raise ProtocolError with the wrong key."""
        return protocol_from(data, model=model)


def protocol_from(
    data: object,
    *,
    model: Model | None = None,
    path: str | None = None,
    text: YamlText | None = None,
) -> Protocol:
    """Return the protocol that plain data says; raise ProtocolError with the key that is wrong."""
    context = {} if model is None else {"doses": by_name(model.doses)}
    return document_from(Protocol, data, "antitrypsim", path=path, text=text, context=context)
