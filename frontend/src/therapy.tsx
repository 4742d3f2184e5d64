// A therapy line by line: what, by which route, how much, how often; the server makes its text.
import { useEffect, useState } from "preact/hooks";
import type { components } from "./api";
import { call } from "./client";
import { Line } from "./dosing";
import { list, put, type Drafted, type Editor, type Vocabulary } from "./protocol";
import { Serum, type About } from "./serum";
import { partedLine } from "./state";
import { WORDS } from "./words";

type Told = components["schemas"]["TherapyTold"];

interface Props {
  text: string;
  title: string;
  about: About;
  onText: (text: string) => void;
}

// What is drawn of a therapy, which has no end: 52 weeks.
const LENGTH = "52 weeks";
const YEAR = 364;

let known: Promise<Vocabulary> | null = null;

export function vocabulary(): Promise<Vocabulary> {
  return (known ??= call<Vocabulary>("vocabulary"));
}

export function Therapy({ text, title, about, onText }: Props) {
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState<Vocabulary | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    if (open) void vocabulary().then(setWords, () => undefined);
  }, [open]);
  useEffect(() => {
    if (!open && !text.trim()) return;
    let current = true;
    const wait = setTimeout(() => {
      call<Told>("therapy", { text }).then((found) => current && setTold(found), () => undefined);
    }, 100);
    return () => {
      current = false;
      clearTimeout(wait);
    };
  }, [text, open]);
  const [dragged, setDragged] = useState<{ lines: unknown[] } | null>(null);
  const lines = told?.lines ?? [];
  const say = (next: unknown[]) => {
    setTold({ text, words: "", lines: next as Told["lines"], lanes: told?.lanes ?? [], problem: null });
    call<Told>("therapy", { lines: next }).then((found) => {
      setTold(found);
      onText(found.text);
    }, () => undefined);
  };
  const shown = told as unknown as { lanes: Drafted["lanes"] } | null;
  const editor: Editor | null = words && {
    data: { lines },
    drafted: { data: {}, text: "", problem: null, remarks: [], lanes: shown?.lanes ?? [], visits: {}, epochs: {}, length: 0 },
    words,
    set: (path, value) => say(list(put({ lines }, path, value).lines)),
    all: () => undefined,
    preview: setDragged,
  };
  return (
    <details class="therapy" onToggle={(event) => setOpen((event.target as HTMLDetailsElement).open)}>
      <summary>{text.trim() && told?.words ? told.words : title}</summary>
      {told?.problem && text.trim() && <p class="problem">{told.problem.sentence}</p>}
      {editor && (
        <>
          {lines.map((_, k) => (
            <Line key={k} e={editor} path={["lines", k]} arm="" epoch="" k={k} length={LENGTH} often away={() => editor.set(["lines", k], undefined)} />
          ))}
          {lines.length > 0 && !told?.problem && <Serum ask={{ ...about, lines: dragged?.lines ?? lines, days: YEAR }} />}
          <select
            aria-label={lines.length > 0 ? WORDS.giveToo : WORDS.give}
            value=""
            onChange={(event) => {
              const product = words?.products.find((one) => one.product === (event.target as HTMLSelectElement).value);
              const usual = product?.routes[0]?.usual;
              if (usual) say([...lines, ...usual]);
            }}
          >
            <option value="">{lines.length > 0 ? WORDS.giveToo : WORDS.give}</option>
            {words?.products.map((one) => (
              <option key={one.product} value={one.product}>
                {one.title}
              </option>
            ))}
          </select>
        </>
      )}
    </details>
  );
}

// One therapy a line, some with a name before ': '.
export function Therapies({ text, about, onText }: { text: string; about: About; onText: (text: string) => void }) {
  const lines = text.split("\n").filter((line) => line.trim());
  return (
    <>
      {lines.map((line, k) => {
        const [name, therapy] = partedLine(line);
        return (
          <Therapy
            key={k}
            text={therapy}
            title={line}
            about={about}
            onText={(next) => onText(lines.map((old, j) => (j === k ? (next ? name + next : "") : old)).filter(Boolean).join("\n"))}
          />
        );
      })}
    </>
  );
}
