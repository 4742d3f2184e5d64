import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { components } from "./api";
import { Rows } from "./report";
import { WORDS } from "./words";

type Schema = components["schemas"];
type Chart = Schema["Chart"];
type Year = Schema["Year"];

const HEIGHT = 210;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Three pictures with one year line; what stands below them is of that year.
export function Courses({ charts, years }: { charts: readonly Chart[]; years: readonly Year[] }) {
  const [at, setAt] = useState(years.length - 1);
  const shown = Math.min(at, years.length - 1);
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
      <div class="multiples">
        {charts.map((chart) => (
          <figure key={chart.id} id={`course-${chart.id}`}>
            <figcaption>{chart.title}</figcaption>
            <Drawn chart={chart} at={shown} onAt={setAt} />
            <dl class="at">
              {(now.cells[chart.id] ?? []).map((text, k) => (
                <div key={k} class={[...ways, "difference"][k]}>
                  <dt>{k >= ways.length ? WORDS.difference : ways[k] === "with" ? WORDS.with : WORDS.without}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
            <details>
              <summary>{WORDS.table}</summary>
              <Rows table={chart.table} />
            </details>
          </figure>
        ))}
      </div>
      <p class="small">
        {WORDS.band} {unknown ? WORDS.unknown : WORDS.noUnknown}
      </p>
    </section>
  );
}

function Drawn({ chart, at, onAt }: { chart: Chart; at: number; onAt: (at: number) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const year = useRef(at);
  year.current = at;

  useEffect(() => {
    const draw = () => {
      plot.current?.destroy();
      if (box.current !== null) plot.current = made(box.current, chart, year, onAt);
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
  }, [chart]);

  useEffect(() => {
    plot.current?.redraw(false);
  }, [at]);

  return <div class="plot" ref={box} role="img" aria-label={chart.title} />;
}

function made(box: HTMLElement, chart: Chart, year: { current: number }, onAt: (at: number) => void): uPlot {
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
  const follow = (u: uPlot) => {
    const move = (event: PointerEvent) => {
      if (event.buttons === 0) return;
      onAt(u.posToIdx(event.clientX - u.over.getBoundingClientRect().left));
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
      scales: { x: { time: false } },
      axes: [{ ...axis, size: 28 }, { ...axis, size: 44 }],
      series,
      bands,
      hooks: { draw: [line], ready: [follow] },
    },
    data as unknown as uPlot.AlignedData,
    box,
  );
}
