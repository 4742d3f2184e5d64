// Doses on a time line: start and end are dragged, a stated dose too; a click leaves a repeated dose out.
import { useRef, useState } from "preact/hooks";
import { at, Away, list, Pick, put, Said, Told, type Any, type Editor } from "./protocol";
import { WORDS } from "./words";

interface LinesProps {
  e: Editor;
  arm: number;
  id: string;
  epoch: string;
  named: string;
  length: string;
}

const UNIT = /^\s*([\d.]+)\s*([a-z]+?)s?\s*$/i;

// 'weeks' of a time such as '104 weeks', and how many.
function timeOf(text: Any): [number, string] | null {
  const found = UNIT.exec(String(text ?? ""));
  return found ? [Number(found[1]), found[2]!.toLowerCase()] : null;
}

export function Lines({ e, arm, id, epoch, named, length }: LinesProps) {
  const path = ["arms", arm, "treatment", epoch];
  const lines = list(at(e.data, path));
  return (
    <div class="lines">
      {named && <span class="label">{named}</span>}
      {lines.length === 0 && <p class="small">{WORDS.nothingGiven}</p>}
      {lines.map((_, k) => (
        <Line key={k} e={e} path={[...path, k]} arm={id} epoch={epoch} k={k} length={length} away={() => e.set(lines.length > 1 ? [...path, k] : path, undefined)} />
      ))}
      <select
        aria-label={`${WORDS.give} (${id}${named ? `, ${named}` : ""})`}
        value=""
        onChange={(event) => {
          const product = e.words.products.find((one) => one.product === (event.target as HTMLSelectElement).value);
          const route = product?.routes[0];
          if (route) e.set(path, [...lines, ...route.usual]);
        }}
      >
        <option value="">{WORDS.give}</option>
        {e.words.products.map((one) => (
          <option key={one.product} value={one.product}>
            {one.title}
          </option>
        ))}
      </select>
      <Told drafted={e.drafted} keys={[`arms[${arm}].treatment.${epoch}`]} />
    </div>
  );
}

interface LineProps {
  e: Editor;
  path: (string | number)[];
  arm: string;
  epoch: string;
  k: number;
  length: string;
  // A therapy's text knows no start and no end, but how often.
  often?: boolean;
  away: () => void;
}

export function Line({ e, path, arm, epoch, k, length, often = false, away }: LineProps) {
  const line = at(e.data, path) ?? {};
  const product = e.words.products.find((one) => one.product === line.product);
  const route = product?.routes.find((one) => one.route === line.route);
  const when = line.held ? "held" : line.at ? "at" : "every";
  const change = (next: Any) => e.set(path, next);
  const rewhen = (value: string) => {
    const { every: _e, at: _a, then_every: _t, start: _s, for: _f, missed: _m, held: _h, ...rest } = line;
    change(value === "held" ? { ...rest, held: true } : value === "at" ? { ...rest, at: ["0 weeks"] } : { ...rest, every: "1 month" });
  };
  const title = product?.title ?? String(line.product);
  const details = Object.keys(line.details ?? {});
  const unsaid = (product?.details ?? []).filter((one) => !details.includes(one.name));
  return (
    <div class="line" role="group" aria-label={[title, arm].filter(Boolean).join(", ")}>
      <div class="row">
        <Pick e={e} path={[...path, "product"]} title={WORDS.product} choices={e.words.products.map((one) => ({ value: one.product, title: one.title }))}
          onPick={(value) => {
            const other = e.words.products.find((one) => one.product === value)?.routes[0];
            if (other) change(other.usual[0]);
          }}
        />
        <Pick e={e} path={[...path, "route"]} title={WORDS.route} choices={(product?.routes ?? []).map((one) => ({ value: one.route, title: one.title, off: one.why || undefined }))} />
        <Said e={e} path={[...path, "dose"]} title={WORDS.dose} unit={route?.unit} hint={route?.record} />
        <Pick
          e={{ ...e, data: { when } }}
          path={["when"]}
          title={WORDS.when}
          choices={[{ value: "every", title: WORDS.again }, { value: "at", title: often ? WORDS.once : WORDS.stated }, ...(route?.held ? [{ value: "held", title: WORDS.held }] : [])]}
          onPick={rewhen}
        />
        {when === "every" && <Said e={e} path={[...path, "every"]} title={WORDS.every} />}
        {when === "at" && !often && <Said e={e} path={[...path, "then_every"]} title={WORDS.then} />}
        <Away title={title} onClick={away} />
      </div>
      <Track e={e} path={path} line={line} arm={arm} epoch={epoch} k={k} length={length} title={title} often={often} />
      {(details.length > 0 || unsaid.length > 0) && (
        <details open={details.length > 0}>
          <summary>{WORDS.details}</summary>
          <div class="row">
            {details.map((name) => {
              const one = product?.details.find((each) => each.name === name);
              const there = [...path, "details", name];
              return (
                <div class="detail" key={name}>
                  {one && one.words.length > 0 ? (
                    <Pick e={e} path={there} title={name.replaceAll("_", " ")} choices={one.words.map((word) => ({ value: word, title: word }))} />
                  ) : (
                    <Said e={e} path={there} title={name.replaceAll("_", " ")} kind={one ? "number" : "text"} hint={one?.meaning} />
                  )}
                  {!one?.needed && <Away title={name} onClick={() => e.set(there, undefined)} />}
                </div>
              );
            })}
            {unsaid.length > 0 && (
              <select
                aria-label={`${WORDS.sayMore} (${title})`}
                value=""
                onChange={(event) => {
                  const one = unsaid.find((each) => each.name === (event.target as HTMLSelectElement).value);
                  if (one) e.set([...path, "details", one.name], one.words[0] ?? one.high);
                }}
              >
                <option value="">{WORDS.sayMore}</option>
                {unsaid.map((one) => (
                  <option key={one.name} value={one.name} title={one.meaning}>
                    {one.name.replaceAll("_", " ")}
                  </option>
                ))}
              </select>
            )}
          </div>
        </details>
      )}
    </div>
  );
}

