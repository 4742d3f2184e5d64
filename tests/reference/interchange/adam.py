"""Make ``adam.json`` anew: data sets of a made-up trial, analysed by R as it reads them.

Run in this folder: ``PYTHONPATH=../../.. python adam.py``; needs R with the packages that adam.R names.
"""

import subprocess
import tempfile
from pathlib import Path

from antitrypsim.interchange.adam.write import export_adam
from tests.interchange.adam.made import made

with tempfile.TemporaryDirectory() as folder:
    out = Path(folder) / "xpt"
    export_adam(made(), out)
    subprocess.run(["Rscript", "adam.R", str(out)], check=True)
