// One person's serum AAT under the doses above; the server says where each point stands.
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { components } from "./api";
import { call } from "./client";
import { Unit } from "./state";
import { WORDS } from "./words";

type Told = components["schemas"]["SerumTold"];
export type About = Record<string, string | undefined>;

const USUAL = 320;
const RIGHT = 30;
const HEIGHT = 130;
const LEFT = 34;
const WAIT = 40;

export function Serum({ ask }: { ask: Record<string, unknown> }) {
  const unit = useContext(Unit);
  const [told, setTold] = useState<Told | null>(null);
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(USUAL);
  const asked = JSON.stringify(ask);
  useEffect(() => {
    let current = true;
    const wait = setTimeout(() => {
      // What cannot be given is said where it is written; the picture waits for what can.
      call<Told>("serum", ask).then((found) => current && setTold(found), () => undefined);
    }, WAIT);
    return () => {
      current = false;
      clearTimeout(wait);
    };
  }, [asked]);
  useEffect(() => {
    if (box.current === null) return;
    const sized = new ResizeObserver(() => box.current && setWidth(Math.max(200, box.current.clientWidth)));
    sized.observe(box.current);
    return () => sized.disconnect();
  }, [told === null]);
  if (told === null) return null;
  const scale = told.scales.find((one) => one.unit === unit) ?? told.scales[0]!;
  const x = (at: number) => LEFT + at * (width - LEFT - RIGHT);
  const y = (at: number) => (1 - at) * HEIGHT;
  const label = `${told.who}. ${told.courses.map((one) => `${one.name} ${one.words[scale.unit]}`.trim()).join("; ")}`;
  return (
    <figure class="serum" ref={box}>
      <figcaption>
        <strong>{WORDS.oneSerum}</strong>, {scale.unit}. <small>{told.who}.</small>
      </figcaption>
      <svg width={width} height={HEIGHT + 26} viewBox={`0 -6 ${width} ${HEIGHT + 26}`} role="img" aria-label={label}>
        {scale.marks.map((mark) => (
          <g key={mark.text}>
            <line class="grid" x1={LEFT} x2={width - RIGHT} y1={y(mark.at)} y2={y(mark.at)} />
            <text x={LEFT - 5} y={y(mark.at) + 4} text-anchor="end">
              {mark.text}
            </text>
          </g>
        ))}
        {told.times.map((mark) => (
          <text key={mark.text} x={x(mark.at)} y={HEIGHT + 15} text-anchor="middle">
            {mark.text}
          </text>
        ))}
        {told.courses.map((one, k) => (
          <polyline key={one.name} class={`c${k % 4}`} points={one.points.map(([at, high]) => `${x(at)},${y(high)}`).join(" ")} />
        ))}
      </svg>
      <ul>
        {told.courses.map((one, k) => (
          <li key={one.name}>
            {told.courses.length > 1 && (
              <svg viewBox="0 0 24 8" aria-hidden="true">
                <polyline class={`c${k % 4}`} points="0,4 24,4" />
              </svg>
            )}
            {one.name && <strong>{one.name}: </strong>}
            {one.words[scale.unit]}
          </li>
        ))}
      </ul>
    </figure>
  );
}
