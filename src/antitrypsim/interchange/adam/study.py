"""A conducted trial as the data sets of a study, with what was left out."""

from __future__ import annotations

from antitrypsim.foundations.provenance import content_hash
from antitrypsim.interchange.adam.events import adae, adcount, adtte
from antitrypsim.interchange.adam.exposure import adex
from antitrypsim.interchange.adam.measurements import measured
from antitrypsim.interchange.adam.spec import Dataset, Study, ascii_of
from antitrypsim.interchange.adam.subjects import Conducted, adsl, left_behind, study_id
from antitrypsim.interchange.loss import LossReport


def adam_of(run: Conducted) -> Study:
    """Return the ADaM data sets of a trial or of a run folder that was read back.

    ADSL, a BDS for each part of the body, ADTTE, ADCOUNT, ADAE and ADEX; one that would be empty is
    not there. Raises InputError for text that has no form in ASCII and for numbers that an XPT file
    cannot hold.
    """
    made = (adsl(run), *measured(run), adtte(run), adcount(run), adae(run), adex(run))
    datasets = tuple(each for each in made if each is not None)
    protocol = run.protocol
    who = run.participants.to_dict("list")
    return Study(
        study_id(run),
        ascii_of(protocol.title),
        f"ANTITRYPSIM.{study_id(run)}.{content_hash([protocol.content_hash, who])}",
        tuple(ascii_of(line) for line in protocol.notices),
        {arm.id: ascii_of(arm.title) for arm in protocol.arms},
        datasets,
        _report(run, datasets),
    )


def _report(run: Conducted, datasets: tuple[Dataset, ...]) -> LossReport:
    unseen = int(run.visits["AVAL"].isna().sum())
    left = [
        "TRUTH, the value without noise: no trial has it",
        "dates: a virtual trial has days since randomisation and no calendar",
        "race, country and laboratory ranges: the model has none",
        "seriousness, severity and outcome of adverse events: the model has none",
        *(f"'{name}' of participants: no variable is known for it" for name in left_behind(run)),
    ]
    if unseen:
        left.append(f"{unseen:,} planned visits without a value: the participant had died or left")
    return LossReport(
        tuple(f"{d.name}: {len(d.frame):,} rows, {len(d.variables)} variables" for d in datasets),
        ("AVISITN, EOSTIME, ASTTIME, AENTIME: times that are not rounded to study days",),
        tuple(left),
    )
