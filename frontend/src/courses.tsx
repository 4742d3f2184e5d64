import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { components } from "./api";
import { Hundreds } from "./hundred";
import { Rows } from "./report";
import { Life, Who } from "./single";
import type { View } from "./state";
import { WORDS } from "./words";

type Schema = components["schemas"];
type Chart = Schema["Chart"];
type Single = Schema["Single"];

const HEIGHT = 210;
const NEAR = 24;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

interface Props {
  answer: Schema["Answer"];
  job: string;
  // An answer that is about to be replaced: its people are none of whom a link tells.
  passing: boolean;
  view: View;
  onView: (change: Partial<View>) => void;
}

// Three pictures with one year line; what stands below them is of that year.
export function Courses({ answer, job, passing, view, onView }: Props) {
  const { charts, years } = answer;
  const singles = answer.singles ?? [];
  const [early, setEarly] = useState("");
  useEffect(() => setEarly(""), [answer.hash, passing]);
  const who = passing ? early : view.who;
  const setWho = (number: number | null) => {
    const said = number === null ? "" : String(number);
    if (passing) setEarly(said);
    else onView({ who: said });
  };
  const setAt = (k: number) => onView({ year: String(years[k]!.year) });
  const one = singles.find((each) => String(each.number) === who) ?? null;
  const found = years.findIndex((each) => String(each.year) === view.year);
  const shown = found < 0 ? years.length - 1 : found;
  const now = years[shown];
  if (now === undefined) return null;
  const ways = Object.keys(charts[0]?.ways ?? {});
  const unknown = (charts[0]?.ways["without"]?.unknown_low.length ?? 0) > 0;
  return (
    <section class="courses" aria-labelledby="courses">
      <h2 id="courses">{WORDS.courses}</h2>
      <p class="key">
        {ways.map((way) => (
          <span key={way} class={`way ${way}`}>
            {way === "with" ? WORDS.with : WORDS.without}
          </span>
        ))}
      </p>
      <p class="yearline">
        {WORDS.year} <output>{now.year}</output>
        <input
          type="range"
          min={0}
          max={years.length - 1}
          step={1}
          value={shown}
          aria-label={WORDS.year}
          aria-valuetext={`${WORDS.year} ${now.year}`}
          onInput={(event) => setAt(Number((event.target as HTMLInputElement).value))}
        />
      </p>
      <div class="alive" aria-live="polite">
        {now.sentences.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
      <Who singles={singles} picks={answer.picks ?? []} one={one} onWho={setWho} />
      <div class="multiples">
        {charts.map((chart) => (
          <figure key={chart.id} id={`course-${chart.id}`}>
            <figcaption>{chart.title}</figcaption>
            <Drawn chart={chart} at={shown} onAt={setAt} singles={singles} one={one} onWho={setWho} />
            <dl class="at">
              {(now.cells[chart.id] ?? []).map((text, k) => (
                <div key={k} class={[...ways, "difference"][k]}>
                  <dt>{k >= ways.length ? WORDS.difference : ways[k] === "with" ? WORDS.with : WORDS.without}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
              {one &&
                ways.map((way) => (
                  <div key={way} class={`${way} one`}>
                    <dt>
                      {WORDS.thisOne}, {way === "with" ? WORDS.with : WORDS.without}
                    </dt>
                    <dd>{one.courses[chart.id]?.[way]?.[shown] || WORDS.death}</dd>
                  </div>
                ))}
            </dl>
            <Files job={job} name={chart.id} one={one} png={answer.pdf === true} />
            <details>
              <summary>{WORDS.table}</summary>
              <Rows table={chart.table} job={job} />
            </details>
          </figure>
        ))}
      </div>
      {one && (
        <p class="files">
          <a href={`/api/jobs/${job}/people/${one.number}`} download>
            {WORDS.bothCsv}
          </a>
        </p>
      )}
      {one && <Life one={one} doses={answer.doses ?? []} at={now.year} last={years.at(-1)!.year} />}
      <p class="small">
        {WORDS.band} {unknown ? WORDS.unknown : WORDS.noUnknown}
      </p>
      <Hundreds hundreds={answer.hundreds ?? []} at={shown} year={now.year} view={view} onView={onView} />
    </section>
  );
}

// The picture as it is looked at: with whoever is pointed at.
function Files({ job, name, one, png }: { job: string; name: string; one: Single | null; png: boolean }) {
  const who = one ? `?who=${one.number}` : "";
  const file = one ? `${name}-${one.number}` : name;
  return (
    <p class="files">
      <a href={`/api/jobs/${job}/courses/${name}${who}`} download={`${file}.svg`}>
        SVG
      </a>
      {png && (
        <a href={`/api/jobs/${job}/courses/${name}/png${who}`} download={`${file}.png`}>
          PNG
        </a>
      )}
    </p>
  );
}

interface DrawnProps {
  chart: Chart;
  at: number;
  onAt: (at: number) => void;
  singles: readonly Single[];
  one: Single | null;
  onWho: (number: number) => void;
}

function Drawn({ chart, at, onAt, singles, one, onWho }: DrawnProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const year = useRef(at);
  year.current = at;
  const chosen = useRef(one);
  chosen.current = one;
  const tell = useRef({ onAt, onWho });
  tell.current = { onAt, onWho };

  useEffect(() => {
    const draw = () => {
      plot.current?.destroy();
      if (box.current !== null) plot.current = made(box.current, chart, year, singles, chosen, tell);
    };
    draw();
    const sized = new ResizeObserver(() => {
      const width = box.current?.clientWidth ?? 0;
      if (width > 0) plot.current?.setSize({ width, height: HEIGHT });
    });
    if (box.current !== null) sized.observe(box.current);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      sized.disconnect();
      dark.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [chart, singles]);

  useEffect(() => {
    plot.current?.redraw(false);
  }, [at]);

  // Somebody may be further out than nine people of ten; the axis makes room for them.
  useEffect(() => {
    plot.current?.setData(plot.current.data, true);
  }, [one]);

  return <div class="plot" ref={box} role="img" aria-label={chart.title} />;
}

// What is read of somebody by year; null once they are dead.
const read = (one: Single, id: string, way: string) => (one.courses[id]?.[way] ?? []).map((text) => (text === "" ? null : Number(text)));

function made(
  box: HTMLElement,
  chart: Chart,
  year: { current: number },
  singles: readonly Single[],
  chosen: { current: Single | null },
  tell: { current: Pick<DrawnProps, "onAt" | "onWho"> },
): uPlot {
  const ways = Object.entries(chart.ways);
  const nothing = chart.years.map(() => null);
  const or = (values: readonly (number | null)[]) => (values.length > 0 ? values : nothing);
  const data = [
    chart.years,
    ...ways.flatMap(([, way]) => [way.low, way.high, or(way.unknown_low), or(way.unknown_high), way.median]),
  ];
  const series: uPlot.Series[] = [
    {},
    ...ways.flatMap(([name]): uPlot.Series[] => [
      ...Array.from({ length: 4 }, (): uPlot.Series => ({ stroke: "transparent", points: { show: false } })),
      {
        stroke: colour(name),
        width: 2.5,
        dash: name === "without" ? [6, 4] : [],
        points: { show: false },
      },
    ]),
  ];
  const bands = ways.flatMap(([name], k): uPlot.Band[] => [
    { series: [5 * k + 2, 5 * k + 1], fill: `${colour(name)}24` },
    { series: [5 * k + 4, 5 * k + 3], fill: `${colour(name)}66` },
  ]);
  const axis = { stroke: colour("quiet"), grid: { stroke: colour("rule"), width: 1 }, ticks: { show: false } };
  const line = (u: uPlot) => {
    const x = u.valToPos(chart.years[year.current] ?? 0, "x", true);
    u.ctx.save();
    u.ctx.strokeStyle = colour("ink");
    u.ctx.lineWidth = devicePixelRatio;
    u.ctx.beginPath();
    u.ctx.moveTo(x, u.bbox.top);
    u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
    u.ctx.restore();
  };
  const person = (u: uPlot) => {
    if (chosen.current === null) return;
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    u.ctx.clip();
    for (const [way] of ways) {
      u.ctx.strokeStyle = u.ctx.fillStyle = colour(way);
      u.ctx.lineWidth = 1.5 * devicePixelRatio;
      const places = read(chosen.current, chart.id, way).flatMap((value, k) =>
        value === null ? [] : [[u.valToPos(chart.years[k]!, "x", true), u.valToPos(value, "y", true)] as const],
      );
      u.ctx.beginPath();
      for (const [x, y] of places) u.ctx.lineTo(x, y);
      u.ctx.stroke();
      for (const [x, y] of places) {
        u.ctx.beginPath();
        u.ctx.arc(x, y, 3 * devicePixelRatio, 0, 2 * Math.PI);
        if (way === "with") u.ctx.fill();
        else {
          u.ctx.fillStyle = colour("card");
          u.ctx.fill();
          u.ctx.stroke();
        }
      }
    }
    u.ctx.restore();
  };
  const room = (_: uPlot, low: number, high: number): [number, number] => {
    const own = chosen.current === null ? [] : ways.flatMap(([way]) => read(chosen.current!, chart.id, way)).filter((value) => value !== null);
    const found = uPlot.rangeNum(Math.min(low, ...own), Math.max(high, ...own), 0.1, true);
    return [found[0] ?? low, found[1] ?? high];
  };
  // Whose course is nearest to the pointer, of those in the picture.
  const near = (u: uPlot, event: PointerEvent) => {
    const edge = u.over.getBoundingClientRect();
    const k = u.posToIdx(event.clientX - edge.left);
    let best: [number, number] = [NEAR, 0];
    for (const one of singles)
      for (const [way] of ways) {
        const value = read(one, chart.id, way)[k];
        if (value === null || value === undefined) continue;
        const off = Math.abs(u.valToPos(value, "y") - (event.clientY - edge.top));
        if (off < best[0]) best = [off, one.number];
      }
    if (best[1] > 0 && best[1] !== chosen.current?.number) tell.current.onWho(best[1]);
  };
  const follow = (u: uPlot) => {
    const move = (event: PointerEvent) => {
      if (event.buttons === 0) {
        if (event.pointerType === "mouse") near(u, event);
        return;
      }
      tell.current.onAt(u.posToIdx(event.clientX - u.over.getBoundingClientRect().left));
    };
    u.over.addEventListener("pointerdown", move);
    u.over.addEventListener("pointermove", move);
  };
  return new uPlot(
    {
      width: box.clientWidth || 320,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: room } },
      axes: [{ ...axis, size: 28 }, { ...axis, size: 44 }],
      series,
      bands,
      hooks: { draw: [line, person], ready: [follow] },
    },
    data as unknown as uPlot.AlignedData,
    box,
  );
}
