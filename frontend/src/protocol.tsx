// A form for a protocol: it edits the plain data of a protocol file; the server says what is wrong with it.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { components } from "./api";
import { call, Refused } from "./client";
import { Lines } from "./dosing";
import { Serum } from "./serum";
import { WORDS } from "./words";

type Schema = components["schemas"];
export type Drafted = Schema["Drafted"];
export type Vocabulary = Schema["Vocabulary"];
// A draft may be anything that YAML can say, valid or not.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Any = any;
type Path = (string | number)[];

export function at(data: Any, path: Path): Any {
  return path.reduce((found, part) => found?.[part], data);
}

// Return data with another value at a path; undefined takes it away.
export function put(data: Any, path: Path, value: Any): Any {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  const inner = put(data?.[part], rest, value);
  if (typeof part === "number") {
    const list = [...(data ?? [])];
    if (inner === undefined) list.splice(part, 1);
    else list[part] = inner;
    return list;
  }
  const { [part]: _, ...others } = data ?? {};
  if (inner === undefined) return others;
  // In its place, so that the text stays in its order.
  return data && part in data
    ? Object.fromEntries(Object.entries(data).map(([key, old]) => [key, key === part ? inner : old]))
    : { ...others, [part]: inner };
}

export const list = (value: Any): Any[] => (Array.isArray(value) ? value : []);
const keyOf = (path: Path) => path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${part}` : part), "");

function fresh(stem: string, taken: string[]): string {
  for (let k = 1; ; k++) if (!taken.includes(`${stem}-${k}`)) return `${stem}-${k}`;
}

export interface Editor {
  data: Any;
  drafted: Drafted | null;
  words: Vocabulary;
  set: (path: Path, value: Any) => void;
  all: (data: Any) => void;
  // What it would be if what is being dragged were let go; null once it is.
  preview?: (data: Any) => void;
}

// What the server says of a draft; the newest answer counts.
export function useDrafted(data: Any): Drafted | null {
  const [found, setFound] = useState<Drafted | null>(null);
  const text = JSON.stringify(data);
  useEffect(() => {
    if (data === null) return;
    let current = true;
    const wait = setTimeout(() => {
      call<Drafted>("protocol", { data }).then(
        (one) => current && setFound(one),
        (failure: unknown) =>
          current && failure instanceof Refused && setFound({ data, text: "", problem: failure.problem, remarks: [], lanes: [], visits: {}, epochs: {}, length: 0 }),
      );
    }, 100);
    return () => {
      current = false;
      clearTimeout(wait);
    };
  }, [text]);
  return data === null ? null : found;
}

interface FieldProps {
  e: Editor;
  path: Path;
  title: string;
  unit?: string | undefined;
  kind?: "text" | "number" | "area";
  hint?: string | undefined;
  hidden?: boolean;
  wide?: boolean;
  // Told once somebody leaves the field, or at every letter where it is live.
  onSaid?: (text: string) => void;
  live?: boolean;
  // Names that others have: one of these is not taken, and this is said.
  others?: string[];
}

export function Said({ e, path, title, unit, kind = "text", hint, hidden, wide, onSaid, live = false, others = [] }: FieldProps) {
  const value = at(e.data, path);
  // What somebody is typing stands as it is typed until they leave: answers that come meanwhile are of text before it,
  // and '0.' on the way to 0.5 is no other number than 0.
  const [typed, setTyped] = useState<string | null>(null);
  const id = `p-${keyOf(path).replaceAll(/[^\w-]+/g, "-")}`;
  const bad = wrongAt(e.drafted, keyOf(path));
  const read = (text: string) => {
    if (text.trim() === "") return undefined;
    const number = Number(text);
    return kind === "number" && Number.isFinite(number) ? number : text;
  };
  const common = {
    id,
    value: typed ?? (value === undefined || value === null ? "" : String(value)),
    onBlur: () => setTyped(null),
    "aria-invalid": bad,
    "aria-label": hidden ? title : undefined,
    "aria-describedby": bad ? "p-problem" : undefined,
    spellcheck: false,
  };
  const said = (event: Event) => {
    const text = (event.target as HTMLInputElement).value;
    setTyped(text);
    if (!onSaid) e.set(path, read(text));
    else if (live) onSaid(text);
  };
  const ended = (event: Event) => !live && onSaid?.((event.target as HTMLInputElement).value);
  const taken = typed !== null && others.includes(typed.trim());
  return (
    <div class={wide || kind === "area" ? "field wide" : "field"}>
      {!hidden && (
        <label for={id}>
          {title}
          {unit && <span class="unit">{unit}</span>}
        </label>
      )}
      {kind === "area" ? (
        <textarea {...common} rows={2} onInput={said} />
      ) : (
        <input {...common} type="text" inputMode={kind === "number" ? "decimal" : "text"} autocomplete="off" onInput={said} onChange={ended} />
      )}
      {taken && (
        <small class="problem" role="alert">
          {WORDS.taken}
        </small>
      )}
      {hint && <small class="hint">{hint}</small>}
    </div>
  );
}

interface PickProps {
  e: Editor;
  path: Path;
  title: string;
  choices: { value: string; title: string; off?: string | undefined }[];
  empty?: string;
  hidden?: boolean;
  onPick?: (value: string) => void;
}

export function Pick({ e, path, title, choices, empty, hidden, onPick }: PickProps) {
  const value = at(e.data, path) ?? "";
  const id = `p-${keyOf(path).replaceAll(/[^\w-]+/g, "-")}`;
  return (
    <div class="field">
      {!hidden && <label for={id}>{title}</label>}
      <select
        id={id}
        aria-label={hidden ? title : undefined}
        aria-invalid={wrongAt(e.drafted, keyOf(path))}
        value={value}
        onChange={(event) => {
          const picked = (event.target as HTMLSelectElement).value;
          if (onPick) onPick(picked);
          else e.set(path, picked || undefined);
        }}
      >
        {empty !== undefined && <option value="">{empty}</option>}
        {value !== "" && !choices.some((one) => one.value === value) && <option value={value}>{String(value)}</option>}
        {choices.map((one) => (
          <option key={one.value} value={one.value} disabled={Boolean(one.off)} title={one.off}>
            {one.off ? `${one.title} (${one.off})` : one.title}
          </option>
        ))}
      </select>
    </div>
  );
}

function wrongAt(drafted: Drafted | null, key: string): boolean {
  const said = drafted?.problem?.key;
  return said === key || Boolean(said?.startsWith(`${key}.`));
}

// What the check says of keys that begin with one of these; a note is small.
export function Told({ drafted, keys, but }: { drafted: Drafted | null; keys: string[]; but?: RegExp }) {
  if (drafted === null) return null;
  const mine = (key: string | null | undefined) => !but?.test(key ?? "") && keys.some((one) => key === one || key?.startsWith(`${one}.`) || key?.startsWith(`${one}[`));
  const found = (drafted.remarks ?? []).filter((one) => mine(one.key));
  return (
    <>
      {drafted.problem && mine(drafted.problem.key) && (
        <p class="problem" id="p-problem" role="alert">
          {drafted.problem.sentence}
        </p>
      )}
      {found.length > 0 && (
        <ul class="found">
          {found.map((one, k) => (
            <li key={k} class={one.level}>
              {one.sentence}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const ASKED = ["title", "question", "context_of_use", "role", "id", "references", "facts", "notes"];
const PEOPLE = ["population", "participants", "stratify_by", "bands"];
const ARMS = ["arms", "allocation", "epochs"];
const VISITS = ["visits", "assessments"];
const JUDGED = ["endpoints"];
const LEAVING = ["dropout"];
const KNOWN = [...ASKED, ...PEOPLE, ...ARMS, ...VISITS, ...JUDGED, ...LEAVING];

export function Protocol({ e, open, onSave, begin }: { e: Editor; open: boolean; onSave: () => void; begin: ComponentChildren }) {
  const { drafted } = e;
  const others = Object.keys(e.data ?? {}).filter((key) => !KNOWN.includes(key) && key !== "antitrypsim");
  const elsewhere = drafted?.problem && !KNOWN.some((key) => drafted.problem?.key?.startsWith(key)) ? drafted.problem : null;
  return (
    <details class="protocol" open={open}>
      <summary>
        <h2>
          {WORDS.protocol}: {String(e.data?.title ?? "")}
        </h2>
      </summary>
      <div class="protocol-head">
        {begin}
        <button type="button" onClick={onSave}>
          {WORDS.save}
        </button>
      </div>
      <p class="verdict" role="status">
        {drafted === null ? WORDS.checking : drafted.problem ? WORDS.cannot : (drafted.remarks ?? []).some((one) => one.level === "warning") ? WORDS.doubtful : WORDS.sound}{" "}
        {drafted?.problem && (
          <button type="button" class="plain" onClick={() => document.getElementById("p-problem")?.scrollIntoView({ block: "center" })}>
            {WORDS.where}
          </button>
        )}
      </p>
      {elsewhere && (
        <p class="problem" id="p-problem" role="alert">
          {elsewhere.key && <code>{elsewhere.key} </code>}
          {elsewhere.sentence}
        </p>
      )}
      <fieldset>
        <legend>{WORDS.what}</legend>
        <div class="fields">
          <Said e={e} path={["title"]} title={WORDS.titled} wide />
          <Said e={e} path={["id"]} title={WORDS.short} />
          <Said e={e} path={["question"]} title={WORDS.question} kind="area" />
          <Said e={e} path={["context_of_use"]} title={WORDS.use} kind="area" />
        </div>
        <Told drafted={drafted} keys={ASKED} />
      </fieldset>
      <People e={e} />
      <Arms e={e} />
      <Visits e={e} />
      <Judged e={e} />
      <fieldset>
        <legend>{WORDS.leaving}</legend>
        <div class="fields">
          <Said e={e} path={["dropout", "yearly"]} title={WORDS.yearly} unit={WORDS.share} kind="number" />
        </div>
        <Told drafted={drafted} keys={LEAVING} />
      </fieldset>
      {others.length > 0 && (
        <p class="small">
          {WORDS.kept} {others.join(", ")}
        </p>
      )}
    </details>
  );
}

function Shares({ e, path, title, words }: { e: Editor; path: Path; title: string; words: readonly string[] }) {
  const said = Object.keys(at(e.data, path) ?? {});
  const shown = words.filter((word) => said.includes(word));
  const left = words.filter((word) => !said.includes(word));
  return (
    <div class="field wide" role="group" aria-label={title}>
      <span class="label">
        {title} <span class="unit">{WORDS.share}</span>
      </span>
      <div class="shares">
        {shown.map((word) => (
          <label key={word}>
            {word}
            <Said e={e} path={[...path, word]} title={`${title}: ${word}`} kind="number" hidden />
          </label>
        ))}
        {left.length > 0 && (
          <select aria-label={`${WORDS.addTo} ${title}`} value="" onChange={(event) => e.set([...path, (event.target as HTMLSelectElement).value], 0)}>
            <option value="">{WORDS.more_}</option>
            {left.map((word) => (
              <option key={word} value={word}>
                {word}
              </option>
            ))}
          </select>
        )}
      </div>
    </div>
  );
}

function People({ e }: { e: Editor }) {
  const criteria = list(at(e.data, ["population", "eligibility"]));
  return (
    <fieldset>
      <legend>{WORDS.who}</legend>
      <div class="fields four">
        <Said e={e} path={["participants"]} title={WORDS.participants} kind="number" />
        <Said e={e} path={["population", "age", "mean"]} title={WORDS.ageMean} unit="years" kind="number" />
        <Said e={e} path={["population", "age", "sd"]} title={WORDS.ageSd} unit="years" kind="number" />
        <Said e={e} path={["population", "age", "min"]} title={WORDS.ageMin} unit="years" kind="number" />
        <Said e={e} path={["population", "age", "max"]} title={WORDS.ageMax} unit="years" kind="number" />
        <Said e={e} path={["population", "male"]} title={WORDS.male} unit={WORDS.share} kind="number" />
        <Shares e={e} path={["population", "genotype"]} title={WORDS.genotype} words={e.words.genotypes} />
        <Shares e={e} path={["population", "smoking"]} title={WORDS.smoking} words={e.words.smoking} />
        <Shares e={e} path={["population", "ascertainment"]} title={WORDS.foundBy} words={e.words.ascertainment} />
      </div>
      <h3>{WORDS.criteria}</h3>
      {criteria.map((one, k) => (
        <div class="row" key={k}>
          <Pick
            e={e}
            path={["population", "eligibility", k, "quantity"]}
            title={`${WORDS.criterion} ${k + 1}`}
            choices={Object.entries(e.words.quantities).map(([value, unit]) => ({ value, title: `${value.replaceAll("_", " ")}, ${unit}` }))}
          />
          <Said e={e} path={["population", "eligibility", k, "min"]} title={WORDS.least} kind="number" unit={e.words.quantities[one?.quantity]} />
          <Said e={e} path={["population", "eligibility", k, "max"]} title={WORDS.most} kind="number" unit={e.words.quantities[one?.quantity]} />
          <Away title={`${WORDS.criterion} ${k + 1}`} onClick={() => e.set(["population", "eligibility", k], undefined)} />
        </div>
      ))}
      <button type="button" class="plain" onClick={() => e.set(["population", "eligibility", criteria.length], { quantity: "fev1_percent", min: 35, max: 70 })}>
        {WORDS.addCriterion}
      </button>
      <Groups e={e} />
      <Told drafted={e.drafted} keys={PEOPLE} />
    </fieldset>
  );
}

// Within which groups people are randomised; a number makes groups by where one ends and the next begins.
function Groups({ e }: { e: Editor }) {
  const within = list(e.data.stratify_by).map(String);
  const groupings = e.words.groupings;
  const set = (words: string[], bands: Any) => {
    const data = put(e.data, ["stratify_by"], words.length > 0 ? words : undefined);
    e.all(put(data, ["bands"], Object.keys(bands ?? {}).length > 0 ? bands : undefined));
  };
  const add = (word: string) => {
    const banded = groupings.find((one) => one.word === word)?.banded;
    set([...within, word], banded ? { ...e.data.bands, [word]: e.data.bands?.[word] ?? [] } : e.data.bands);
  };
  const drop = (word: string) => {
    const { [word]: _, ...bands } = e.data.bands ?? {};
    set(within.filter((one) => one !== word), bands);
  };
  const edges = (text: string) =>
    text.split(",").map((part) => part.trim()).filter(Boolean).map((part) => (Number.isFinite(Number(part)) ? Number(part) : part));
  // Bands of what nobody is randomised within are an analysis's; they are shown too.
  const shown = [...within, ...Object.keys(e.data.bands ?? {}).filter((word) => !within.includes(word))];
  return (
    <>
      <h3>{WORDS.within}</h3>
      {shown.map((word) => {
        const one = groupings.find((each) => each.word === word);
        const title = one?.title ?? word;
        return (
          <div class="row" key={word}>
            {one?.banded ? (
              <Said
                e={e}
                path={["bands", word]}
                title={`${title}: ${WORDS.edges}`}
                unit={one.unit}
                hint={within.includes(word) ? WORDS.edgesHint : WORDS.edgesOnly}
                onSaid={(text) => e.set(["bands", word], edges(text))}
                live
                wide
              />
            ) : (
              <span class="grouping">{title}</span>
            )}
            <Away title={title} onClick={() => drop(word)} />
          </div>
        );
      })}
      <select class="auto" aria-label={WORDS.addGrouping} value="" onChange={(event) => add((event.target as HTMLSelectElement).value)}>
        <option value="">{WORDS.addGrouping}</option>
        {groupings
          .filter((one) => !within.includes(one.word))
          .map((one) => (
            <option key={one.word} value={one.word}>
              {one.title}
            </option>
          ))}
      </select>
    </>
  );
}

export function Away({ title, onClick }: { title: string; onClick: () => void }) {
  return (
    <button type="button" class="away" aria-label={`${WORDS.away} ${title}`} title={`${WORDS.away} ${title}`} onClick={onClick}>
      ×
    </button>
  );
}

function Arms({ e: whole }: { e: Editor }) {
  const [dragged, setDragged] = useState<Any>(null);
  const e = { ...whole, preview: setDragged };
  const arms = list(e.data.arms);
  const epochs = list(e.data.epochs);
  const ids = arms.map((one) => String(one?.id));
  // An arm's id stands in four places.
  const rename = (k: number, next: string) => {
    const old = ids[k]!;
    if (!next.trim() || ids.includes(next)) return;
    let data = put(e.data, ["arms", k, "id"], next);
    const moved = (table: Any) => Object.fromEntries(Object.entries(table ?? {}).map(([key, value]) => [key === old ? next : key, value]));
    data = put(data, ["allocation"], moved(data.allocation));
    if (data.dropout?.by_arm) data = put(data, ["dropout", "by_arm"], moved(data.dropout.by_arm));
    e.all(put(data, ["endpoints"], mapped(data.endpoints, "compare", old, next)));
  };
  const drop = (k: number) => {
    const id = ids[k]!;
    let data = put(put(e.data, ["arms", k], undefined), ["allocation", id], undefined);
    data = put(data, ["endpoints"], mapped(data.endpoints, "compare", id, undefined));
    e.all(data);
  };
  const add = () => {
    const id = fresh("arm", ids);
    e.all(put(put(e.data, ["arms", arms.length], { id, title: id }), ["allocation", id], 1));
  };
  return (
    <fieldset>
      <legend>{WORDS.arms}</legend>
      {epochs.map((one, k) => (
        <div class="row" key={k}>
          <Said e={e} path={["epochs", k, "title"]} title={`${WORDS.epoch} ${one?.id}`} />
          <Said e={e} path={["epochs", k, "length"]} title={WORDS.lasts} />
          {epochs.length > 1 && <Away title={`${WORDS.epoch} ${one?.id}`} onClick={() => e.set(["epochs", k], undefined)} />}
        </div>
      ))}
      <button type="button" class="plain" onClick={() => e.set(["epochs", epochs.length], { id: fresh("epoch", epochs.map((one) => String(one?.id))), length: "52 weeks" })}>
        {WORDS.addEpoch}
      </button>
      {arms.map((arm, k) => (
        <div class="arm" key={k}>
          <div class="row">
            <Said e={e} path={["arms", k, "title"]} title={WORDS.arm} />
            <Said e={e} path={["arms", k, "id"]} title={WORDS.short} onSaid={(text) => rename(k, text)} others={ids.filter((_, j) => j !== k)} />
            <Said e={e} path={["allocation", ids[k]!]} title={WORDS.ratio} kind="number" />
            {arms.length > 1 && <Away title={`${WORDS.arm} ${ids[k]}`} onClick={() => drop(k)} />}
          </div>
          {epochs.map((epoch, j) => (
            <Lines key={j} e={e} arm={k} id={String(arm?.id)} epoch={String(epoch?.id)} named={epochs.length > 1 ? String(epoch?.title ?? epoch?.id) : ""} length={String(epoch?.length ?? "")} />
          ))}
        </div>
      ))}
      <button type="button" class="plain" onClick={add}>
        {WORDS.addArm}
      </button>
      {e.drafted && !e.drafted.problem && <Serum ask={{ protocol: dragged ?? e.data }} />}
      <Told drafted={e.drafted} keys={ARMS} but={/\.treatment\.\w/} />
    </fieldset>
  );
}

// Replace or take away a word in the lists (or the one word) that analyses hold under a key.
function mapped(endpoints: Any, key: string, old: string, next: string | undefined): Any {
  const one = (plan: Any) => {
    const said = plan?.[key];
    if (Array.isArray(said)) return put(plan, [key], said.map((word) => (word === old ? next : word)).filter((word) => word !== undefined));
    return said === old ? put(plan, [key], next) : plan;
  };
  return Object.fromEntries(Object.entries(endpoints ?? {}).map(([where, plan]) => [where, where === "primary" ? one(plan) : where === "secondary" ? list(plan).map(one) : plan]));
}

function Visits({ e }: { e: Editor }) {
  const visits = list(e.data.visits);
  const ids = visits.map((one) => String(one?.id));
  const measured = list(e.data.assessments);
  const titles = Object.fromEntries(e.words.endpoints.map((one) => [one.id, one]));
  const ticked = (k: number, id: string) => measured[k]?.visits === "all" || list(measured[k]?.visits).includes(id);
  const tick = (k: number, id: string) => {
    const now = ids.filter((one) => (one === id) !== ticked(k, one));
    e.set(["assessments", k, "visits"], now.length === ids.length ? "all" : now);
  };
  const inAll = (data: Any, old: string, next: string | undefined) => {
    const lists = measured.map((one) => (Array.isArray(one?.visits) ? put(one, ["visits"], one.visits.map((id: string) => (id === old ? next : id)).filter(Boolean)) : one));
    return put(put(data, ["assessments"], lists), ["endpoints"], mapped(data.endpoints, "visit", old, next));
  };
  const rename = (k: number, next: string) => {
    if (next.trim() && !ids.includes(next)) e.all(inAll(put(e.data, ["visits", k, "id"], next), ids[k]!, next));
  };
  return (
    <fieldset>
      <legend>{WORDS.visits}</legend>
      <div class="scroll" tabIndex={0} role="region" aria-label={WORDS.visits}>
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">{WORDS.measured}</th>
              {visits.map((_, k) => (
                <th key={k} scope="col">
                  <Said e={e} path={["visits", k, "id"]} title={`${WORDS.visit} ${k + 1}, ${WORDS.short}`} hidden onSaid={(text) => rename(k, text)} others={ids.filter((_, j) => j !== k)} />
                  <Said e={e} path={["visits", k, "time"]} title={`${WORDS.visit} ${ids[k]}, ${WORDS.time}`} hidden />
                  {visits.length > 1 && <Away title={`${WORDS.visit} ${ids[k]}`} onClick={() => e.all(inAll(put(e.data, ["visits", k], undefined), ids[k]!, undefined))} />}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {measured.map((one, k) => (
              <tr key={k}>
                <th scope="row">
                  {titles[one?.endpoint]?.title ?? String(one?.endpoint)}{" "}
                  {measured.length > 1 && <Away title={titles[one?.endpoint]?.title ?? ""} onClick={() => e.set(["assessments", k], undefined)} />}
                </th>
                {titles[one?.endpoint]?.event ? (
                  <td colSpan={visits.length} class="throughout">
                    {WORDS.throughout}
                  </td>
                ) : (
                  ids.map((id) => (
                    <td key={id}>
                      <input type="checkbox" checked={ticked(k, id)} aria-label={`${titles[one?.endpoint]?.title ?? one?.endpoint}, ${id}`} onChange={() => tick(k, id)} />
                    </td>
                  ))
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="row">
        <button type="button" class="plain" onClick={() => e.set(["visits", visits.length], { id: fresh("visit", ids), time: String(list(e.data.epochs)[0]?.length ?? "52 weeks") })}>
          {WORDS.addVisit}
        </button>
        <select
          aria-label={WORDS.addMeasured}
          value=""
          onChange={(event) => {
            const id = (event.target as HTMLSelectElement).value;
            e.set(["assessments", measured.length], titles[id]?.event ? { endpoint: id } : { endpoint: id, visits: "all" });
          }}
        >
          <option value="">{WORDS.addMeasured}</option>
          {e.words.endpoints
            .filter((one) => !measured.some((there) => there?.endpoint === one.id))
            .map((one) => (
              <option key={one.id} value={one.id}>
                {one.title}
              </option>
            ))}
        </select>
      </div>
      <Told drafted={e.drafted} keys={VISITS} />
    </fieldset>
  );
}

function Judged({ e }: { e: Editor }) {
  const secondary = list(at(e.data, ["endpoints", "secondary"]));
  const arms = list(e.data.arms).map((one) => String(one?.id));
  const add = () => {
    const endpoint = list(e.data.assessments)[0]?.endpoint ?? "density";
    const id = fresh("secondary", secondary.map((one) => String(one?.id)));
    e.set(["endpoints", "secondary", secondary.length], { id, endpoint, analysis: "describe" });
  };
  return (
    <fieldset>
      <legend>{WORDS.judged}</legend>
      <h3>{WORDS.primary}</h3>
      <Plan e={e} path={["endpoints", "primary"]} arms={arms} />
      <div class="row">
        <Said e={e} path={["endpoints", "alpha"]} title={WORDS.alpha} kind="number" hint="0.05" />
      </div>
      {secondary.length > 0 && <h3>{WORDS.secondary}</h3>}
      {secondary.map((_, k) => (
        <Plan key={k} e={e} path={["endpoints", "secondary", k]} arms={arms} away={() => e.set(["endpoints", "secondary", k], undefined)} />
      ))}
      <button type="button" class="plain" onClick={add}>
        {WORDS.addAnalysis}
      </button>
      <Told drafted={e.drafted} keys={JUDGED} />
    </fieldset>
  );
}

function Plan({ e, path, arms, away }: { e: Editor; path: Path; arms: string[]; away?: () => void }) {
  const plan = at(e.data, path) ?? {};
  const titles = Object.fromEntries(e.words.endpoints.map((one) => [one.id, one.title]));
  const kind = e.words.kinds[plan.endpoint] ?? "";
  const analysis = e.words.analyses.find((one) => one.id === plan.analysis);
  const compared = list(plan.compare);
  const name = path.at(-1) === "primary" ? WORDS.primary : `${WORDS.secondary} ${Number(path.at(-1)) + 1}`;
  const compare = (which: number) => (value: string) => {
    const pair = [compared[0] ?? arms[0], compared.at(-1) ?? arms.at(-1)];
    pair[which] = value;
    e.set([...path, "compare"], pair);
  };
  return (
    <div class="row" role="group" aria-label={name}>
      <Pick e={e} path={[...path, "endpoint"]} title={WORDS.endpoint} choices={list(e.data.assessments).map((one) => ({ value: String(one?.endpoint), title: titles[one?.endpoint] ?? String(one?.endpoint) }))} />
      <Pick
        e={e}
        path={[...path, "analysis"]}
        title={WORDS.analysis}
        choices={e.words.analyses.filter((one) => one.kinds.includes(kind)).map((one) => ({ value: one.id, title: one.title }))}
      />
      {(analysis?.at_visit || plan.visit) && (
        <Pick e={e} path={[...path, "visit"]} title={WORDS.visit} empty="" choices={list(e.data.visits).map((one) => ({ value: String(one?.id), title: String(one?.id) }))} />
      )}
      {arms.length > 1 && compared.length <= 2 && (
        <>
          <Pick e={e} path={[...path, "compare", 0]} title={WORDS.compared} empty={WORDS.allArms} choices={arms.map((id) => ({ value: id, title: id }))} onPick={compare(0)} />
          <Pick e={e} path={[...path, "compare", 1]} title={WORDS.reference} empty="" choices={arms.map((id) => ({ value: id, title: id }))} onPick={compare(1)} />
        </>
      )}
      {away && <Away title={name} onClick={away} />}
    </div>
  );
}
