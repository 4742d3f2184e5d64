// How many lives of the library are like the described person, and what would find more of them.
import { useEffect, useState } from "preact/hooks";
import type { components } from "./api";
import { call } from "./client";
import type { Question } from "./state";

type Alike = components["schemas"]["Alike"];

interface Props {
  question: Question;
  // What was answered last: an answer may have added lives.
  over: string;
  onWider: (field: string, value: string) => void;
}

export function Like({ question, over, onWider }: Props) {
  const [found, setFound] = useState<Alike | null>(null);
  const said = JSON.stringify(question);
  useEffect(() => {
    let current = true;
    const wait = setTimeout(() => {
      call<Alike>("alike", question).then(
        (told) => current && setFound(told),
        // What is wrong with a question is said where it is asked.
        () => current && setFound(null),
      );
    }, 300);
    return () => {
      current = false;
      clearTimeout(wait);
    };
  }, [said, over]);
  if (found === null) return null;
  return (
    <div class="like small" role="status">
      <p>{found.sentence}</p>
      {(found.wider ?? []).map((one) => (
        <button key={one.field} type="button" class="plain" onClick={() => onWider(one.field, one.value)}>
          {one.words}
        </button>
      ))}
    </div>
  );
}
