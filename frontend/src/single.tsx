// One of the people: who is chosen, and what happens to them both ways.
import type { components } from "./api";
import { WORDS } from "./words";

type Schema = components["schemas"];
type Single = Schema["Single"];

interface WhoProps {
  singles: readonly Single[];
  picks: readonly Schema["Pick"][];
  one: Single | null;
  onWho: (number: number | null) => void;
}

export function Who({ singles, picks, one, onWho }: WhoProps) {
  if (singles.length === 0) return null;
  return (
    <div class="who">
      <p class="yearline">
        {WORDS.person} <output>{one ? one.number : "–"}</output>
        <input
          type="range"
          min={0}
          max={singles.length}
          step={1}
          value={one?.number ?? 0}
          aria-label={WORDS.person}
          aria-valuetext={one ? `${one.number}: ${one.words}` : WORDS.nobody}
          onInput={(event) => onWho(Number((event.target as HTMLInputElement).value) || null)}
        />
        {picks.length > 0 && (
          <select
            aria-label={WORDS.choose}
            value={picks.find((pick) => pick.number === one?.number)?.words ?? ""}
            onChange={(event) => onWho(picks.find((pick) => pick.words === (event.target as HTMLSelectElement).value)?.number ?? null)}
          >
            <option value="">{WORDS.choose}</option>
            {picks.map((pick) => (
              <option key={pick.words}>{pick.words}</option>
            ))}
          </select>
        )}
      </p>
      <div class="about" aria-live="polite">
        {one ? (
          <p class="small">
            <strong>{one.words[0]!.toUpperCase() + one.words.slice(1)}.</strong> {one.sentences.join(" ")}
          </p>
        ) : (
          <p class="small">{WORDS.personHint}</p>
        )}
      </div>
    </div>
  );
}

const SIGNS = { attack: "▲", harm: "◆", death: "✕" } as const;
const share = (at: number) => `${100 * at}%`;

interface LifeProps {
  one: Single;
  doses: readonly Schema["Given"][];
  at: number;
  last: number;
}

// What happens to one person, on the axis of the years, one line for each way.
export function Life({ one, doses, at, last }: LifeProps) {
  const ways = Object.keys(one.marks);
  const has = (kind: string) => ways.some((way) => one.marks[way]!.some((mark) => mark.kind === kind));
  return (
    <section class="life" aria-label={`${WORDS.happens}: ${one.words}`}>
      <p class="small">
        {WORDS.happens}
        {(["attack", "harm", "death"] as const).filter(has).map((kind) => (
          <span key={kind} class={kind}>
            {SIGNS[kind]} {WORDS[kind]}
          </span>
        ))}
        {doses.length > 0 && (
          <span>
            <i class="dose" /> {WORDS.given}
          </span>
        )}
      </p>
      {ways.map((way) => (
        <div key={way} class={`lived ${way}`}>
          <span>{way === "with" ? WORDS.with : WORDS.without}</span>
          <div class="lifeline">
            <i class="lifetime" style={{ width: share(one.ends[way]!) }} />
            {way === "with" &&
              doses
                .filter((dose) => dose.low <= one.ends[way]!)
                .map((dose, k) => (
                  <i
                    key={k}
                    class={dose.low === dose.high ? "dose" : "dose many"}
                    title={dose.words}
                    style={{ left: share(dose.low), width: dose.low === dose.high ? undefined : share(Math.min(dose.high, one.ends[way]!) - dose.low) }}
                  />
                ))}
            {one.marks[way]!.map((mark, k) => (
              <b key={k} class={mark.kind} title={mark.words} style={{ left: share(mark.at) }}>
                {SIGNS[mark.kind]}
              </b>
            ))}
            <i class="now" style={{ left: share(at / last) }} />
          </div>
        </div>
      ))}
      <details>
        <summary>{WORDS.table}</summary>
        {ways.map((way) => (
          <div key={way} class="small">
            {way === "with" ? WORDS.with : WORDS.without}
            <ul>
              {way === "with" && doses.map((dose) => <li key={dose.words}>{dose.words}</li>)}
              {one.marks[way]!.map((mark, k) => (
                <li key={k}>{mark.words}</li>
              ))}
            </ul>
          </div>
        ))}
      </details>
    </section>
  );
}
