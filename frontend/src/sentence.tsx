// A sentence whose numbers are moved: dragged sideways, or with the arrow keys.
import { useEffect, useRef, useState } from "preact/hooks";
import type { components } from "./api";
import { WORDS } from "./words";

type Part = components["schemas"]["Part"];
type Step = components["schemas"]["Step"];

// So many pixels of a pointer are a step, and so long the keys rest before it is asked.
const STEP = 6;
const REST = 600;
const KEYS: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -Infinity, End: Infinity };

interface SentenceProps {
  parts: readonly Part[];
  // What is said no more of the question that is on the screen: something in it is refused.
  stale: boolean;
  onMove: (field: string, value: string) => void;
  onRest: () => void;
}

export function Sentence({ parts, stale, onMove, onRest }: SentenceProps) {
  return (
    <p class={stale ? "sentence stale" : "sentence"}>
      {parts.map((part, k) => {
        const { steps = [], at = 0, before = "", after = "", field = "", name = "" } = part;
        return steps.length === 0 ? part.text : <Moved key={k} name={name} steps={steps} at={at} onMove={(said) => onMove(field, before + said + after)} onRest={onRest} />;
      })}
    </p>
  );
}

interface MovedProps {
  name: string;
  steps: readonly Step[];
  at: number;
  onMove: (said: string) => void;
  onRest?: () => void;
}

// Steps are those it was taken hold of with until it is let go, since the server makes others around each value.
export function Moved({ name, steps, at, onMove, onRest }: MovedProps) {
  const [own, setOwn] = useState<{ steps: readonly Step[]; at: number } | null>(null);
  const held = useRef<number | null>(null);
  const wait = useRef<ReturnType<typeof setTimeout>>();
  const rest = useRef(onRest);
  rest.current = onRest;
  useEffect(() => {
    if (held.current === null) setOwn(null);
  }, [steps, at]);
  useEffect(() => () => clearTimeout(wait.current), []);
  const now = own ?? { steps, at };
  const go = (to: number) => {
    const k = Math.max(0, Math.min(now.steps.length - 1, to));
    if (k === now.at) return;
    setOwn({ steps: now.steps, at: k });
    onMove(now.steps[k]!.said);
    clearTimeout(wait.current);
    if (held.current === null) wait.current = setTimeout(() => rest.current?.(), REST);
  };
  const end = () => {
    if (held.current === null) return;
    held.current = null;
    if (own !== null) rest.current?.();
  };
  return (
    <span
      class="moved"
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={now.steps.length - 1}
      aria-valuenow={now.at}
      aria-valuetext={now.steps[now.at]?.text}
      title={`${name}: ${WORDS.dragIt}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        held.current = event.clientX - now.at * STEP;
        const span = event.currentTarget as HTMLElement;
        span.setPointerCapture(event.pointerId);
        span.focus();
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (held.current !== null) go(Math.round((event.clientX - held.current) / STEP));
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={(event) => {
        const by = KEYS[event.key];
        if (by === undefined) return;
        event.preventDefault();
        go(now.at + by);
      }}
    >
      {now.steps[now.at]?.text}
    </span>
  );
}
