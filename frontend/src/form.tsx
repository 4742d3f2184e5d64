import type { Entry, House, Room, Values } from "./state";
import { WORDS } from "./words";

interface Props {
  room: Room;
  house: House;
  values: Values;
  wrong: string | null;
  onChange: (name: string, value: string) => void;
  onAsk: () => void;
  onAgain: (() => void) | null;
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
          <summary>{WORDS.more}</summary>
          <div class="fields">
            {more.map((field) => (
              <Field key={field.name} field={field} {...props} />
            ))}
          </div>
        </details>
      )}
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

function Field({ field, values, wrong, house, onChange }: Props & { field: Entry }) {
  const id = `field-${field.name}`;
  const value = values[field.name] ?? "";
  const bad = wrong === field.name;
  const common = {
    id,
    name: field.name,
    value,
    "aria-invalid": bad,
    "aria-describedby": bad ? "problem" : field.hint ? `${id}-hint` : undefined,
  };
  const changed = (event: Event) =>
    onChange(field.name, (event.target as HTMLInputElement | HTMLSelectElement).value);
  const wide = ["therapy", "therapies", "text"].includes(field.kind) || (field.choices?.length ?? 0) > 12;
  return (
    <div class={wide ? "field wide" : "field"}>
      <label for={id}>
        {field.title}
        {field.unit && <span class="unit">{field.unit}</span>}
      </label>
      {field.kind === "choice" ? (
        <select {...common} onChange={changed}>
          {field.choices?.map((one) => (
            <option key={one.value} value={one.value}>
              {one.title}
            </option>
          ))}
        </select>
      ) : field.kind === "therapies" ? (
        <textarea {...common} rows={4} spellcheck={false} onInput={changed} />
      ) : (
        <input
          {...common}
          type="text"
          inputMode={field.kind === "number" ? "decimal" : field.kind === "whole" ? "numeric" : "text"}
          autocomplete="off"
          spellcheck={false}
          list={field.kind === "therapy" ? "therapies" : undefined}
          placeholder={field.kind === "therapy" ? WORDS.none : field.missing || (field.kind === "number" ? WORDS.notKnown : "")}
          onInput={changed}
        />
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
      {field.hint && (
        <small class="hint" id={`${id}-hint`}>
          {field.hint}
        </small>
      )}
    </div>
  );
}
