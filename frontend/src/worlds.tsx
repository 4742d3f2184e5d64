// Trials one by one, twenty at a time, in two worlds: what one trial can and cannot tell.
import { useState } from "preact/hooks";
import type { components } from "./api";
import { WORDS } from "./words";

type World = components["schemas"]["World"];

const WIDTH = 400;
const ROW = 13;
const TOP = 6;

export function Worlds({ worlds }: { worlds: readonly World[] }) {
  const [turn, setTurn] = useState(0);
  const rounds = worlds[0]?.rounds.length ?? 0;
  if (rounds === 0) return null;
  return (
    <section class="worlds" aria-labelledby="worlds">
      <h2 id="worlds">{WORDS.twenty}</h2>
      <p class="small">{WORDS.twentyLead}</p>
      <div class="multiples">
        {worlds.map((world) => (
          <Twenty key={world.title} world={world} turn={turn % rounds} />
        ))}
      </div>
      <button type="button" onClick={() => setTurn((turn + 1) % rounds)}>
        {WORDS.twentyOthers}
      </button>
    </section>
  );
}

function Twenty({ world, turn }: { world: World; turn: number }) {
  const round = world.rounds[turn]!;
  const x = (share: number) => share * WIDTH;
  const height = round.trials.length * ROW + TOP;
  return (
    <figure>
      <figcaption>{world.title}</figcaption>
      <div aria-live="polite">
        {round.sentences.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
      <svg class="twenty" viewBox={`0 0 ${WIDTH} ${height + 32}`} role="img" aria-label={`${world.title}. ${round.sentences.join(" ")}`}>
        {world.nothing !== null && <line class="nothing" x1={x(world.nothing)} x2={x(world.nothing)} y1={0} y2={height} />}
        {world.true !== null && world.true !== world.nothing && <line class="true" x1={x(world.true)} x2={x(world.true)} y1={0} y2={height} />}
        {round.trials.map((trial, k) => {
          const y = TOP + (k + 0.5) * ROW;
          return (
            <g key={trial.number} class={`trial ${trial.claims}`}>
              <title>{`${WORDS.trialNumber} ${trial.number}: ${trial.words}`}</title>
              {trial.low !== null && trial.high !== null && <line x1={x(trial.low)} x2={x(trial.high)} y1={y} y2={y} />}
              {trial.at !== null && <circle cx={x(trial.at)} cy={y} r={3.4} />}
            </g>
          );
        })}
        <line class="axis" x1={0} x2={WIDTH} y1={height} y2={height} />
        {world.marks.map((mark) => (
          <text key={mark.text} x={x(mark.at)} y={height + 13} text-anchor="middle">
            {mark.text}
          </text>
        ))}
        <text x={WIDTH / 2} y={height + 28} text-anchor="middle">
          {world.axis}
        </text>
      </svg>
      <details>
        <summary>{WORDS.table}</summary>
        <ol class="small" start={round.trials[0]?.number}>
          {round.trials.map((trial) => (
            <li key={trial.number}>
              {trial.words}
              {trial.claims && `: ${trial.claims === "benefit" ? WORDS.claimsBenefit : WORDS.claimsHarm}`}
            </li>
          ))}
        </ol>
      </details>
    </figure>
  );
}