interface TrackProps {
  e: Editor;
  path: (string | number)[];
  line: Any;
  arm: string;
  epoch: string;
  k: number;
  length: string;
  title: string;
  often: boolean;
}

// The axis is the epoch's own unit of time, in whole steps of which everything is dragged.
function Track({ e, path, line, arm, epoch, k, length, title, often }: TrackProps) {
  const box = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<{ what: string; step: number } | null>(null);
  const whole = timeOf(length);
  const lane = (e.drafted?.lanes ?? []).find((one) => one.arm === arm && one.epoch === epoch && one.line === k);
  if (whole === null || !(whole[0] > 0)) return null;
  const [steps, unit] = whole;
  const day = e.words.days[unit] ?? 1;
  const said = (step: number) => `${step} ${unit}${step === 1 ? "" : "s"}`;
  // Where a time stands on the axis; the server has said when doses fall, this only places its words.
  const stepOf = (text: Any) => {
    const found = timeOf(text);
    return found ? Math.round((found[0] * (e.words.days[found[1]] ?? 1)) / day) : 0;
  };
  const first = line.at ? stepOf(line.at[0]) : stepOf(line.start ?? "0 weeks");
  const ends = line.for ? Math.min(steps, first + stepOf(line.for)) : steps;
  const stated = list(line.at);
  const place = (step: number) => `${(100 * Math.min(steps, Math.max(0, step))) / steps}%`;
  const moved = (what: string, step: number) => {
    const next = Math.round(Math.min(steps, Math.max(0, step)));
    let now = { ...line };
    if (what === "every") {
      now.every = said(Math.max(1, next));
    } else if (what === "start") {
      const begin = Math.min(next, ends - 1);
      now.start = begin > 0 ? said(begin) : undefined;
      if (line.for) now.for = said(ends - begin);
    } else if (what === "end") {
      const length = Math.max(1, next - first);
      now.for = first + length >= steps ? undefined : said(length);
    } else {
      const times = stated.map((text, j) => (j === Number(what) ? Math.min(next, steps - 1) : stepOf(text)));
      now.at = [...new Set(times)].sort((a, b) => a - b).map(said);
    }
    now.missed = undefined;
    return Object.fromEntries(Object.entries(now).filter(([, value]) => value !== undefined));
  };
  const drop = (what: string, step: number) => e.set(path, moved(what, step));
  const preview = (what: string, step: number | null) => e.preview?.(step === null ? null : put(e.data, path, moved(what, step)));
  const handle = (what: string, step: number, name: string) => {
    const shown = held?.what === what ? held.step : step;
    const at = (event: PointerEvent) => {
      const room = box.current!.getBoundingClientRect();
      return Math.round(Math.min(steps, Math.max(0, ((event.clientX - room.left) / room.width) * steps)));
    };
    return (
      <span
        key={what}
        class="handle"
        role="slider"
        tabIndex={0}
        aria-label={[name, title, arm].filter(Boolean).join(", ")}
        aria-valuemin={0}
        aria-valuemax={steps}
        aria-valuenow={shown}
        aria-valuetext={said(shown)}
        style={{ left: place(shown) }}
        onPointerDown={(event) => {
          (event.currentTarget as Element).setPointerCapture(event.pointerId);
          setHeld({ what, step });
        }}
        onPointerMove={(event) => {
          if (held?.what !== what || held.step === at(event)) return;
          setHeld({ what, step: at(event) });
          preview(what, at(event));
        }}
        onPointerUp={(event) => {
          if (held?.what === what) drop(what, at(event));
          setHeld(null);
          preview(what, null);
        }}
        onPointerCancel={() => {
          setHeld(null);
          preview(what, null);
        }}
        onKeyDown={(event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1, PageUp: 4, PageDown: -4 }[event.key];
          if (!by) return;
          event.preventDefault();
          drop(what, step + by);
        }}
      >
        {held?.what === what && <output>{said(shown)}</output>}
      </span>
    );
  };
  const miss = (text: string) => {
    const now = list(line.missed);
    const next = now.includes(text) ? now.filter((one) => one !== text) : [...now, text];
    e.set([...path, "missed"], next.length > 0 ? next : undefined);
  };
  const from = held?.what === "start" ? held.step : first;
  const to = held?.what === "end" ? held.step : ends;
  const epochAt = e.drafted?.epochs?.[epoch];
  const visits = Object.entries(e.drafted?.visits ?? {}).filter(([, when]) => epochAt && when >= epochAt[0] && when <= epochAt[1]);
  const left = list(line.missed);
  return (
    <div class="track">
      <div class="rail" ref={box}>
        {visits.map(([id, when]) => (
          <span key={id} class="visit" style={{ left: place((when - (epochAt?.[0] ?? 0)) / day) }} title={`${WORDS.visit} ${id}`} />
        ))}
        {!line.at && <span class={line.held ? "span held" : "span"} style={{ left: place(from), width: place(Math.max(0, to - from)) }} />}
        {(lane?.moments ?? []).filter((one) => (often || !line.at || line.then_every) && one.day <= steps * day).map((one) => (
          <span key={one.said} class="tick" style={{ left: place(one.day / day) }} title={often ? one.said : `${one.said}: ${WORDS.leaveOut}`} onClick={() => !often && !line.at && miss(one.said)} />
        ))}
        {left.map((text: string) => (
          <span key={text} class="tick out" style={{ left: place(stepOf(text)) }} title={`${text}: ${WORDS.giveAgain}`} onClick={() => miss(text)} />
        ))}
        {often ? line.every && handle("every", stepOf(line.every), WORDS.every) : line.at ? stated.map((text, j) => handle(String(j), stepOf(text), `${WORDS.dose} ${j + 1}`)) : [handle("start", first, WORDS.begins), handle("end", ends, WORDS.ends)]}
      </div>
      <p class="small">
        <span>0</span>
        <span>
          {lane && !lane.held ? (often ? "" : `${lane.doses} ${WORDS.doses}`) : lane?.held ? WORDS.heldLevel : ""}
          {left.length > 0 ? `, ${left.length} ${WORDS.leftOut}` : ""}
        </span>
        <span>{length}</span>
      </p>
      {line.at && !often && (
        <button type="button" class="plain" onClick={() => e.set([...path, "at"], [...stated, said(Math.min(steps - 1, stepOf(stated.at(-1)) + Math.max(1, Math.round(steps / 12))))])}>
          {WORDS.addDose}
        </button>
      )}
    </div>
  );
}
