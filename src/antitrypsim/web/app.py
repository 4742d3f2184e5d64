"""The server of the page: what may be asked of it, and in which shape it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from antitrypsim.foundations.errors import AntitrypsimError, InputError
from antitrypsim.web.asked import asked
from antitrypsim.web.formshapes import Draft, Drafted, Therapy, TherapyTold, Vocabulary
from antitrypsim.web.jobs import ANSWER, DATA, PDF, REPORT, Full, Jobs, in_unit
from antitrypsim.web.rooms import House, house
from antitrypsim.web.shapes import (
    Alike,
    Answer,
    Front,
    Job,
    Pins,
    Problem,
    Question,
    Serum,
    SerumTold,
    ShownTable,
    Strip,
    Text,
)

STATIC = Path(__file__).parent / "static"
_REFUSED: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "there is none"},
    422: {"model": Problem, "description": "a question that cannot be, in one sentence"},
}
_FULL: dict[int | str, dict[str, Any]] = {
    429: {"model": Problem, "description": "the queue is full"}
}


def create_app(jobs: Jobs) -> FastAPI:
    """Return the server of the page over ``jobs``; the guard stands before it."""
    from importlib.metadata import version

    app = FastAPI(
        title="Antitrypsim", version=version("antitrypsim"), docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", responses=_REFUSED,
    )  # fmt: skip
    _sentences(app)

    @app.get("/api/house")
    def the_house() -> House:
        """Return the rooms, their fields, and the therapies that are known."""
        return house()

    @app.post("/api/strip")
    def the_strip(question: Question) -> Strip:
        """Return a question as YAML, command line and Python; refuse one that cannot be."""
        from antitrypsim.web.strip import strip

        request = asked(question.request, question.protocol)
        return strip(request, question.seed, question.protocol)

    @app.post("/api/alike")
    def the_alike(question: Question) -> Alike:
        """Return how many lives of the library are like the person of a question."""
        from antitrypsim.web.alike import alike

        request = asked(question.request)
        if request.command != "patient":
            raise InputError("only of a person it is asked who is like them", key="request")
        return alike(request, question.seed)

    @app.get("/api/vocabulary")
    def the_words() -> Vocabulary:
        """Return the words of which a protocol is made."""
        from antitrypsim.web.drafts import vocabulary

        return vocabulary()

    @app.post("/api/therapy")
    def the_therapy(asked: Therapy) -> TherapyTold:
        """Return a therapy as text, in words and line by line."""
        from antitrypsim.web.drafts import therapy

        return therapy(asked)

    @app.post("/api/serum")
    def the_serum(asked: Serum) -> SerumTold:
        """Return one person's serum AAT under a therapy, or under each arm of a protocol."""
        from antitrypsim.web.serum import serum

        return serum(asked)

    @app.post("/api/protocol")
    def the_protocol(draft: Draft) -> Drafted:
        """Return a protocol that is being written, with all that its check finds."""
        from antitrypsim.web.drafts import draft_from, drafted

        return drafted(draft_from(draft.text) if draft.data is None else draft.data)

    @app.post("/api/read")
    def read(text: Text) -> Question:
        """Return the question that YAML text says."""
        from antitrypsim.web.reading import question_from

        question = question_from(text.text)
        asked(question.request)
        return question

    @app.post("/api/jobs", responses=_FULL)
    def ask(question: Question) -> Job:
        """Ask; the same question is the same job."""
        return jobs.ask(question)

    @app.get("/api/jobs")
    def every() -> list[Job]:
        """Return every job, the newest first."""
        return list(jobs.all())

    @app.get("/api/jobs/{id}")
    def one(id: str) -> Job:
        """Return a job as it stands."""
        return jobs.of(id)

    @app.post("/api/jobs/{id}/stop")
    def stop(id: str) -> Job:
        """Stop a job."""
        return jobs.stop(id)

    @app.get("/api/jobs/{id}/events", response_class=EventSourceResponse)
    async def events(id: str) -> AsyncIterator[ServerSentEvent]:
        """Tell of a job whenever it has changed, until it is over."""
        async for job in iterate_in_threadpool(jobs.changes(id)):
            yield ServerSentEvent(data=job)

    @app.get("/api/jobs/{id}/answer")
    def answer(id: str, unit: str = "") -> Answer:
        """Return the answer of a job that is done, serum AAT in a unit of its own choice where it is told."""
        try:
            file = jobs.file(id, in_unit(unit) if unit else ANSWER)
        except KeyError:
            file = jobs.file(id, ANSWER)
        return Answer.model_validate_json(file.read_text(encoding="utf-8"))

    @app.get("/api/front")
    def the_front() -> Front:
        """Return every design that was asked about, as power against participants."""
        from antitrypsim.web.front import front

        return front(jobs)

    @app.post("/api/beside")
    def side_by_side(pins: Pins) -> ShownTable:
        """Return answers that are done side by side."""
        from antitrypsim.web.beside import beside

        return beside(jobs, pins.jobs)

    @app.get("/api/jobs/{id}/data.json", response_class=FileResponse)
    def data(id: str) -> FileResponse:
        """Return the answer's data, as ``--json`` writes them."""
        return _kept(jobs, id, DATA, "application/json")

    @app.get("/api/jobs/{id}/report.html", response_class=FileResponse)
    def report(id: str) -> FileResponse:
        """Return the report as one page that needs nothing from outside."""
        return _kept(jobs, id, REPORT, "text/html")

    @app.get("/api/jobs/{id}/report.pdf", response_class=FileResponse)
    def report_pdf(id: str) -> FileResponse:
        """Return the report as PDF; there is none where the extra 'pdf' is not installed."""
        return _kept(jobs, id, PDF, "application/pdf")

    @app.get("/api/jobs/{id}/pictures/{name}", response_class=FileResponse)
    def picture(id: str, name: str) -> FileResponse:
        """Return a picture as SVG."""
        return FileResponse(jobs.file(id, f"{name}.svg"), media_type="image/svg+xml")

    @app.get("/api/jobs/{id}/pictures/{name}/png", response_class=Response)
    def picture_png(id: str, name: str) -> Response:
        """Return a picture as PNG; there is none where the extra 'pdf' is not installed."""
        return _png(jobs.file(id, f"{name}.svg").read_text(encoding="utf-8"), f"{id}-{name}")

    @app.get("/api/jobs/{id}/courses/{name}", response_class=Response)
    def course(id: str, name: str, who: int | None = None) -> Response:
        """Return a person's courses of an endpoint as SVG, with those of one of the people."""
        return Response(drawn(id, name, who), media_type="image/svg+xml")

    @app.get("/api/jobs/{id}/courses/{name}/png", response_class=Response)
    def course_png(id: str, name: str, who: int | None = None) -> Response:
        """Return the same as PNG; there is none where the extra 'pdf' is not installed."""
        return _png(drawn(id, name, who), f"{id}-{name}")

    def drawn(id: str, name: str, who: int | None) -> str:
        from antitrypsim.web.courses import course_svg

        return course_svg(answer(id), jobs.of(id).question, name, who)

    @app.get("/api/jobs/{id}/people/{number}", response_class=Response)
    def one_of_them(id: str, number: int) -> Response:
        """Return both courses of one of a person's people as CSV."""
        from antitrypsim.web.courses import person_csv

        text = person_csv(answer(id), jobs.of(id).question, number)
        return _attached(text, "text/csv", f"{id}-{number}.csv")

    @app.get("/api/jobs/{id}/tables/{name}", response_class=FileResponse)
    def table(id: str, name: str) -> FileResponse:
        """Return a table as CSV, below lines with '#' that say what was asked."""
        return _kept(jobs, id, f"{name}.csv", "text/csv")

    if STATIC.is_dir():
        app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
    return app


