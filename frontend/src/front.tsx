// Every design that was asked about, as power against participants; a point opens its answer.
import { useEffect, useState } from "preact/hooks";
import type { components } from "./api";
import { call, type Job } from "./client";
import { WORDS } from "./words";

type Front = components["schemas"]["Front"];

const WIDTH = 400;
const HEIGHT = 190;
const LEFT = 44;

export function Fronts({ over, onOpen }: { over: string; onOpen: (job: Job) => void }) {
  const [front, setFront] = useState<Front | null>(null);
  useEffect(() => {
    let current = true;
    call<Front>("front").then((found) => current && setFront(found), () => undefined);
    return () => {
      current = false;
    };
  }, [over]);
  // One answer alone is its own picture.
  if (front === null || new Set(front.points.map((one) => one.job)).size < 2) return null;
  const x = (at: number) => LEFT + at * (WIDTH - LEFT);
  const y = (at: number) => (1 - at) * HEIGHT;
  return (
    <details class="front">
      <summary>{WORDS.front}</summary>
      <p class="small">{WORDS.frontLead}</p>
      <svg viewBox={`0 -8 ${WIDTH + 16} ${HEIGHT + 44}`} role="group" aria-label={WORDS.front}>
        {front.marks.map((mark) => (
          <g key={mark.text}>
            <line class="axis" x1={LEFT} x2={WIDTH} y1={y(mark.at)} y2={y(mark.at)} />
            <text x={LEFT - 6} y={y(mark.at) + 4} text-anchor="end">
              {mark.text}
            </text>
          </g>
        ))}
        {front.across.map((mark) => (
          <text key={mark.text} x={x(mark.at)} y={HEIGHT + 15} text-anchor="middle">
            {mark.text}
          </text>
        ))}
        <text x={x(0.5)} y={HEIGHT + 30} text-anchor="middle">
          {WORDS.participantsAxis}
        </text>
        {front.points.map((one, k) => (
          <a
            key={k}
            href="#"
            class={[one.front ? "best" : "", one.job === over ? "mine" : ""].join(" ")}
            aria-label={one.words}
            onClick={(event) => {
              event.preventDefault();
              void call<Job>(`jobs/${one.job}`).then(onOpen, () => undefined);
            }}
          >
            <title>{one.words}</title>
            <line x1={x(one.at)} x2={x(one.at)} y1={y(one.low)} y2={y(one.high)} />
            <circle cx={x(one.at)} cy={y(one.value)} r={5} />
          </a>
        ))}
      </svg>
      <details>
        <summary>{WORDS.table}</summary>
        <ul class="small">
          {front.points.map((one, k) => (
            <li key={k}>{one.words}</li>
          ))}
        </ul>
      </details>
    </details>
  );
}
