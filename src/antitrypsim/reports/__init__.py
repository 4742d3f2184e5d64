"""Reports: a result as one document, laid out as text, as one self-contained page, or as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antitrypsim.experiments.compare import Comparison
    from antitrypsim.experiments.patient import PatientCourse
    from antitrypsim.modelling import Model
    from antitrypsim.reports.document import Document
    from antitrypsim.trials.trial import Trial

__all__ = [
    "compare_html", "compare_text", "lay_out_html", "lay_out_pdf", "lay_out_text", "patient_html",
    "patient_text", "trial_html", "trial_text",
]  # fmt: skip


def lay_out_text(document: Document, *, whole: bool = False) -> str:
    """Return a document for a terminal, 60 to 120 columns; ``whole`` with all that its page has."""
    from antitrypsim.reports.layout_text import lay_out_text as lay_out

    return lay_out(document, whole=whole)


def lay_out_html(document: Document) -> str:
    """Return a document as one HTML page that needs nothing from outside."""
    from antitrypsim.reports.layout_html import lay_out_html as lay_out

    return lay_out(document)


def lay_out_pdf(document: Document) -> bytes:
    """Return a document as PDF; raise InputError where the extra 'pdf' is not installed."""
    from antitrypsim.reports.layout_pdf import lay_out_pdf as lay_out

    return lay_out(document)


def trial_text(trial: Trial, *, model: Model | None = None) -> str:
    """Return a trial's report as plain words and tables, as wide as the terminal, 60 to 120 columns.

    ``model`` is the model that ran, for its parameters; the packaged one if left out.
    """
    from antitrypsim.reports.trialdocument import trial_document

    return lay_out_text(trial_document(trial, model=model, pictures=False))


def trial_html(trial: Trial, *, model: Model | None = None) -> str:
    """Return a trial's report as one HTML page that needs nothing from outside.

    ``model`` is the model that ran, for its parameters; the packaged one if left out.
    """
    from antitrypsim.reports.trialdocument import trial_document

    return lay_out_html(trial_document(trial, model=model))


def patient_text(course: PatientCourse) -> str:
    """Return one virtual person's course as plain words and tables."""
    from antitrypsim.reports.patient import patient_document

    return lay_out_text(patient_document(course, pictures=False))


def patient_html(course: PatientCourse) -> str:
    """Return one virtual person's course as one HTML page that needs nothing from outside."""
    from antitrypsim.reports.patient import patient_document

    return lay_out_html(patient_document(course))


def compare_text(comparison: Comparison) -> str:
    """Return a comparison of therapies as plain words and tables."""
    from antitrypsim.reports.compare import compare_document

    return lay_out_text(compare_document(comparison, pictures=False))


def compare_html(comparison: Comparison) -> str:
    """Return a comparison of therapies as one HTML page that needs nothing from outside."""
    from antitrypsim.reports.compare import compare_document

    return lay_out_html(compare_document(comparison))
