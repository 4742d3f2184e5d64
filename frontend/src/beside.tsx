// Answers that somebody has pinned, side by side; the table is the server's.
import { useEffect, useState } from "preact/hooks";
import type { components } from "./api";
import { call, Refused, type Job } from "./client";
import { Rows } from "./report";
import { WORDS } from "./words";

type Table = components["schemas"]["ShownTable"];

interface Props {
  pins: string[];
  onOpen: (job: Job) => void;
  onUnpin: (id: string) => void;
}

export function Beside({ pins, onOpen, onUnpin }: Props) {
  const [table, setTable] = useState<Table | null>(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    let current = true;
    setWrong("");
    if (pins.length > 0)
      call<Table>("beside", { jobs: pins }).then(
        (found) => current && setTable(found),
        (failure: unknown) => {
          if (!current) return;
          setTable(null);
          if (failure instanceof Refused) setWrong(failure.problem.sentence);
        },
      );
    return () => {
      current = false;
    };
  }, [pins.join()]);
  if (pins.length === 0) return null;
  return (
    <section class="beside" aria-label={WORDS.beside}>
      {wrong && <p class="problem">{wrong}</p>}
      {table && <Rows table={table} />}
      <p class="pins">
        {pins.map((id, k) => (
          <span key={id}>
            <button type="button" class="plain" onClick={() => void call<Job>(`jobs/${id}`).then(onOpen, () => onUnpin(id))}>
              {WORDS.open} {k + 1}
            </button>
            <button type="button" class="away" aria-label={`${WORDS.unpin} ${k + 1}`} title={`${WORDS.unpin} ${k + 1}`} onClick={() => onUnpin(id)}>
              ×
            </button>
          </span>
        ))}
      </p>
    </section>
  );
}
