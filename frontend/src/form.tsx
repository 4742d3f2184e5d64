import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { PERSON, type Entry, type House, type Room, type Values } from "./state";
import { Therapies, Therapy } from "./therapy";
import { WORDS } from "./words";

// Words of a choice that half a column does not hold.
const LONG = 20;

interface Props {
  room: Room;
  house: House;
  values: Values;
  wrong: string | null;
  // The person who walked in, whose like may be chosen; '' for nobody.
  person: string;
  onChange: (name: string, value: string) => void;
  onAsk: () => void;
  onAgain: (() => void) | null;
  // What is said of the question before it is asked.
  before: ComponentChildren;
}

export function Form(props: Props) {
  const { room, onAsk } = props;
  const first = room.fields.filter((field) => !field.more);
  const more = room.fields.filter((field) => field.more);
  const opened = more.some((field) => (props.values[field.name] ?? "") !== (field.usual ?? ""));
  return (
    <form
      class="form"
      aria-label={room.title}
      onSubmit={(event) => {
        event.preventDefault();
        onAsk();
      }}
    >
      <p class="lead">{room.lead}</p>
      <div class="fields">
        {first.map((field) => (
          <Field key={field.name} field={field} {...props} />
        ))}
      </div>
      {more.length > 0 && (
        <details open={opened}>
          <summary>{room.id === "person" ? WORDS.more : WORDS.moreElse}</summary>
          <div class="fields">
            {more.map((field) => (
              <Field key={field.name} field={field} {...props} />
            ))}
          </div>
        </details>
      )}
      {props.before}
      <button class="ask" type="submit">
        {room.verb}
      </button>
      {props.onAgain && (
        <button class="again" type="button" onClick={props.onAgain}>
          {room.again}
        </button>
      )}
    </form>
  );
}

function Field({ field, room, values, wrong, house, person, onChange }: Props & { field: Entry }) {
  const id = `field-${field.name}`;
  const value = values[field.name] ?? "";
  const [picked, setPicked] = useState(field.unit ?? "");
  const bad = wrong === field.name;
  // A value in another unit is said with it; the server turns it into the field's own.
  const units = (field.units?.length ?? 0) > 0 ? [field.unit!, ...field.units!] : null;
  const unit = units?.find((one) => value.endsWith(` ${one}`)) ?? picked;
  const bare = units && value.endsWith(` ${unit}`) ? value.slice(0, -unit.length - 1) : value;
  const say = (text: string, unit: string) => onChange(field.name, text.trim() === "" || unit === field.unit ? text : `${text.trim()} ${unit}`);
  const common = {
    id,
    name: field.name,
    value: bare,
    "aria-invalid": bad,
    "aria-describedby": bad ? "problem" : field.hint ? `${id}-hint` : undefined,
  };
  const changed = (event: Event) => {
    const text = (event.target as HTMLInputElement | HTMLSelectElement).value;
    if (units) say(text, unit);
    else onChange(field.name, text);
  };
  if (field.kind === "mechanisms") return <Switches field={field} house={house} values={values} onChange={onChange} />;
  const choices = field.choices ?? [];
  const wide = ["therapy", "therapies", "text", "lines"].includes(field.kind) || choices.length > 12 || choices.some((one) => one.title.length > LONG);
  return (
    <div class={wide ? "field wide" : "field"}>
      <label for={id}>
        {field.title}
        {field.unit && !units && <span class="unit">{field.unit}</span>}
      </label>
      {field.kind === "choice" ? (
        <select {...common} onChange={changed}>
          {field.choices?.map((one) => (
            <option key={one.value} value={one.value}>
              {one.title}
            </option>
          ))}
          {[value, field.name === "population" ? person : ""].filter((one, k, all) => one.startsWith(PERSON) && all.indexOf(one) === k).map((one) => (
            <option key={one} value={one}>
              {WORDS.likePerson}
            </option>
          ))}
        </select>
      ) : field.kind === "therapies" || field.kind === "lines" ? (
        <textarea {...common} rows={4} spellcheck={false} onInput={changed} />
      ) : (
        <input
          {...common}
          type="text"
          inputMode={field.kind === "number" ? "decimal" : field.kind === "whole" ? "numeric" : "text"}
          autocomplete="off"
          spellcheck={false}
          list={field.kind === "therapy" ? "therapies" : undefined}
          placeholder={field.kind === "therapy" ? WORDS.none : field.missing || (field.kind === "number" && room.id === "person" ? WORDS.notKnown : "")}
          onInput={changed}
        />
      )}
      {units && (
        <select
          class="units"
          aria-label={`${field.title}: ${WORDS.unit}`}
          value={unit}
          onChange={(event) => {
            const next = (event.target as HTMLSelectElement).value;
            const per = (one: string) => field.factors?.[field.units?.indexOf(one) ?? -1] ?? 1;
            const number = Number(bare);
            setPicked(next);
            say(bare.trim() !== "" && Number.isFinite(number) ? String(Number(((number * per(unit)) / per(next)).toPrecision(4))) : bare, next);
          }}
        >
          {units.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      )}
      {field.kind === "therapies" && (
        <select
          aria-label={WORDS.add}
          value=""
          onChange={(event) => {
            const picked = (event.target as HTMLSelectElement).value;
            if (picked) onChange(field.name, value.trim() ? `${value.trim()}\n${picked}` : picked);
          }}
        >
          <option value="">{WORDS.add}</option>
          {house.therapies.map((one) => (
            <option key={one.value} value={one.value}>
              {one.title}
            </option>
          ))}
        </select>
      )}
      {field.kind === "therapy" && <Therapy text={value} title={WORDS.compose} about={aboutOf(values)} onText={(text) => onChange(field.name, text)} />}
      {field.kind === "therapies" && <Therapies text={value} about={aboutOf(values)} onText={(text) => onChange(field.name, text)} />}
      {field.hint && (
        <small class="hint" id={`${id}-hint`}>
          {field.hint}
        </small>
      )}
    </div>
  );
}

// Whose serum is drawn: what the form knows of a person. The server takes somebody where it knows nothing.
const aboutOf = (values: Values) =>
  Object.fromEntries(["genotype", "age", "sex", "smoking"].filter((name) => values[name]).map((name) => [name, values[name]]));

// Switches for the effects of the therapies that are named; what is off is named in the question.
function Switches({ field, house, values, onChange }: Pick<Props, "house" | "values" | "onChange"> & { field: Entry }) {
  const off = (values[field.name] ?? "").split(",").map((one) => one.trim()).filter(Boolean);
  const named = `${values["therapy"] ?? ""}\n${values["therapies"] ?? ""}`.split(/[^a-z0-9_]+/i);
  const shown = (house.mechanisms ?? []).filter((one) => off.includes(one.name) || one.products.some((product) => named.includes(product)));
  if (shown.length === 0) return null;
  const turn = (name: string) => onChange(field.name, (off.includes(name) ? off.filter((one) => one !== name) : [...off, name]).join(", "));
  return (
    <details class="field wide switches" open={off.length > 0}>
      <summary>
        {field.title}
        {off.length > 0 ? `: ${off.join(", ")} ${WORDS.off}` : ""}
      </summary>
      <small class="hint">{field.hint}</small>
      {shown.map((one) => (
        <label key={one.name} class="switch">
          <input type="checkbox" checked={!off.includes(one.name)} onChange={() => turn(one.name)} />
          <span>
            {one.name}
            <small>{one.says[0]}</small>
          </span>
        </label>
      ))}
    </details>
  );
}
