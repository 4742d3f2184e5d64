// One trial as it goes in calendar time: looks, what would have been seen between them, who has come.
import { useState } from "preact/hooks";
import type { components } from "./api";
import { WORDS } from "./words";

type Calendar = components["schemas"]["Calendar"];

const WIDTH = 400;
const HEIGHT = 200;
const LOW = 56;
const LEFT = 40;
const GAP = 18;

export function InTime({ calendar }: { calendar: Calendar }) {
  const [turn, setTurn] = useState(0);
  const run = calendar.runs[turn % calendar.runs.length]!;
  const x = (at: number) => LEFT + at * (WIDTH - LEFT);
  const y = (at: number) => (1 - at) * HEIGHT;
  const below = (at: number) => HEIGHT + GAP + (1 - at) * LOW;
  const foot = HEIGHT + GAP + LOW;
  const across = (at: number | null, name: string) => at !== null && <line class={name} x1={LEFT} x2={WIDTH} y1={y(at)} y2={y(at)} />;
  return (
    <section class="worlds intime" aria-labelledby="intime">
      <h2 id="intime">{WORDS.calendar}</h2>
      {calendar.sentences.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <p aria-live="polite">
        <strong>{run.words}</strong>
      </p>
      <svg viewBox={`0 -8 ${WIDTH + 10} ${foot + 44}`} role="img" aria-label={`${run.words} ${calendar.axis}`}>
        {calendar.marks.map((mark) => (
          <g key={mark.text}>
            <text x={LEFT - 6} y={y(mark.at) + 4} text-anchor="end">
              {mark.text}
            </text>
          </g>
        ))}
        {[0, 1].map((at) => (
          <g key={at}>
            <text x={LEFT - 6} y={below(at) + 4} text-anchor="end">
              {at ? "100 %" : "0"}
            </text>
          </g>
        ))}
        <line class="axis" x1={LEFT} x2={WIDTH} y1={foot} y2={foot} />
        {calendar.months.map((mark) => (
          <text key={mark.text} x={x(mark.at)} y={foot + 14} text-anchor="middle">
            {mark.text}
          </text>
        ))}
        <text x={x(0.5)} y={foot + 29} text-anchor="middle">
          {WORDS.months}
        </text>
        <text x={LEFT + 6} y={2}>
          {calendar.axis}
        </text>
        <text x={LEFT + 6} y={below(1) - 4}>
          {WORDS.come}
        </text>
        {across(calendar.nothing ?? null, "nothing")}
        {across(calendar.true ?? null, "true")}
        <line class="end" x1={x(run.end)} x2={x(run.end)} y1={0} y2={foot} />
        <polyline class="come" points={run.come.map(([at, share]) => `${x(at)},${below(share)}`).join(" ")} />
        {run.looks.map((look) => (
          <g key={look.at} class={[look.looks && !look.over ? "looks" : "", look.over ? "over" : "", look.decided].join(" ")}>
            <title>{look.words}</title>
            {look.low !== null && look.high !== null && <line x1={x(look.at)} x2={x(look.at)} y1={y(look.low)} y2={y(look.high)} />}
            {look.value !== null && <circle cx={x(look.at)} cy={y(look.value)} r={4} />}
          </g>
        ))}
      </svg>
      <p class="small">{WORDS.calendarLead}</p>
      <button type="button" onClick={() => setTurn(turn + 1)}>
        {WORDS.another}
      </button>
      <details>
        <summary>{WORDS.table}</summary>
        <ul class="small">
          {run.looks.map((look) => (
            <li key={look.at}>{look.words}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}
