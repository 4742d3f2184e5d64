"""Pydantic's complaints, told as one sentence with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from antitrypsim.documents.faults import unknown
from antitrypsim.documents.yamltext import YamlText
from antitrypsim.foundations.errors import ProtocolError, shown
from antitrypsim.foundations.plain import Plain


class Told(BaseModel):
    """A model that, made in Python, fails as its file does: with one sentence, an InputError."""

    if not TYPE_CHECKING:
        # The types of what is said stay those of the fields.
        def __init__(self, **said: Any) -> None:
            try:
                super().__init__(**said)
            except ValidationError as problem:
                schema = type(self).model_json_schema(by_alias=True)
                raise as_sentence(problem, schema, None, None) from problem

        # So that a part of a larger document is read as before, its failure being told of the whole.
        __init__.__pydantic_base_init__ = True


def as_sentence(
    problem: ValidationError, schema: Plain, path: str | None, text: YamlText | None
) -> ProtocolError:
    """Return the first failure, in the order of the text, as a ProtocolError."""
    failures = []
    for k, error in enumerate(problem.errors(include_url=False)):
        if error["type"] == "too_short" and error.get("input"):
            # It has entries, and is short only of those that are faulty: these are told.
            continue
        context = error.get("ctx") or {}
        where = tuple(
            part for part in (*error["loc"], *context.get("where", ())) if part != "[key]"
        )
        line = text.line_of(where) if text is not None else None
        # What is missing is often there under another name, which is the better thing to tell.
        failures.append((error["type"] == "missing", line or 0, k, where, error))
    _, line, _, where, error = min(failures, key=lambda failure: failure[:3])
    return ProtocolError(
        _sentence(error, where, schema),
        path=path,
        line=line or None,
        key=_key(where) or None,
    )


def _key(where: tuple[str | int, ...]) -> str:
    out = ""
    for part in where:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def _sentence(error: ErrorDetails, where: tuple[str | int, ...], schema: Plain) -> str:
    kind, given, context = error["type"], error.get("input"), error.get("ctx") or {}
    quoted = f"'{shown(given)}'"
    if kind == "protocol":
        return str(context["sentence"])
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "extra_forbidden":
        known = _known_keys(schema, where[:-1])
        return unknown("key", str(where[-1]), known or ["none"]).replace(
            "use one of these", "the keys here are"
        )
    if kind == "missing":
        return f"'{where[-1]}' is missing"
    if kind == "literal_error":
        choices = [
            part.strip(" '")
            for part in str(context.get("expected", "")).replace(" or ", ",").split(",")
        ]
        if isinstance(given, str):
            return unknown("choice", given, choices)
        return f"{quoted} is not one of {', '.join(choices)}"
    if kind in ("list_type", "tuple_type"):
        return f"{quoted} is not a list; begin each entry with '- ', or write [{shown(given)}]"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return f"{quoted} is not a group of 'key: value' lines"
    if kind == "string_type":
        return f"{quoted} is not text; put it between quotes"
    if kind in ("string_too_short", "too_short"):
        return (
            "it is empty; it needs one entry or more"
            if kind == "too_short"
            else "it is empty; say something"
        )
    if kind == "string_too_long":
        return f"{quoted} is too long; at most {context['max_length']} characters"
    if kind == "finite_number":
        return f"{quoted} cannot be; write a number that has an end"
    if kind.startswith(("float", "finite", "decimal")):
        return f"{quoted} is not a number; write it without quotes and without a unit"
    if kind.startswith("int"):
        return f"{quoted} is not a whole number"
    bounds = {"greater_than": "above", "greater_than_equal": "at least", "less_than": "below",
              "less_than_equal": "at most"}  # fmt: skip
    if kind in bounds:
        limit = next(value for key, value in context.items() if key in ("gt", "ge", "lt", "le"))
        return f"{quoted} cannot be used; it must be {bounds[kind]} {limit:g}"
    message = str(error["msg"])
    return f"{quoted} cannot be used: {message[:1].lower()}{message[1:]}"


def _known_keys(schema: Plain, where: tuple[str | int, ...]) -> list[str]:
    """Return the keys that the JSON Schema allows at a place."""
    node: Plain = schema
    for part in where:
        node = _resolved(schema, node)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
        if not isinstance(node, dict):
            return []
    return list(_resolved(schema, node).get("properties", {}))


def _resolved(schema: Plain, node: Plain) -> Plain:
    while True:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        elif "anyOf" in node:
            node = next((one for one in node["anyOf"] if "null" not in str(one.get("type"))), {})
        else:
            return node
