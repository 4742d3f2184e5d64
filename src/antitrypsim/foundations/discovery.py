"""A folder is its own registration: find module folders and load them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from antitrypsim.foundations.errors import ModelError

REQUIRED = ("module.py", "parameters.toml", "README.md")


def module_folders(parent: Path, *, skip: tuple[str, ...] = ()) -> list[Path]:
    """Return the module folders of ``parent`` by name; raise ModelError for an incomplete one."""
    found = []
    for folder in sorted(p for p in parent.iterdir() if p.is_dir() and not p.name.startswith(("_", "."))):
        if folder.name in skip:
            continue
        missing = [name for name in REQUIRED if not (folder / name).exists()]
        if len(missing) == len(REQUIRED) and not any(folder.glob("*.py")):
            continue
        if missing:
            raise ModelError(f"the module folder lacks {', '.join(missing)}", path=str(folder))
        found.append(folder)
    return found


def load_module(folder: Path, package: str | None = None) -> ModuleType:
    """Import ``folder/module.py``, as a part of ``package`` or, for a folder elsewhere, by path."""
    if package is not None:
        return importlib.import_module(f"{package}.{folder.name}.module")
    name = f"antitrypsim_external.{folder.name}"
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(folder / "module.py"):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, folder / "module.py")
    if spec is None or spec.loader is None:
        raise ModelError("module.py cannot be imported", path=str(folder))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
