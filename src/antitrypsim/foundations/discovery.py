"""A folder is its own registration: find module folders and load them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from antitrypsim.foundations.errors import AntitrypsimError, ModelError

REQUIRED = ("module.py", "parameters.toml", "README.md")


def module_folders(parent: Path, *, skip: tuple[str, ...] = ()) -> list[Path]:
    """Return the module folders of ``parent`` by name; raise ModelError for an incomplete one."""
    found = []
    for folder in sorted(
        p for p in parent.iterdir() if p.is_dir() and not p.name.startswith(("_", "."))
    ):
        if folder.name in skip:
            continue
        if len(_missing(folder)) == len(REQUIRED) and not any(folder.glob("*.py")):
            continue
        check_folder(folder)
        found.append(folder)
    return found


def _missing(folder: Path) -> list[str]:
    return [name for name in REQUIRED if not (folder / name).exists()]


def check_folder(folder: Path) -> None:
    """Raise ModelError unless ``folder`` has every file that a module folder must have."""
    if not folder.is_dir():
        raise ModelError("there is no such module folder", path=str(folder))
    missing = _missing(folder)
    if missing:
        raise ModelError(f"the module folder lacks {', '.join(missing)}", path=str(folder))


def load_module(folder: Path, package: str | None = None) -> ModuleType:
    """Import ``folder/module.py``, as a part of ``package`` or, for a folder elsewhere, by path.

    Raises ModelError for a folder that is incomplete, cannot be imported or names no ``MODULE``.
    """
    check_folder(folder)
    if package is not None:
        try:
            module = importlib.import_module(f"{package}.{folder.name}.module")
        except (AttributeError, NameError, TypeError, ImportError) as problem:
            raise _unimported(folder, problem) from problem
    else:
        module = _load_elsewhere(folder.resolve())
    if not hasattr(module, "MODULE"):
        raise ModelError("module.py names no MODULE", path=str(folder))
    return module


def _unimported(folder: Path, problem: BaseException) -> ModelError:
    return ModelError(
        f"module.py cannot be imported: {type(problem).__name__}: {problem}", path=str(folder)
    )


def _load_elsewhere(folder: Path) -> ModuleType:
    name = f"antitrypsim_external.{folder.name}"
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(
        folder / "module.py"
    ):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, folder / "module.py")
    if spec is None or spec.loader is None:
        raise ModelError("module.py cannot be imported", path=str(folder))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as problem:
        # Half a module must not be found by the next call.
        del sys.modules[name]
        if isinstance(problem, AntitrypsimError) or not isinstance(problem, Exception):
            raise
        raise _unimported(folder, problem) from problem
    return module
