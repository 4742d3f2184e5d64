"""Run the software with files added to it, in a copy: whether a recipe of CONTRIBUTING is all of it.

Each toy test says in ``TOUCHES``, by what its recipe adds, the files of the package that it writes, in
the order of the recipe: text by path. ``test_recipes.py`` holds them against CONTRIBUTING.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import antitrypsim

SOURCE = Path(antitrypsim.__file__).parent


def run_with(folder, files, code):
    """Run code in ``folder`` with ``files`` (text by path in the package) added to the package.

    The text of a file that the package has is added at its end: rows of a table.
    """
    source = folder / "src" / "antitrypsim"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
    )
