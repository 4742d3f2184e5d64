"""What any study must keep to: attributes of its class, ids of their own, references that lead somewhere."""

import json
from pathlib import Path

_TABLE = json.loads(
    (Path(__file__).parents[2] / "reference" / "usdm" / "attributes.json").read_text("utf-8")
)


def faults(data):
    """List what is wrong with a study as plain data."""
    told, objects = [], {}
    _walk(data, "Wrapper", "", told, objects)
    for where, key, value in _references(data, ""):
        if value not in objects:
            told.append(f"{where}.{key} leads to '{value}', which is not there")
    return told


def _walk(node, kind, where, told, objects):
    table = _TABLE.get(kind)
    if table is None:
        told.append(f"{where}: no class {kind}")
        return
    for key in table["required"]:
        if node.get(key) is None:
            told.append(f"{where} ({kind}) has no {key}")
    for key in node:
        if key not in table["required"] and key not in table["optional"]:
            told.append(f"{where} ({kind}): no attribute {key}")
    if "id" in node:
        if (kind, node["id"]) in objects.values():
            told.append(f"{where}: the id {node['id']} is taken")
        objects[node["id"]] = (kind, node["id"])
    for key, value in node.items():
        for k, each in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(each, dict):
                _walk(each, each.get("instanceType", ""), f"{where}.{key}[{k}]", told, objects)


def _references(node, where):
    if isinstance(node, list):
        for k, each in enumerate(node):
            yield from _references(each, f"{where}[{k}]")
    elif isinstance(node, dict):
        for key, value in node.items():
            if key.endswith("Id") and key != "valueId" and isinstance(value, str):
                yield where, key, value
            elif key.endswith("Ids"):
                for each in value:
                    yield where, key, each
            else:
                yield from _references(value, f"{where}.{key}")
