"""Write what the server may be asked, from which the types of the front end are made.

python frontend/openapi.py
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from antitrypsim.web.app import create_app
from antitrypsim.web.jobs import Jobs

HERE = Path(__file__).parent


def openapi() -> str:
    """Return the OpenAPI of the server as JSON text; the version is left out, so that it stands still."""
    with TemporaryDirectory() as folder:
        jobs = Jobs(Path(folder))
        try:
            said = create_app(jobs).openapi()
        finally:
            jobs.close()
    said["info"]["version"] = ""
    return json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    (HERE / "openapi.json").write_text(openapi(), encoding="utf-8")
