"""``antitrypsim export`` and ``antitrypsim import``: the formats of other tools."""

from __future__ import annotations

import typer

from antitrypsim.cli.export_adam import export_adam, import_adam
from antitrypsim.cli.export_model import (
    export_omex,
    export_petab,
    export_sbml,
    import_omex,
    import_petab,
    import_sbml,
)
from antitrypsim.cli.export_records import export_records, import_records
from antitrypsim.cli.export_usdm import export_usdm, import_usdm

_HELP = {"help_option_names": ["--help", "-h"]}
export_app = typer.Typer(
    help="Write what we have in the formats of other tools, and say what was lost.",
    context_settings=_HELP,
)
import_app = typer.Typer(
    help="Read what other tools wrote, and say what was lost.", context_settings=_HELP
)
export_app.command("sbml")(export_sbml)
export_app.command("petab")(export_petab)
export_app.command("omex")(export_omex)
export_app.command("usdm")(export_usdm)
export_app.command("adam")(export_adam)
export_app.command("records")(export_records)
import_app.command("sbml")(import_sbml)
import_app.command("petab")(import_petab)
import_app.command("omex")(import_omex)
import_app.command("adam")(import_adam)
import_app.command("usdm")(import_usdm)
import_app.command("records")(import_records)
