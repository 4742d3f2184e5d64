"""Imports run down only, by the floors of the house."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import antitrypsim

pytestmark = pytest.mark.contract


ROOT = Path(antitrypsim.__file__).parent
DECISION = Path(__file__).parents[2] / "docs" / "decisions" / "0001-house.md"
FLOORS = {
    room.strip(): int(floor)
    for floor, rooms in re.findall(r"^\| (\d+) \| (.+) \|$", DECISION.read_text("utf-8"), re.M)
    for room in rooms.split(";")
}


def imported(source, package):
    """List the modules of ours that a source imports, with their lines; ``package`` is its own."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            # 'from antitrypsim import organs' names a room, 'from antitrypsim import x' the door.
            found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
    return [(name, line) for name, line in found if name.split(".")[0] == "antitrypsim"]


def faults(source, parts):
    """Say what is wrong with the imports of the file ``parts``, a path below the package."""
    here = parts[0]
    package = ".".join(["antitrypsim", *parts[:-1]])
    told = []
    for name, line in imported(source, package):
        rooms = name.split(".")[1:]
        if not rooms or rooms[0] not in FLOORS:
            told.append(f"line {line} imports the door of its own house: {name}")
        elif here != rooms[0] and FLOORS[rooms[0]] >= FLOORS[here]:
            told.append(f"line {line} imports {name}, which does not lie below {here}")
    return told


FILES = sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_down(path):
    assert faults(path.read_text("utf-8"), path.relative_to(ROOT).parts) == []


def test_every_room_has_a_floor_and_every_floor_its_rooms():
    rooms = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith("_")}
    assert rooms == set(FLOORS)


def file_of(name, root):
    """Return the file of a module, or of the one that holds the name; None for the door."""
    parts = name.split(".")[1:]
    while parts:
        for file in (
            root.joinpath(*parts).with_suffix(".py"),
            root.joinpath(*parts, "__init__.py"),
        ):
            if file.is_file():
                return file
        parts = parts[:-1]
    return None


def circle(root):
    """Return files that import each other in a circle, wherever in a file; nothing if there is none."""
    graph = {}
    for path in root.rglob("*.py"):
        package = ".".join([root.name, *path.relative_to(root).parts[:-1]])
        names = [name for name, _ in imported(path.read_text("utf-8"), package)]
        graph[path] = {file_of(name, root) for name in names} - {path, None}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        return [str(file.relative_to(root)) for file in problem.args[1]]
    return []


def test_no_file_imports_in_a_circle():
    assert circle(ROOT) == []


def test_the_test_sees_a_circle(tmp_path):
    root = tmp_path / "antitrypsim"
    root.mkdir()
    (root / "one.py").write_text("def f():\n    from antitrypsim.two import x\n")
    (root / "two.py").write_text("from antitrypsim import three\n")
    (root / "three.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import antitrypsim.one\n"
    )
    assert set(circle(root)) == {"one.py", "two.py", "three.py"}
    (root / "three.py").write_text("")
    assert circle(root) == []


def oldest_first(root):
    """Return the organs, each after those that it imports; the imports are the one list of this."""
    graph = {}
    for path in (root / "organs").rglob("*.py"):
        parts = path.relative_to(root).parts
        own = parts[1].removesuffix(".py")
        package = ".".join(["antitrypsim", *parts[:-1]])
        names = [name.split(".")[1:] for name, _ in imported(path.read_text("utf-8"), package)]
        others = {rooms[1] for rooms in names if rooms[0] == "organs" and len(rooms) > 1}
        graph.setdefault(own, set()).update(others - {own})
    return list(TopologicalSorter(graph).static_order())


def test_organs_import_each_other_in_one_order():
    from antitrypsim.organs import organ_modules

    order = oldest_first(ROOT)
    assert {module.name for module in organ_modules()} < set(order)
    assert order.index("covariates") < order.index("circulation") < order.index("liver")
    assert order.index("lung") < order.index("events") < order.index("harms")


def test_the_test_sees_organs_that_are_older_than_each_other(tmp_path):
    for organ, other in (("liver", "lung"), ("lung", "heart"), ("heart", "liver")):
        folder = tmp_path / "organs" / organ
        folder.mkdir(parents=True)
        (folder / "module.py").write_text(f"from ..{other}.extra import x\n")
        (folder / "extra.py").write_text("")
    with pytest.raises(CycleError):
        oldest_first(tmp_path)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("import antitrypsim", ("trials", "x.py")),
        ("from antitrypsim import Model", ("trials", "x.py")),
        ("from antitrypsim.therapies import build_model", ("organs", "liver", "module.py")),
        ("from antitrypsim.simulation import x", ("organs", "liver", "module.py")),
        ("from antitrypsim.organs.lung.module import x", ("engine", "x.py")),
        ("def f():\n    import antitrypsim.cli", ("web", "x.py")),
    ],
)
def test_the_test_sees_a_fault(source, parts):
    assert faults(source, parts)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("from antitrypsim.foundations import units", ("evidence", "x.py")),
        ("from antitrypsim.organs.liver.module import x", ("organs", "lung", "module.py")),
        ("from antitrypsim.organs.covariates import x", ("organs", "circulation", "module.py")),
        ("from .base import x", ("trials", "analysis", "x.py")),
        ("import numpy, antitrypsim_external", ("trials", "x.py")),
    ],
)
def test_the_test_lets_the_rest_through(source, parts):
    assert faults(source, parts) == []
