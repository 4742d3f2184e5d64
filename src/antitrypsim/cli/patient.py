"""``antitrypsim patient``: one person's course with and without a therapy."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from antitrypsim.cli.console import (
    Files,
    Html,
    Json,
    MeetAnew,
    Pdf,
    PosteriorFile,
    Prior,
    Quiet,
    Seed,
    Threads,
    Tolerance,
    Without,
    check_outputs,
    computing,
    hand_over_report,
)
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.seed import SEED


def patient(
    genotype: Annotated[
        str, typer.Option("--genotype", help="MM, MS, SS, MZ, SZ, ZZ, M0, S0, Z0 or null.")
    ] = "ZZ",
    age: Annotated[float, typer.Option("--age", help="Years, 18 to 90.")] = 50.0,
    sex: Annotated[str, typer.Option("--sex", help="female or male.")] = "female",
    smoking: Annotated[str, typer.Option("--smoking", help="never, ex or current.")] = "never",
    quit_age: Annotated[
        float | None,
        typer.Option("--quit-age", help="For an ex-smoker: the age of the last cigarette."),
    ] = None,
    fev1: Annotated[
        float | None, typer.Option("--fev1", help="FEV1 today, percent of predicted.")
    ] = None,
    serum: Annotated[float | None, typer.Option("--serum", help="Serum AAT today, µM.")] = None,
    stiffness: Annotated[
        float | None, typer.Option("--stiffness", help="Liver stiffness today, kPa.")
    ] = None,
    fev1_within: Annotated[
        float | None,
        typer.Option("--fev1-within", help="How far from that FEV1 people are taken."),
    ] = None,
    serum_within: Annotated[
        float | None,
        typer.Option("--serum-within", help="How far from that serum AAT people are taken."),
    ] = None,
    stiffness_within: Annotated[
        float | None,
        typer.Option("--stiffness-within", help="How far from that stiffness people are taken."),
    ] = None,
    height: Annotated[float | None, typer.Option("--height", help="Height, cm.")] = None,
    weight: Annotated[float | None, typer.Option("--weight", help="Weight, kg.")] = None,
    bmi: Annotated[float | None, typer.Option("--bmi", help="Body mass index, kg/m².")] = None,
    alcohol: Annotated[
        str | None, typer.Option("--alcohol", help="Harmful drinking: yes or no.")
    ] = None,
    metabolic: Annotated[
        str | None, typer.Option("--metabolic", help="Metabolic liver disease: yes or no.")
    ] = None,
    bronchiectasis: Annotated[
        str | None, typer.Option("--bronchiectasis", help="Bronchiectasis: yes or no.")
    ] = None,
    years: Annotated[float, typer.Option("--years", help="How long to look ahead.")] = 10.0,
    therapy: Annotated[
        str | None,
        typer.Option("--therapy", help="product:dose/interval, such as augmentation:60mg/kg/week."),
    ] = None,
    without: Without = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="What was measured of the person: rows with PARAMCD, AVAL, AVALU and AGE or ADT; a BDS of ADaM as it comes.",
        ),
    ] = None,
    measured: Annotated[
        list[str] | None,
        typer.Option(
            "--measured",
            metavar="TEXT",
            help="The same in words: 'FEV1 2.31 L at 44' or 'AATSER 0.31 g/L now'; repeatable.",
        ),
    ] = None,
    past: Annotated[
        list[str] | None,
        typer.Option(
            "--past",
            metavar="THERAPY",
            help="What they were given before today: 'augmentation:60mg/kg/week from 45 to 48'; repeatable.",
        ),
    ] = None,
    people: Annotated[
        int, typer.Option("--people", metavar="N", help="How many people like this one to meet.")
    ] = 200,
    uncertainty: Annotated[
        int,
        typer.Option(
            "--uncertainty", metavar="N", help="Draw N times from what is unknown, such as 50."
        ),
    ] = 0,
    posterior: PosteriorFile = None,
    prior: Prior = False,
    seed: Seed = SEED,
    meet_anew: MeetAnew = False,
    tolerance: Tolerance = 1e-4,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    plot: Annotated[
        bool, typer.Option("--plot/--no-plot", help="Draw FEV1 and lung density.")
    ] = True,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Show the course of people like a described one, with and without a therapy.

    Nobody is altered to fit: people are met until enough are like this one.
    """
    check_outputs([data, posterior], json=json, html=html, pdf=pdf)
    if height is not None and not 120 <= height <= 230:
        raise InputError(f"a height of {height:g} cm cannot be; between 120 and 230 can")
    from antitrypsim.calibration.posterior.knowledge import chosen
    from antitrypsim.runs.requests.patient import PatientRequest

    request = PatientRequest.asked(
        genotype=genotype,
        age=age,
        sex=sex,
        smoking=smoking,
        quit_age=quit_age,
        fev1=fev1,
        serum=serum,
        stiffness=stiffness,
        fev1_within=fev1_within,
        serum_within=serum_within,
        stiffness_within=stiffness_within,
        height=None if height is None else height / 100,
        weight=weight,
        bmi=bmi,
        alcohol=alcohol,
        metabolic=metabolic,
        bronchiectasis=bronchiectasis,
        years=years,
        therapy=therapy,
        without=without,
        visits=data,
        measured=measured,
        past=past,
        people=people,
        uncertainty=uncertainty,
        posterior=chosen(posterior, prior),
    )
    with computing(
        quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
    ) as settings:
        course = request.answer(settings)
    from antitrypsim.reports.patient import patient_document

    def pictures() -> str:
        from antitrypsim.cli.plot import draw

        return draw(course)

    hand_over_report(
        partial(patient_document, course), course.to_dict, Files(json, html, pdf),
        below=pictures if plot else None,
    )  # fmt: skip
