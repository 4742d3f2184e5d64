import { render } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import "./look.css";
import "./page.css";
import { call, follow, OVER, Refused, type Answer, type Job, type Problem, type Strip as Said } from "./client";
import { Beside } from "./beside";
import { InTime } from "./calendar";
import { Courses } from "./courses";
import { Form } from "./form";
import { Fronts } from "./front";
import { Like } from "./like";
import { Protocol, put, useDrafted, type Any, type Vocabulary } from "./protocol";
import { Sections } from "./report";
import { Sentence } from "./sentence";
import { addressOf, draftOf, OWN, ownIn, partedLine, PERSON, protocolField, questionOf, stateFrom, stateOf, Unit, usual, type House, type Question, type Room, type State, type View } from "./state";
import { Strip } from "./strip";
import { vocabulary } from "./therapy";
import { Worlds } from "./worlds";
import { WORDS } from "./words";

interface Shown {
  job: string;
  answer: Answer;
  question: string;
  first: boolean;
  room: string;
  unit: string;
  // Whether its report and other files are there too.
  whole: boolean;
}

const answerOf = (job: string, unit: string) => `jobs/${job}/answer${unit ? `?unit=${encodeURIComponent(unit)}` : ""}`;
// Answers that tell serum AAT in the unit that is chosen.
const SERUM = ["patient", "compare"];
const same = (question: Question) => JSON.stringify(question);