def _attached(content: str | bytes, kind: str, file: str) -> Response:
    """Return what is made when it is asked for, as a file to be saved."""
    said = {"content-disposition": f'attachment; filename="antitrypsim-{file}"'}
    return Response(content, media_type=kind, headers=said)


def _png(svg: str, name: str) -> Response:
    from antitrypsim.web.carried import as_png

    return _attached(as_png(svg), "image/png", f"{name}.png")


def _kept(jobs: Jobs, id: str, name: str, kind: str) -> FileResponse:
    return FileResponse(jobs.file(id, name), media_type=kind, filename=f"antitrypsim-{id}-{name}")


def _sentences(app: FastAPI) -> None:
    """Let every failure be one sentence in the shape of a Problem."""

    @app.exception_handler(AntitrypsimError)
    async def ours(_: Request, problem: AntitrypsimError) -> JSONResponse:
        status = (
            429 if isinstance(problem, Full) else 422 if isinstance(problem, InputError) else 500
        )
        return _problem(status, problem.message, problem.key, problem.code)

    @app.exception_handler(RequestValidationError)
    async def shape(_: Request, problem: RequestValidationError) -> JSONResponse:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return _problem(422, f"this is no question: {first['msg'].lower()}", where or None)

    @app.exception_handler(KeyError)
    async def missing(_: Request, __: KeyError) -> JSONResponse:
        return _problem(404, "there is none of this name here", None, "missing")

    @app.exception_handler(HTTPException)
    async def theirs(_: Request, problem: HTTPException) -> JSONResponse:
        return _problem(problem.status_code, str(problem.detail).lower(), None, "refused")


def _problem(status: int, said: str, key: str | None, code: str = "input") -> JSONResponse:
    return JSONResponse(Problem(sentence=said, key=key, code=code).model_dump(), status)
