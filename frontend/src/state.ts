// What is on the screen as values, and the address that holds all of it.
import { createContext } from "preact";
import type { components } from "./api";

type Schema = components["schemas"];
export type House = Schema["House"];
export type Room = Schema["Room"];
export type Entry = Schema["Entry"];
export type Question = Schema["Question"];
export type Values = Record<string, string>;

// How a described person begins, whose like are a population.
export const PERSON = "person:";

// What a request calls a protocol of one's own.
export const OWN = "my-trial.yaml";

export interface State {
  room: string;
  values: Values;
  // A protocol that is being written, as JSON text; '' for none.
  draft: string;
  // Jobs whose answers stand side by side.
  pins: string[];
  // The unit in which serum AAT is shown; '' for its own.
  unit: string;
  // What is looked at of a person's courses.
  view: View;
  // Only what rests on measured: the rest is pale.
  only: boolean;
  seed: string;
  asked: boolean;
}

// The year, one of the people, what the figures show and what counts as more; '' for what stands there at first.
export const VIEW = ["year", "who", "figures", "more"] as const;
export type View = Record<(typeof VIEW)[number], string>;
export const NO_VIEW: View = { year: "", who: "", figures: "", more: "" };

// In which unit serum AAT is shown, wherever it is.
export const Unit = createContext("");

export function usual(room: Room): Values {
  return Object.fromEntries(room.fields.map((field) => [field.name, field.usual ?? ""]));
}

export function addressOf(state: State, room: Room): string {
  const said = new URLSearchParams();
  const plain = usual(room);
  for (const field of room.fields) {
    const value = state.values[field.name] ?? "";
    if (value !== plain[field.name]) said.set(field.name, value);
  }
  if (state.draft !== "") said.set("draft", state.draft);
  if (state.pins.length > 0) said.set("pins", state.pins.join(" "));
  if (state.unit !== "") said.set("unit", state.unit);
  for (const name of VIEW) if (state.view[name] !== "") said.set(name, state.view[name]);
  if (state.only) said.set("only", "measured");
  if (state.seed !== "") said.set("seed", state.seed);
  if (state.asked) said.set("asked", "1");
  const text = said.toString();
  return `#/${state.room}${text ? `?${text}` : ""}`;
}

export function stateOf(address: string, house: House): State {
  const [path = "", query = ""] = address.replace(/^#\/?/, "").split("?", 2);
  const room = house.rooms.find((one) => one.id === path) ?? house.rooms[0]!;
  const said = new URLSearchParams(query);
  const values = usual(room);
  for (const field of room.fields) {
    const value = said.get(field.name);
    if (value !== null) values[field.name] = value;
  }
  const draft = said.get("draft") ?? "";
  const pins = (said.get("pins") ?? "").split(" ").filter((id) => /^[0-9a-f]+$/.test(id));
  const unit = house.serum_units.slice(1).find((one) => one === said.get("unit")) ?? "";
  const view = Object.fromEntries(VIEW.map((name) => [name, said.get(name) ?? ""])) as View;
  return { room: room.id, values, draft, pins, unit, view, only: said.get("only") === "measured", seed: said.get("seed") ?? "", asked: said.get("asked") === "1" };
}

// The data of a draft; null where there is none.
export function draftOf(text: string): Record<string, unknown> | null {
  try {
    const found = JSON.parse(text) as unknown;
    return found !== null && typeof found === "object" && !Array.isArray(found) ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

// The field that names a protocol, where the room has one, and whether it names one's own.
export function protocolField(room: Room): string | null {
  return room.fields.find((field) => field.choices?.some((one) => one.value === OWN))?.name ?? null;
}

export function ownIn(state: State, room: Room): boolean {
  const field = protocolField(room);
  return field !== null && state.values[field] === OWN;
}

// A word that is no number is sent as it stands: the server says in a sentence what is wrong with it.
function numberOf(text: string): number | string {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}

const linesOf = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

// A line's name with its ': ', '' for none, and the therapy behind it.
export function partedLine(line: string): [string, string] {
  const at = line.indexOf(": ");
  return at < 0 ? ["", line] : [line.slice(0, at + 2), line.slice(at + 2)];
}

function therapiesOf(text: string): unknown {
  const lines = linesOf(text);
  if (!lines.some((line) => line.includes(": "))) return lines;
  return Object.fromEntries(
    lines.map((line) => {
      const [named, therapy] = partedLine(line);
      return named ? [named.slice(0, -2), therapy] : [line, line];
    }),
  );
}

function valueOf(field: Entry, text: string): unknown {
  const parts = () => text.split(",").map((part) => part.trim()).filter(Boolean);
  switch (field.kind) {
    case "number":
    case "whole":
      return numberOf(text);
    case "numbers":
    case "wholes":
      return parts().map(numberOf);
    case "therapies":
      return therapiesOf(text);
    case "lines":
      return linesOf(text);
    case "mechanisms":
      return parts();
    default:
      return field.name === "words" ? text.trim().split(/\s+/) : text.trim();
  }
}

export function questionOf(state: State, room: Room): Question {
  const request: Record<string, unknown> = { request: room.asks };
  for (const field of room.fields) {
    const text = state.values[field.name] ?? "";
    if (text.trim() !== "") request[field.name] = valueOf(field, text);
  }
  // What is no number, or more than a number holds, is sent as it stands too.
  const exact = numberOf(state.seed.trim());
  const seed = state.seed.trim() === "" ? null : ((Number.isSafeInteger(exact) ? exact : state.seed.trim()) as number);
  return { request, seed, protocol: ownIn(state, room) ? draftOf(state.draft) : null };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(", ");
  return value === null || value === undefined ? "" : String(value);
}

// What is left out of a request is not known, or what the server takes then.
export function stateFrom(question: Question, house: House): State | null {
  const room = house.rooms.find((one) => one.asks === question.request["request"]);
  if (room === undefined) return null;
  const values: Values = {};
  for (const field of room.fields) {
    const value = question.request[field.name];
    if (value === undefined) values[field.name] = field.missing ?? "";
    else if (field.kind === "therapies") {
      values[field.name] = Array.isArray(value)
        ? value.map(String).join("\n")
        : Object.entries(value as Record<string, string>)
            .map(([name, text]) => (name === text ? text : `${name}: ${text}`))
            .join("\n");
    } else if (field.kind === "lines") values[field.name] = (value as string[]).join("\n");
    else if (field.name === "words") values[field.name] = (value as string[]).join(" ");
    else values[field.name] = textOf(value);
  }
  const seed = question.seed === null || question.seed === undefined ? "" : String(question.seed);
  const draft = question.protocol ? JSON.stringify(question.protocol) : "";
  return { room: room.id, values, draft, pins: [], unit: "", view: NO_VIEW, only: false, seed, asked: true };
}
