/** One field of the Builder's form: a choice when choices exist, else a text field. */

import type { Choice, Schema } from "./form.ts";

const labels: Readonly<Record<string, string>> = {
  handle: "Handle",
  question: "Question",
  timeout_ms: "Wait at most, ms",
  thread_id: "Thread",
  name: "Name",
  as: "As seen by",
  entry: "It may also",
  peer: "Peer",
  verb: "Verb",
  limit: "Records",
  all: "With lease events",
};

const notes: Readonly<Record<string, string>> = {
  question: "Recorded on both machines as the reason; no model reads it.",
};

/** The properties of a field. */
interface FieldParts {
  readonly name: string;
  readonly schema: Schema;
  readonly choices: readonly Choice[] | null;
  readonly isOptional: boolean;
  readonly value: string;
  readonly problem: string | null;
  readonly set: (value: string) => void;
}

/** A field with its label and the fault of its value. */
export function Field(field: FieldParts) {
  const { name, problem } = field;
  const id = `field-${name}`;
  return (
    <div class="field">
      <label for={id}>{labels[name] ?? name}</label>
      <Control field={field} id={id} />
      <small id={`${id}-note`} class={problem === null ? "" : "problem"}>
        {problem ?? notes[name] ?? ""}
      </small>
    </div>
  );
}

function Control({ field, id }: { readonly field: FieldParts; readonly id: string }) {
  const { name, schema, choices, value, problem, set } = field;
  const words = choices === null ? wordsOf(name, schema) : null;
  const shared = { id, "aria-describedby": `${id}-note`, "aria-invalid": problem !== null };
  if (choices === null && words === null) {
    return (
      <input
        {...shared}
        type="text"
        inputMode={schema.type === "integer" ? "numeric" : "text"}
        value={value}
        placeholder={schema.default === undefined ? "" : String(schema.default)}
        autocomplete="off"
        onInput={(event) => set(event.currentTarget.value)}
      />
    );
  }
  return (
    <select {...shared} value={value} onChange={(event) => set(event.currentTarget.value)}>
      {field.isOptional && <option value="">any</option>}
      {words?.map((word) => (
        <option key={word} value={word}>
          {word === "" ? "any" : word}
        </option>
      ))}
      {choices?.map((choice) => (
        <option key={choice.value} value={choice.value} disabled={choice.why !== null}>
          {choice.text}
          {choice.why === null ? "" : ` — ${choice.why}`}
        </option>
      ))}
    </select>
  );
}

/** The words that a schema admits, when it lists them. */
function wordsOf(name: string, schema: Schema): readonly string[] | null {
  if (name === "entry") return ["ask", "mine"];
  if (schema.type === "boolean") return ["false", "true"];
  return schema.enum === undefined ? null : ["", ...schema.enum];
}
