"""Run the software with files added to it, in a copy: whether a file is all that a thing needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import antitrypsim

SOURCE = Path(antitrypsim.__file__).parent


def run_with(folder, files, code):
    """Run code in ``folder`` with ``files`` (text by path in the package) added to the package."""
    source = folder / "src" / "antitrypsim"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in files.items():
        (source / name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
    )
