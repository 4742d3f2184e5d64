import { useEffect, useRef, useState } from "preact/hooks";
import type { Strip as Said } from "./client";
import { WORDS } from "./words";

interface Props {
  said: Said | null;
  // What the form says is refused: this is the question before.
  stale: boolean;
  answered: string | null;
  onRead: (text: string) => void;
}

type Face = "yaml" | "command" | "python" | "protocol";
const ALWAYS: Face[] = ["yaml", "command", "python"];

// The same question as YAML, as a command line and as Python; what has changed glows.
export function Strip({ said, stale, answered, onRead }: Props) {
  const [chosen, setFace] = useState<Face>("command");
  const [text, setText] = useState<string | null>(null);
  const [copied, setCopied] = useState(false);
  const FACES: Face[] = said?.protocol ? [...ALWAYS, "protocol"] : ALWAYS;
  const face = FACES.includes(chosen) ? chosen : "command";
  const now = said?.[face] ?? "";
  const was = useRef(now);
  useEffect(() => {
    // What somebody typed before the first answer came is not thrown away by it.
    if (was.current !== "") setText(null);
    was.current = now;
    setCopied(false);
  }, [now]);
  return (
    <section class="strip" aria-labelledby="strip-title">
      <h2 id="strip-title">{WORDS.strip}</h2>
      <div class="tabs">
        <div role="tablist" aria-labelledby="strip-title">
        {FACES.map((one, k) => (
          <button
            key={one}
            id={`tab-${one}`}
            type="button"
            role="tab"
            aria-selected={one === face}
            aria-controls="strip-text"
            tabIndex={one === face ? 0 : -1}
            onClick={() => setFace(one)}
            onKeyDown={(event) => {
              const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
              const next = FACES[(k + step + FACES.length) % FACES.length]!;
              if (step) {
                setFace(next);
                document.getElementById(`tab-${next}`)?.focus();
              }
            }}
          >
            {one === "protocol" ? WORDS.protocolFile : WORDS[one]}
          </button>
        ))}
        </div>
        <button
          type="button"
          class="plain"
          disabled={stale && text === null}
          onClick={() => void navigator.clipboard.writeText(text ?? now).then(() => setCopied(true))}
        >
          {copied ? WORDS.copied : WORDS.copy}
        </button>
      </div>
      {stale && <p class="small">{WORDS.staleStrip}</p>}
      <div id="strip-text" class={stale ? "before" : undefined} role="tabpanel" aria-labelledby={`tab-${face}`}>
        {said?.protocol && face !== "protocol" && <p class="small">{WORDS.saveFirst}</p>}
        {face === "yaml" || face === "protocol" ? (
          <div class="yaml">
            <textarea
              aria-label={WORDS[face]}
              rows={Math.min(24, Math.max(4, (text ?? now).split("\n").length))}
              spellcheck={false}
              value={text ?? now}
              onInput={(event) => setText((event.target as HTMLTextAreaElement).value)}
            />
            {text !== null && text !== now && (
              <button type="button" onClick={() => onRead(text)}>
                {WORDS.paste}
              </button>
            )}
          </div>
        ) : (
          <pre tabIndex={0}>
            <Glowing key={face} text={now} />
          </pre>
        )}
      </div>
      <p class="hashes">
        {said && (
          <span>
            {WORDS.asks} <code>{said.hash}</code>
          </span>
        )}
        {answered && (
          <span>
            {WORDS.answers} <code id="answer-hash">{answered}</code>
          </span>
        )}
      </p>
    </section>
  );
}

function Glowing({ text }: { text: string }) {
  const before = useRef(text);
  const known = new Set(before.current.split(/\s+/));
  useEffect(() => {
    before.current = text;
  }, [text]);
  return (
    <code>
      {text.split(/(\s+)/).map((word, k) =>
        known.has(word) || !word.trim() ? word : (
          <mark key={`${k}-${word}`}>{word}</mark>
        ),
      )}
    </code>
  );
}
