// A figure for each person: how many are better by more than something that is dragged.
import type { components } from "./api";
import { Moved } from "./sentence";
import type { View } from "./state";
import { WORDS } from "./words";

type Hundred = components["schemas"]["Hundred"];

const ROW = 20;
const SIZE = 18;

interface Props {
  hundreds: readonly Hundred[];
  at: number;
  year: number;
  view: View;
  onView: (change: Partial<View>) => void;
}

export function Hundreds({ hundreds, at, year, view, onView }: Props) {
  const one = hundreds.find((each) => each.id === view.figures) ?? hundreds[0];
  if (one === undefined) return null;
  const step = Math.max(0, one.steps.indexOf(view.more));
  const counts = one.counts[at]?.[step] ?? [];
  const more = one.steps[step]!;
  const words = (k: number) => (k < 2 ? `${one.kinds[k]} ${more}` : one.kinds[k]!);
  const shown = counts.map((count, k) => [count, k] as const).filter(([count, k]) => count > 0 || k < 2);
  const figures = counts.flatMap((count, k) => Array.from({ length: count }, () => k));
  const rows = Math.ceil(figures.length / ROW);
  return (
    <section class="hundred" aria-labelledby="hundred">
      <h3 id="hundred">
        {one.people} {WORDS.hundred}, {WORDS.year.toLowerCase()} {year}
      </h3>
      <div class="row">
        <select aria-label={WORDS.hundredOf} value={one.id} onChange={(event) => onView({ figures: (event.target as HTMLSelectElement).value, more: "" })}>
          {hundreds.map((each) => (
            <option key={each.id} value={each.id}>
              {each.title}
            </option>
          ))}
        </select>
        <label class="yearline">
          {WORDS.hundredMore} <output>{more}</output>
          <input
            type="range"
            min={0}
            max={one.steps.length - 1}
            step={1}
            value={step}
            aria-label={WORDS.hundredMore}
            disabled={one.steps.length < 2}
            aria-valuetext={more}
            onInput={(event) => onView({ more: one.steps[Number((event.target as HTMLInputElement).value)]! })}
          />
        </label>
      </div>
      <svg viewBox={`0 0 ${ROW * SIZE} ${rows * SIZE * 1.3}`} role="img" aria-label={shown.map(([count, k]) => `${count} ${words(k)}`).join("; ")}>
        {figures.map((kind, k) => (
          <Figure key={k} kind={kind} x={(k % ROW) * SIZE} y={Math.floor(k / ROW) * SIZE * 1.3} />
        ))}
      </svg>
      <ul aria-live="polite">
        {shown.map(([count, k]) => (
          <li key={k}>
            <svg viewBox={`0 0 ${SIZE} ${SIZE * 1.3}`} aria-hidden="true">
              <Figure kind={k} x={0} y={0} />
            </svg>
            <strong>{count}</strong>
            <span>
              {one.kinds[k]}
              {k < 2 && (
                <>
                  {" "}
                  <Moved name={one.kinds[k]!} steps={one.steps.map((text) => ({ text, said: text }))} at={step} onMove={(said) => onView({ more: said })} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p class="small">{WORDS.hundredLead}</p>
    </section>
  );
}

// Told apart by form as well as by colour: filled, filled with a bar, pale, outlined, outlined with a bar, a cross.
function Figure({ kind, x, y }: { kind: number; x: number; y: number }) {
  return (
    <g class={`figure k${kind}`} transform={`translate(${x} ${y})`}>
      {kind === 5 ? (
        <path d="M5 7 L13 17 M13 7 L5 17" />
      ) : (
        <>
          <circle cx={9} cy={5} r={3.4} />
          <path d="M3.5 20 V13.5 A4 4 0 0 1 7.5 9.8 H10.5 A4 4 0 0 1 14.5 13.5 V20 Z" />
          {(kind === 1 || kind === 4) && <line x1={5} x2={13} y1={15} y2={15} />}
        </>
      )}
    </g>
  );
}
