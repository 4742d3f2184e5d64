"""The module folders of the package."""

from pathlib import Path

import antitrypsim
from antitrypsim.foundations.discovery import load_module, module_folders

ROOT = Path(antitrypsim.__file__).parent


def every_folder():
    """List (folder, package) of every organ, therapy and interaction."""
    found = [(f, "antitrypsim.organs") for f in module_folders(ROOT / "organs")]
    therapies = ROOT / "therapies"
    found += [
        (f, "antitrypsim.therapies") for f in module_folders(therapies, skip=("interactions",))
    ]
    inner = "antitrypsim.therapies.interactions"
    return found + [(f, inner) for f in module_folders(therapies / "interactions")]


def module_of(folder, package):
    """Return the MODULE of a folder."""
    return load_module(folder, package).MODULE
