import type { JSX } from "preact";
import type { components } from "./api";
import { WORDS } from "./words";

type Schema = components["schemas"];
type Section = Schema["ShownSection"];
type Table = Schema["ShownTable"];
type Cell = Schema["ShownCell"];

// A report's sections as they were made: the words are the server's.
interface Props {
  sections: readonly Section[];
  job: string;
  // Whether the server draws a picture as PNG too.
  png: boolean;
  depth?: number;
}

export function Sections({ sections, job, png, depth = 2 }: Props) {
  return (
    <>
      {sections.map((section, k) => (
        <Part key={k} section={section} job={job} png={png} depth={depth} />
      ))}
    </>
  );
}

// A parameter before its grade, a fact, a target or a claim: each leads to what is known of it.
const KNOWN = /\b([a-z][a-z_]*\.\w+(?= between patients|, (?:measured|fitted|scaled|assumed)\b)|(?:BIO|CELL|TGT|CLAIM)-[A-Z]{0,2}-?\d+)\b/;

function Told({ text }: { text: string }) {
  return (
    <>
      {text.split(KNOWN).map((part, k) =>
        k % 2 === 0 ? (
          part
        ) : (
          <a key={k} href={`#/evidence?words=${encodeURIComponent(part)}&asked=1`} title={WORDS.evidenceOf}>
            {part}
          </a>
        ),
      )}
    </>
  );
}

function Part({ section, job, png, depth }: { section: Section; job: string; png: boolean; depth: number }) {
  const Heading = `h${Math.min(depth, 4)}` as "h2" | "h3" | "h4";
  const { sentences, items, tables, pictures, parts } = section;
  if (sentences.length + items.length + tables.length + pictures.length + parts.length === 0) return null;
  const body = (
    <>
      {sentences.map((text, k) => (
        <p key={k}>
          <Told text={text} />
        </p>
      ))}
      {items.length > 0 && (
        <ul>
          {items.map((text, k) => (
            <li key={k}>
              <Told text={text} />
            </li>
          ))}
        </ul>
      )}
      {pictures.map((picture) => (
        <figure key={picture.name} class="drawn">
          <a href={`/api/jobs/${job}/pictures/${picture.name}`} download={`${picture.name}.svg`} title={WORDS.picture}>
            <img class="print" style={{ maxWidth: `${picture.most}px`, minWidth: `${picture.least}px` }} src={`/api/jobs/${job}/pictures/${picture.name}`} alt={picture.alt} />
          </a>
          <p class="files">
            <a href={`/api/jobs/${job}/pictures/${picture.name}`} download={`${picture.name}.svg`}>
              SVG
            </a>
            {png && (
              <a href={`/api/jobs/${job}/pictures/${picture.name}/png`} download={`${picture.name}.png`}>
                PNG
              </a>
            )}
          </p>
          {picture.caption && <figcaption>{picture.caption}</figcaption>}
        </figure>
      ))}
      {tables.map((table, k) => (
        <Rows key={k} table={table} job={job} />
      ))}
      <Sections sections={parts} job={job} png={png} depth={depth + 1} />
    </>
  );
  const look = ["part", section.look, section.laid].filter(Boolean).join(" ");
  if (section.folded) {
    return (
      <details class={look}>
        <summary>
          <Heading>{section.title}</Heading>
        </summary>
        <div class="body">{body}</div>
      </details>
    );
  }
  return (
    <section class={look}>
      {section.title && <Heading>{section.title}</Heading>}
      <div class="body">{body}</div>
    </section>
  );
}

export function Rows({ table, job = "" }: { table: Table; job?: string }) {
  const kind = (k: number) => `c-${table.columns[k] ?? "w"}`;
  return (
    <div class="scroll" tabIndex={0} role={table.caption ? "region" : undefined} aria-label={table.caption || undefined}>
      <table>
        {table.caption && (
          <caption>
            <span>{table.caption}</span>
          </caption>
        )}
        {table.head.length > 0 && (
          <thead>
            <tr>
              {table.head.map((cell, k) =>
                cell.text ? (
                  <th key={k} scope="col" class={kind(k)}>
                    {cell.text}
                    {cell.mark && <small>{cell.mark}</small>}
                  </th>
                ) : (
                  <td key={k} class={kind(k)} />
                ),
              )}
            </tr>
          </thead>
        )}
        <tbody>
          {table.rows.map((row, r) => (
            <tr key={r} class={[table.strong.includes(r) && "strong", (table.beyond ?? []).includes(r) && "beyond"].filter(Boolean).join(" ") || undefined}>
              {row.map((cell, k) =>
                k === 0 ? (
                  <th key={k} scope="row" class={kind(k)}>
                    <Words cell={cell} />
                  </th>
                ) : (
                  <td key={k} class={kind(k)}>
                    <Words cell={cell} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {table.notes.map((note, k) => (
        <small key={k}>{note}</small>
      ))}
      {job && table.name && (
        <p class="files">
          <a href={`/api/jobs/${job}/tables/${table.name}`} download={`${table.name}.csv`} aria-label={`CSV: ${table.caption}`}>
            CSV
          </a>
        </p>
      )}
    </div>
  );
}

function Words({ cell }: { cell: Cell }) {
  const links = cell.links ?? [];
  return (
    <>
      {cell.colour && <span class="dot" aria-hidden="true" style={{ background: cell.colour }} />}
      {cell.strong ? <strong>{cell.text}</strong> : linked(cell.text, links)}
      {cell.mark && <small>{linked(cell.mark, links)}</small>}
    </>
  );
}

// The words of a text that lead somewhere are links.
function linked(text: string, links: NonNullable<Cell["links"]>) {
  if (links.length === 0) return text;
  const left = [...links].sort((a, b) => b.text.length - a.text.length);
  const parts: (string | JSX.Element)[] = [text];
  for (const link of left)
    for (let k = 0; k < parts.length; k++) {
      const part = parts[k]!;
      const at = typeof part === "string" ? part.indexOf(link.text) : -1;
      if (typeof part !== "string" || at < 0) continue;
      const one = (
        <a key={`${link.text}-${k}`} href={link.href}>
          {link.text}
        </a>
      );
      parts.splice(k, 1, part.slice(0, at), one, part.slice(at + link.text.length));
      k += 1;
    }
  return parts;
}
