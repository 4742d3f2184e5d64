"""Questions on their way: a bounded queue, a folder a job, progress, a stop, nothing run twice.

A job is named by what it asks, so that the same question by a second tab is the same job. Its folder
holds ``job.json`` and, once it is done, the answer; a server that was killed asks again what was
waiting or running, and the same seed gives the same answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import AntitrypsimError, Cancelled, RunError
from antitrypsim.foundations.files import write_file
from antitrypsim.foundations.provenance import content_hash, software_hash
from antitrypsim.simulation.settings import Settings
from antitrypsim.web.asked import asked, placed
from antitrypsim.web.carried import carried, in_csv, in_svg
from antitrypsim.web.drafts import OWN, draft_text
from antitrypsim.web.rooms import rooms
from antitrypsim.web.shapes import Job, Problem, Question, State

if TYPE_CHECKING:
    from antitrypsim.web.shown import Made, Rest

MOST_WAITING = 20
JOB, ANSWER, DATA, REPORT, PDF = (
    "job.json", "answer.json", "data.json", "report.html", "report.pdf",
)  # fmt: skip
OVER: tuple[State, ...] = ("done", "failed", "stopped")


class Jobs:
    """The jobs in a folder, worked on by two threads: one for quick questions, one for the others."""

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        self.folder = folder
        self.threads = threads
        self._jobs: dict[str, Job] = {}
        self._stops: set[str] = set()
        self._waiting: dict[bool, deque[str]] = {True: deque(), False: deque()}
        self._changed = threading.Condition()
        self._closed = False
        folder.mkdir(parents=True, exist_ok=True)
        for job in self._kept():
            self._jobs[job.id] = job
            if job.state not in OVER:
                self._wait(job)
        self._workers = [
            threading.Thread(target=self._work, args=(quick,), daemon=True)
            for quick in self._waiting
        ]
        for worker in self._workers:
            worker.start()

    def ask(self, question: Question) -> Job:
        """Return the job of a question; one that was stopped or failed is asked anew.

        Raises InputError for a question that cannot be, and where too many wait already.
        """
        Settings(seed=question.seed)
        request = asked(question.request, question.protocol)
        question = Question(
            request=request.to_dict(), seed=question.seed, protocol=question.protocol
        )
        id = content_hash([question.model_dump(), software_hash()])
        with self._changed:
            there = self._jobs.get(id)
            if there is not None and there.state in ("waiting", "running", "done"):
                self._stops.discard(id)
                return there
            if sum(map(len, self._waiting.values())) >= MOST_WAITING:
                raise Full(f"{MOST_WAITING} questions wait already; stop one, or wait")
            job = Job(id=id, question=question, state="waiting", asked=time.time())
            self._keep(job)
            self._wait(job)
            return job

    def of(self, id: str) -> Job:
        """Return a job as it stands; raise KeyError where there is none."""
        with self._changed:
            return self._jobs[id]

    def all(self) -> tuple[Job, ...]:
        """Return every job, the newest first."""
        with self._changed:
            return tuple(sorted(self._jobs.values(), key=lambda job: -job.asked))

    def stop(self, id: str) -> Job:
        """Stop a job at its next chunk; one that is over stays as it is. Raises KeyError."""
        with self._changed:
            job = self._jobs[id]
            if job.state == "waiting":
                self._waiting[_quick(job)].remove(id)
                job = self._keep(job.model_copy(update={"state": "stopped"}))
            elif job.state == "running":
                self._stops.add(id)
            return job

    def changes(self, id: str, every: float = 10.0) -> Iterator[Job]:
        """Yield a job now and whenever it has changed, or after ``every`` seconds, until it is over."""
        seen: Job | None = None

        def news() -> bool:
            return self._closed or self._jobs[id] != seen

        while seen is None or seen.state not in OVER:
            with self._changed:
                self._changed.wait_for(news, every)
                seen = self._jobs[id]
                closed = self._closed
            yield seen
            if closed:
                return

    def file(self, id: str, name: str) -> Path:
        """Return a file of a job that is there; raise KeyError where there is none of this name."""
        self.of(id)
        file = self.folder / id / name
        if name not in {found.name for found in (self.folder / id).iterdir()}:
            raise KeyError(name)
        return file

    def has(self, id: str, name: str) -> bool:
        """Return whether a job is there and has a file of this name."""
        with self._changed:
            return id in self._jobs and (self.folder / id / name).is_file()

    def close(self) -> None:
        """Stop working; what is unfinished is asked again by the next server on the folder."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join(timeout=30)

    def _kept(self) -> Iterator[Job]:
        for file in sorted(self.folder.glob(f"*/{JOB}")):
            try:
                job = Job.model_validate_json(file.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                # Of another version, or damaged: it is asked anew when somebody asks.
                continue
            if job.id == file.parent.name:
                yield job

    def _wait(self, job: Job) -> None:
        self._waiting[_quick(job)].append(job.id)
        self._changed_to(job.model_copy(update={"state": "waiting", "done": 0, "total": 0}))

    def _keep(self, job: Job) -> Job:
        (self.folder / job.id).mkdir(exist_ok=True)
        write_file(self.folder / job.id / JOB, job.model_dump_json(indent=1) + "\n")
        return self._changed_to(job)

    def _changed_to(self, job: Job) -> Job:
        with self._changed:
            self._jobs[job.id] = job
            self._changed.notify_all()
        return job

    def _work(self, quick: bool) -> None:
        waiting = self._waiting[quick]
        while True:
            with self._changed:
                self._changed.wait_for(lambda: waiting or self._closed)
                if self._closed:
                    return
                id = waiting.popleft()
                job = self._keep(self._jobs[id].model_copy(update={"state": "running"}))
            ended = self._answered(job)
            with self._changed:
                self._stops.discard(id)
                if ended is not None:
                    self._keep(ended)

    def _answered(self, job: Job) -> Job | None:
        """Return the job as it ended; None where the server is closing and it is to be asked again."""
        from antitrypsim.web.shown import make, rest_of

        def tell(stage: str, done: int, total: int) -> None:
            self._changed_to(job.model_copy(update={"stage": stage, "done": done, "total": total}))

        settings = Settings(
            seed=job.question.seed, threads=self.threads, progress=tell,
            cancel=lambda: self._closed or job.id in self._stops,
        )  # fmt: skip
        try:
            tell("beginning", 0, 0)
            own = job.question.protocol
            request = asked(job.question.request, own)
            here = self.folder / job.id
            if own is not None:
                write_file(here / OWN, draft_text(own))
                request = placed(request, here / OWN)
            answer = request.answer(settings)
            settings.check()
            tell("drawing", 0, 0)
            made = make(request, answer)
            told = carried(job.question.request, job.question.seed, made.shown.hash)
            _write(here, made, told)
            write_file(here / DATA, made.data)
            write_file(here / ANSWER, made.shown.model_dump_json())
            job = self._changed_to(job.model_copy(update={"ready": True, "stage": "writing"}))
            rest = rest_of(request, answer, made)
            _write(here, rest, told)
            write_file(here / REPORT, rest.report)
            if rest.pdf is not None:
                (here / PDF).write_bytes(rest.pdf)
            for unit, other in rest.others.items():
                write_file(here / in_unit(unit), other.model_dump_json())
            return job.model_copy(update={"state": "done"})
        except Cancelled:
            return None if self._closed else job.model_copy(update={"state": "stopped"})
        except AntitrypsimError as problem:
            said = Problem(sentence=str(problem), key=problem.key, code=problem.code)
        except Exception as problem:
            logging.getLogger(__name__).exception("a job broke")
            said = Problem(
                sentence=f"something broke that should not ({type(problem).__name__}: {problem}); "
                "please report it", code="broken",
            )  # fmt: skip
        return job.model_copy(update={"state": "failed", "problem": said})


def _write(here: Path, made: Made | Rest, told: str) -> None:
    """Write pictures and tables of an answer; each says what was asked."""
    for name, svg in made.pictures.items():
        write_file(here / f"{name}.svg", in_svg(svg, told))
    for name, rows in made.tables.items():
        write_file(here / f"{name}.csv", in_csv(rows, told))


def in_unit(unit: str) -> str:
    """Return the file of an answer with serum AAT in another unit than its own."""
    return f"answer-{unit.replace('/', '-per-')}.json"


class Full(RunError):
    """Too many questions wait already."""

    code = "full"


def _quick(job: Job) -> bool:
    """Whether a question asks for no more than the first answer of its room, and waits for no long one."""
    said = job.question.request
    room = next(one for one in rooms().values() if one.asks == said["request"])
    usual = {field.name: field.missing for field in room.fields}

    def few(name: str, most: int) -> bool:
        asked = said.get(name, usual[name] or None)
        return asked is not None and float(asked) <= most

    first = bool(room.first) and all(few(*each) for each in room.first.items())
    return room.quick or (first and not room.long)
