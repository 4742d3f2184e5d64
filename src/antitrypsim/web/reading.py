"""YAML text that somebody pasted, as the question that it says."""

from __future__ import annotations

from antitrypsim.documents.yamltext import YamlText
from antitrypsim.foundations.errors import InputError
from antitrypsim.web.shapes import Question

_BEGINS = "a question begins with 'request: patient'"


def question_from(text: str) -> Question:
    """Return the question that YAML text says.

    Raises ProtocolError, one sentence with the line, for text that is none, and InputError for a
    seed that is no whole number.
    """
    said = dict(YamlText(text, None, _BEGINS).data)
    seed = said.pop("seed", None)
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise InputError("a seed is a whole number", key="seed")
    return Question(request={str(key): value for key, value in said.items()}, seed=seed)