function Page({ house }: { house: House }) {
  const [state, setState] = useState<State>(() => stateOf(location.hash, house));
  const [said, setSaid] = useState<Said | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  // What became of what was asked; the strip's answer, which may come later, says nothing of it.
  const [failure, setFailure] = useState<Problem | null>(null);
  const [job, setJob] = useState<Job | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const ending = useRef<() => void>(() => undefined);
  const latest = useRef<Job | null>(null);
  const turn = useRef(0);
  // How often it was asked again though nothing of the question changed: after a stop, or a failure.
  const [again, setAgain] = useState(0);
  const [stopped, setStopped] = useState(false);
  // What each room asked when it was left, and the person who last walked out of one.
  const kept = useRef(new Map<string, State>());
  const carried = useRef("");
  const room = house.rooms.find((one) => one.id === state.room)!;
  const question = questionOf(state, room);
  const asks = same(question);
  const own = ownIn(state, room);
  const draft = useMemo(() => (own ? draftOf(state.draft) : null), [own, state.draft]);
  const drafted = useDrafted(draft);
  // An address that was cut off holds no protocol, and no other takes its place.
  const damaged = own && state.draft !== "" && draft === null;
  const [words, setWords] = useState<Vocabulary | null>(null);

  const go = useCallback(
    (next: State, how: "push" | "replace") => {
      const there = house.rooms.find((one) => one.id === next.room)!;
      const address = addressOf(next, there);
      if (address !== location.hash) history[how === "push" ? "pushState" : "replaceState"](null, "", address);
      setState(next);
    },
    [house],
  );

  // What is looked at moves with every pixel of a pointer; the address is written when it rests.
  const looked = useRef(false);
  const look = useCallback((change: Partial<View>) => {
    looked.current = true;
    setState((now) => ({ ...now, view: { ...now.view, ...change } }));
  }, []);
  useEffect(() => {
    const rest = setTimeout(() => {
      const address = addressOf(state, room);
      if (looked.current && address !== location.hash) history.replaceState(null, "", address);
      looked.current = false;
    }, 200);
    return () => clearTimeout(rest);
  }, [state]);

  // Back, forward, and an address that somebody types.
  useEffect(() => {
    const moved = () => setState(stateOf(location.hash, house));
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, [house]);

  // The words of a protocol are fetched once somebody writes one; who has chosen their own and has none begins one.
  useEffect(() => {
    if (own && words === null) void vocabulary().then(setWords, () => undefined);
    if (own && words !== null && state.draft === "") go({ ...state, draft: JSON.stringify(words.nothing), asked: false }, "replace");
  }, [own, words, state.draft === ""]);

  // The strip follows every change, and the server says what is wrong with it.
  useEffect(() => {
    let current = true;
    const wait = setTimeout(() => {
      if (own && question.protocol === null) return;
      call<Said>("strip", question).then(
        (found) => {
          if (!current) return;
          setSaid(found);
          setProblem(null);
        },
        (failure: unknown) => {
          if (current && failure instanceof Refused) setProblem(failure.problem);
        },
      );
    }, 120);
    return () => {
      current = false;
      clearTimeout(wait);
    };
  }, [asks]);

  // What the address asks is asked: the same question is the same job, so that nothing runs twice.
  useEffect(() => {
    const mine = ++turn.current;
    ending.current();
    setJob(null);
    setFailure(null);
    if (state.asked) setStopped(false);
    if (!state.asked || damaged) return;
    const current = () => turn.current === mine;
    const wrong = (failure: unknown) => {
      if (current() && failure instanceof Refused) {
        setFailure(failure.problem);
        setJob(null);
      }
    };
    const one = (asked: Question, first: boolean) =>
      new Promise<boolean>((done) => {
        let read: Promise<void> | null = null;
        const show = async (id: string) => {
          const answer = await call<Answer>(`jobs/${id}/answer`);
          if (current()) setShown({ job: id, answer, unit: "", question: asks, first, room: room.id, whole: false });
        };
        const ended = async (now: Job) => {
          await read;
          if (current()) setShown((one) => (one?.job === now.id && now.state === "done" ? { ...one, whole: true } : one));
          done(now.state === "done");
        };
        const told = (now: Job) => {
          if (!current()) return;
          setJob(now);
          latest.current = now;
          if (now.problem) setFailure(now.problem);
          if (now.ready || now.state === "done") read ??= show(now.id);
          read?.catch(wrong);
          if (OVER.includes(now.state)) ended(now).catch(wrong);
        };
        call<Job>("jobs", asked).then((now) => {
          if (!current()) return;
          told(now);
          if (!OVER.includes(now.state)) ending.current = follow(now.id, told, wrong);
        }, wrong);
      });
    // A first answer, of fewer people, where the question asks for more than it.
    const less = Object.entries(room.first ?? {}).filter(([name, most]) => {
      const said = question.request[name];
      return typeof said === "number" && said > most;
    });
    const first = { ...question, request: { ...question.request, ...Object.fromEntries(less) } };
    const all = async () => {
      if (less.length > 0 && !(await one(first, true))) return;
      if (current()) await one(question, false);
    };
    void all();
    return () => ending.current();
  }, [state.asked, state.room, state.asked ? asks : "", again]);

  // What was answered stays in the history of the browser; what is typed on the way to a question does not.
  const changed = state.asked ? "push" : "replace";
  const write = (data: Any) => go({ ...state, draft: JSON.stringify(data), asked: false }, changed);
  const beginFrom = (text: string) => {
    const field = protocolField(room);
    const say = (data: Any) => field && go({ ...state, values: { ...state.values, [field]: OWN }, draft: JSON.stringify(data), asked: false }, "push");
    if (text === "") say(words?.nothing);
    else
      call<{ data: Any }>("protocol", { text }).then(
        (found) => say(found.data),
        (failure: unknown) => failure instanceof Refused && setProblem(failure.problem),
      );
  };
  const save = async () => {
    // What is on the screen now, which the last check may not have seen.
    const { text } = await call<{ text: string }>("protocol", { data: draft });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    link.download = OWN;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  // The people of another question are others.
  const nobody = { ...state.view, who: "" };
  const change = (name: string, value: string) =>
    go({ ...state, values: { ...state.values, [name]: value }, view: nobody, asked: false }, changed);
  // A number of the sentence is let go: what was answered is asked again, and what it takes the place of is stopped.
  const rested = () => {
    if (here === null) return;
    const before = latest.current;
    if (before !== null && !OVER.includes(before.state) && before.question.request["request"] === room.asks) call(`jobs/${before.id}/stop`, {}).catch(() => undefined);
    go({ ...state, asked: true }, "replace");
  };
  // A reload does not ask again what was stopped.
  const stop = () => {
    setStopped(true);
    go({ ...state, asked: false }, "replace");
    if (job) call(`jobs/${job.id}/stop`, {}).catch((failure: unknown) => failure instanceof Refused && setFailure(failure.problem));
  };
  const enter = async (id: string) => {
    const there = house.rooms.find((one) => one.id === id)!;
    // Somebody is described once a field differs, or a question was asked; the server says who that is now.
    const described = state.asked || room.fields.some((one) => (state.values[one.name] ?? "") !== (one.usual ?? ""));
    let person = "";
    if (described && room.asks === "patient" && there.fields.some((one) => one.name === "population"))
      try {
        person = (await call<Said>("strip", question)).person ?? "";
      } catch (failure) {
        if (failure instanceof Refused) setProblem(failure.problem);
        return;
      }
    kept.current.set(room.id, state);
    const before = kept.current.get(id) ?? null;
    const to = before ?? stateOf(`#/${id}`, house);
    const next = walked(state, room, to, house, { known: before !== null, person, carried: carried.current });
    if (person) carried.current = person;
    const written = (one: State) => JSON.stringify([one.values, one.seed, one.draft]);
    setShown(null);
    setProblem(null);
    setFailure(null);
    setStopped(false);
    setSaid(null);
    go({ ...next, asked: to.asked && written(next) === written(to) }, "push");
  };
  const read = (text: string) => {
    if (/^antitrypsim\s*:/m.test(text)) {
      beginFrom(text);
      return;
    }
    call<Question>("read", { text }).then(
      (found) => {
        const next = stateFrom(found, house);
        if (next) go({ ...next, draft: next.draft || state.draft, pins: state.pins, unit: state.unit, asked: false }, "push");
      },
      (failure: unknown) => failure instanceof Refused && setProblem(failure.problem),
    );
  };
  // The same answer with serum AAT in another unit.
  const unit = state.unit;
  const asked = shown?.job;
  useEffect(() => {
    if (asked === undefined || !shown?.whole || shown.unit === unit) return;
    let current = true;
    call<Answer>(answerOf(asked, unit)).then(
      (answer) => current && setShown((now) => (now?.job === asked ? { ...now, answer, unit } : now)),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [asked, unit, shown?.unit, shown?.whole]);
  const trouble = damaged ? { sentence: WORDS.damaged, key: null, code: "damaged" } : (problem ?? failure);
  const busy = job !== null && !OVER.includes(job.state);
  // Lists of what was asked are read again once an answer is whole.
  const over = shown?.whole ? shown.job : "";
  const here = shown?.room === room.id ? shown : null;
  // Whether what is on the screen answers what the form asks now.
  const old = here !== null && here.question !== asks;
  const sentence = said?.sentence ?? [];
  const sections = here?.answer.sections ?? [];
  // What is drawn stands between the answer in words and what is looked up.
  const first = sections.findIndex((one) => one.folded || (one.title && !one.look));
  const before = here?.answer.charts.length ? 2 : first < 0 ? sections.length : first;
  return (
    <Unit.Provider value={state.unit || house.serum_units[0]!}>
      <header class="top">
        <p class="notice">{house.notice}</p>
        <div class="bar">
          <h1>{WORDS.name}</h1>
          <nav aria-label={WORDS.rooms}>
            {house.rooms.map((one) => (
              <a
                key={one.id}
                href={`#/${one.id}`}
                aria-current={one.id === room.id ? "page" : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  if (one.id !== room.id) void enter(one.id);
                }}
              >
                {one.title}
              </a>
            ))}
          </nav>
          <p class="made">
            <label for="seed" title={WORDS.seedHint}>
              {WORDS.seed}
            </label>
            <input
              id="seed"
              inputMode="numeric"
              value={state.seed}
              placeholder={String(house.seed)}
              onInput={(event) => go({ ...state, seed: (event.target as HTMLInputElement).value, view: nobody, asked: false }, changed)}
            />
            <span>{house.version}</span>
            {SERUM.includes(room.asks) && (
              <select
                class="aat"
                aria-label={WORDS.serumIn}
                title={WORDS.serumIn}
                value={state.unit || house.serum_units[0]}
                onChange={(event) => {
                  const unit = (event.target as HTMLSelectElement).value;
                  go({ ...state, unit: unit === house.serum_units[0] ? "" : unit }, "replace");
                }}
              >
                {house.serum_units.map((one) => (
                  <option key={one} value={one}>
                    {WORDS.aat} {one}
                  </option>
                ))}
              </select>
            )}
          </p>
        </div>
        <p class="known" aria-live="polite">
          {said?.knowledge}
        </p>
      </header>
      <main>
        <div class="ask-side">
          <Form
            room={room}
            house={house}
            values={state.values}
            wrong={trouble?.key ?? null}
            before={room.asks === "patient" && !problem && <Like question={question} over={over} onWider={change} />}
            onChange={change}
            person={carried.current}
            onAsk={() => {
              setAgain(again + 1);
              go({ ...state, asked: true }, "push");
            }}
            onAgain={
              room.again && here && !busy
                ? () => go({ ...state, seed: String(Number(state.seed || house.seed) + 1), view: nobody, asked: true }, "push")
                : null
            }
          />
          {(state.values["population"] ?? "").startsWith(PERSON) && (kept.current.get("person")?.values["measured"] ?? "").trim() !== "" && (
            <p class="small">{WORDS.unweighed}</p>
          )}
          {protocolField(room) !== null && !own && (
            <p class="change">
              <button type="button" onClick={() => beginFrom(state.values[protocolField(room)!] ?? "")}>
                {WORDS.change}
              </button>
              <button type="button" onClick={() => change(protocolField(room)!, OWN)}>
                {WORDS.write}
              </button>
            </p>
          )}
          {trouble && !(own && drafted?.problem) && (
            <p class="problem" id="problem" role="alert">
              {trouble.sentence}
            </p>
          )}
          {said && !own && (said.remarks ?? []).length > 0 && <Remarks remarks={said.remarks ?? []} />}
        </div>
        <div class="strip-side">
          <Strip said={said} stale={problem !== null || damaged} answered={here && !here.first && !old ? here.answer.hash : null} onRead={read} />
          <Earlier house={house} over={over} onOpen={(next) => go({ ...next, unit: state.unit }, "push")} />
        </div>
        <div class="answer-side" aria-busy={busy}>
          {own && draft !== null && words !== null && (
            <Protocol
              e={{ data: draft, drafted, words, all: write, set: (path, value) => write(put(draft, path, value)) }}
              open={!state.asked || drafted?.problem != null}
              onSave={() => void save()}
              begin={
                <select aria-label={WORDS.begin} value="-" onChange={(event) => beginFrom((event.target as HTMLSelectElement).value)}>
                  <option value="-" disabled>
                    {WORDS.begin}
                  </option>
                  <option value="">{WORDS.beginNothing}</option>
                  {room.fields
                    .flatMap((field) => (field.name === protocolField(room) ? (field.choices ?? []) : []))
                    .filter((one) => one.value !== OWN)
                    .map((one) => (
                      <option key={one.value} value={one.value}>
                        {one.title}
                      </option>
                    ))}
                </select>
              }
            />
          )}
          <Beside
            pins={state.pins}
            onOpen={(one) => {
              const next = stateFrom(one.question, house);
              if (next) go({ ...next, pins: state.pins, unit: state.unit }, "push");
            }}
            onUnpin={(id) => go({ ...state, pins: state.pins.filter((one) => one !== id) }, "replace")}
          />
          {room.asks === "power" && (
            <Fronts
              over={over}
              onOpen={(one) => {
                const next = stateFrom(one.question, house);
                if (next) go({ ...next, pins: state.pins, unit: state.unit }, "push");
              }}
            />
          )}
          {sentence.length > 0 && <Sentence key={room.id} parts={sentence} stale={problem !== null} onMove={change} onRest={rested} />}
          {stopped && <p class="small" role="status">{WORDS.stopped}</p>}
          {job && <Progress job={job} onStop={stop} />}
          {here === null && !busy && !trouble && !stopped && <p class="small">{WORDS.nothing}</p>}
          {here && (
            <article class={["answer", old && "old", state.only && "only"].filter(Boolean).join(" ")}>
              {room.asks === "evidence" && (
                <label class="switch">
                  <input type="checkbox" checked={state.only} onChange={() => go({ ...state, only: !state.only }, "replace")} />
                  <span>
                    {WORDS.onlyMeasured}
                    <small>{WORDS.onlyHint}</small>
                  </span>
                </label>
              )}
              {old && <p class="small">{WORDS.old}</p>}
              {!old && here.first && (
                <p class="small" role="status">
                  {busy ? WORDS.first : WORDS.firstOnly}
                </p>
              )}
              {(sentence.length === 0 || old) && <h2 class="title">{here.answer.title}</h2>}
              <Sections sections={sections.slice(0, before)} job={here.job} png={here.answer.pdf === true} depth={here.answer.charts.length ? 2 : 3} />
              {here.answer.charts.length > 0 && <Courses answer={here.answer} job={here.job} passing={here.first || old} view={state.view} onView={look} />}
              {here.answer.calendar && <InTime key={here.job} calendar={here.answer.calendar} />}
              <Worlds worlds={here.answer.worlds ?? []} />
              <Sections sections={sections.slice(before)} job={here.job} png={here.answer.pdf === true} depth={3} />
              <p class="leave">
                {!here.first && room.id !== "evidence" && (
                  <button
                    type="button"
                    disabled={state.pins.includes(here.job) || state.pins.length >= 4}
                    onClick={() => go({ ...state, pins: [...state.pins, here.job] }, "replace")}
                  >
                    {state.pins.includes(here.job) ? WORDS.pinned : WORDS.pin}
                  </button>
                )}
                {room.id === "trial" && (
                  <button type="button" onClick={() => go({ ...walked(state, room, stateOf("#/design", house), house, { known: false, person: "", carried: "" }), asked: true }, "push")}>
                    {WORDS.twentyOf}
                  </button>
                )}
                {here.whole && (
                  <a href={`/api/jobs/${here.job}/report.html`} download>
                    {WORDS.report}
                  </a>
                )}
                {here.whole && here.answer.pdf && (
                  <a href={`/api/jobs/${here.job}/report.pdf`} download>
                    {WORDS.pdf}
                  </a>
                )}
                <a href={`/api/jobs/${here.job}/data.json`} download>
                  {WORDS.data}
                </a>
              </p>
            </article>
          )}
        </div>
      </main>
      <datalist id="therapies">
        {house.therapies.map((one) => (
          <option key={one.value} value={one.value}>
            {one.title}
          </option>
        ))}
      </datalist>
    </Unit.Provider>
  );
}

// What two rooms both ask for walks along: the protocol, the therapy, the person, the seed.
// ``known``: there somebody has been before, and what they wrote is not taken away; ``person`` is who is described here now,
// ``carried`` whom both rooms know already.
function walked(from: State, room: Room, to: State, house: House, walk: { known: boolean; person: string; carried: string }): State {
  const { known, person, carried } = walk;
  const next = { ...to, values: { ...to.values }, unit: from.unit, seed: from.seed, draft: from.draft };
  const there = house.rooms.find((one) => one.id === to.room)!;
  const here = protocolField(room);
  const field = protocolField(there);
  if (here && field) next.values[field] = from.values[here] ?? "";
  else if (field && from.draft) next.values[field] = OWN;
  const therapy = from.values["therapy"] ?? "";
  const texts = (one: State) => (one.values["therapies"] ?? "").split("\n").map((line) => partedLine(line)[1].trim());
  if (therapy && "therapies" in next.values && !(known && texts(to).includes(therapy.trim()))) next.values["therapies"] = therapy;
  const [first = ""] = texts(from);
  if (first && "therapy" in next.values && !(known && texts(from).includes((to.values["therapy"] ?? "").trim()))) next.values["therapy"] = first;
  // Who was described on the one page is whom the other's people are like.
  if ("population" in next.values && person && person !== carried) next.values["population"] = person;
  const people = from.values["population"] ?? "";
  if (people.startsWith(PERSON) && people !== carried && "genotype" in next.values) {
    const said = new Map(people.slice(PERSON.length).split(",").map((one) => one.split("=", 2) as [string, string]));
    const plain = usual(there);
    for (const name of house.describes) if (name in next.values) next.values[name] = said.get(name) ?? plain[name] ?? "";
  }
  // A trial's number of people is the one size of its design, and the other way round.
  const said = (name: string) => from.values[name] ?? "";
  if ("sizes" in next.values && "participants" in from.values) next.values["sizes"] = said("participants");
  if ("participants" in next.values && /^\s*\d+\s*$/.test(said("sizes"))) next.values["participants"] = said("sizes").trim();
  const drawn = said("uncertainty") || said("draws");
  for (const name of ["uncertainty", "draws"]) if (name in next.values && drawn) next.values[name] = drawn;
  for (const name of ["without", "posterior"]) if (name in next.values && name in from.values) next.values[name] = from.values[name]!;
  return next;
}

function Remarks({ remarks }: { remarks: NonNullable<Said["remarks"]> }) {
  const warnings = remarks.filter((one) => one.level === "warning");
  return (
    <section class="remarks" aria-labelledby="check">
      <h2 id="check">{WORDS.check}</h2>
      {(["warning", "note"] as const).map((level) => {
        const found = remarks.filter((one) => one.level === level);
        if (found.length === 0) return null;
        return (
          <details key={level} open={level === "warning" || warnings.length === 0}>
            <summary>{level === "warning" ? WORDS.warnings : WORDS.notes}</summary>
            <ul>
              {found.map((one, k) => (
                <li key={k}>
                  <code>{one.key}</code> {one.sentence}
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </section>
  );
}

function Progress({ job, onStop }: { job: Job; onStop: () => void }) {
  if (job.state === "stopped") return <p class="small" role="status">{WORDS.stopped}</p>;
  if (OVER.includes(job.state)) return null;
  return (
    <div class="progress" role="status">
      <span>{job.state === "waiting" ? WORDS.waiting : job.stage}</span>
      <progress max={job.total || undefined} value={job.total ? job.done : undefined} aria-label={job.stage || WORDS.waiting} />
      <button type="button" onClick={onStop}>
        {WORDS.stop}
      </button>
    </div>
  );
}

function Earlier({ house, over, onOpen }: { house: House; over: string; onOpen: (state: State) => void }) {
  const [jobs, setJobs] = useState<Job[]>([]);
  useEffect(() => {
    call<Job[]>("jobs").then(setJobs, () => undefined);
  }, [over]);
  if (jobs.length === 0) return null;
  return (
    <details class="earlier">
      <summary>{WORDS.earlier}</summary>
      <ul>
        {jobs.slice(0, 20).map((job) => {
          const state = stateFrom(job.question, house);
          const room = house.rooms.find((one) => one.id === state?.room);
          if (state === null || room === undefined) return null;
          return (
            <li key={job.id}>
              <a
                href={addressOf(state, room)}
                onClick={(event) => {
                  event.preventDefault();
                  onOpen(state);
                }}
              >
                {room.title}: {decodeURIComponent((addressOf({ ...state, asked: false, draft: "" }, room).split("?")[1] ?? "").replaceAll("+", " ").replaceAll("&", ", ")) || WORDS.asBegun}
              </a>{" "}
              <small>{job.state}</small>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

const place = document.getElementById("page")!;
call<House>("house").then(
  (house) => {
    place.textContent = "";
    render(<Page house={house} />, place);
  },
  (failure: unknown) => render(<p class="problem">{failure instanceof Error ? failure.message : String(failure)}</p>, place),
);
