/** The Builder: a form of what would work now, and what it comes to as command, call and snippet. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { registrations } from "./agents.ts";
import { Answers, type Asked } from "./answer.tsx";
import {
  askable,
  askInput,
  type Built,
  type Choice,
  chosenPeers,
  commandOf,
  fault,
  operations,
  ownHandles,
  type Schema,
  toolCallOf,
  type Values,
} from "./building.ts";
import { command, connection, own, peers } from "./network.ts";
import { Copyable, Failed } from "./parts.tsx";
import { inputSchemas } from "./schemas.ts" with { type: "macro" };
import { building } from "./selection.ts";
import { call, type Failure } from "./session.ts";

// Made while the page was bundled, from the contract's own rows; `Schema` is the part that is read.
const schemas = inputSchemas() as unknown as Readonly<Record<Built, Schema>>;

const titles: Readonly<Record<Built, { readonly title: string; readonly does: string }>> = {
  ask: { title: "Ask", does: "for the facts of a session" },
  preview: { title: "Preview", does: "what a peer would be shown" },
  "peers/grant": { title: "Grant", does: "what a peer may do here" },
  audit: { title: "Audit", does: "who asked what" },
};

const fields: Readonly<Record<Built, readonly string[]>> = {
  ask: ["handle", "question", "timeout_ms", "thread_id"],
  preview: ["name", "as"],
  "peers/grant": ["name", "scopes"],
  audit: ["peer", "handle", "verb", "limit", "all"],
};

/** The tab. */
export function Builder() {
  const built = useSignal<Built>("ask");
  const values = useSignal<Values>({});
  useEffect(() => {
    if (building.value === null) return;
    built.value = "ask";
    values.value = { handle: building.value };
    building.value = null;
  }, [building.value, built, values]);
  const names = fields[built.value];
  const schema = schemas[built.value].properties ?? {};
  const faults = names.map((name) => problemOf(built.value, name, values.value));
  const isSound = faults.every((each) => each === null);
  return (
    <main class="builder" id="main">
      <h1 class="hidden">Builder</h1>
      <div class="form">
        <fieldset class="operations">
          <legend>Do</legend>
          {operations.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="operation"
                checked={built.value === each}
                onChange={() => {
                  built.value = each;
                  values.value = {};
                }}
              />
              <b>{titles[each].title}</b>
              <small>{titles[each].does}</small>
            </label>
          ))}
        </fieldset>
        {names.map((name, index) => (
          <Field
            key={`${built.value} ${name}`}
            name={name}
            schema={schema[name] ?? {}}
            choices={choicesOf(built.value, name)}
            value={values.value[name] ?? ""}
            problem={faults[index] ?? null}
            set={(value) => {
              values.value = { ...values.value, [name]: value };
            }}
          />
        ))}
        <Blocked choices={names.flatMap((name) => choicesOf(built.value, name) ?? [])} />
      </div>
      <Outcome built={built.value} values={values.value} isSound={isSound} />
    </main>
  );
}

/** What may be chosen for a field; null where it is typed. */
function choicesOf(built: Built, name: string): readonly Choice[] | null {
  const state = {
    own: own.value.map(({ value }) => value),
    peers: peers.value.map(({ value }) => value),
  };
  if (built === "ask" && name === "handle") return askable(state);
  if (built === "preview" && name === "name") return ownHandles(state);
  if (name === "as" || name === "peer" || name === "name") return chosenPeers(state);
  return null;
}

const optional: ReadonlySet<string> = new Set(["as", "peer"]);

function problemOf(built: Built, name: string, values: Values): string | null {
  const value = values[name] ?? "";
  const choice = choicesOf(built, name)?.find(
    (each) => each.value === (value || firstOf(built, name)),
  );
  if (choice !== undefined && choice.why !== null && !(optional.has(name) && value === "")) {
    return choice.why;
  }
  return fault(schemas[built].properties?.[name] ?? {}, value);
}

/** What a field holds before it is touched. */
const firstOf = (built: Built, name: string): string =>
  optional.has(name) || (built === "ask" && name === "handle")
    ? ""
    : (choicesOf(built, name)?.find(({ why }) => why === null)?.value ?? "");

const labels: Readonly<Record<string, string>> = {
  handle: "Handle",
  question: "Question",
  timeout_ms: "Wait at most, ms",
  thread_id: "Thread",
  name: "Name",
  as: "As seen by",
  scopes: "It may",
  peer: "Peer",
  verb: "Verb",
  limit: "Records",
  all: "With lease events",
};

const notes: Readonly<Record<string, string>> = {
  question: "Recorded on both machines as the reason; no model reads it.",
};

function Field({
  name,
  schema,
  choices,
  value,
  problem,
  set,
}: {
  readonly name: string;
  readonly schema: Schema;
  readonly choices: readonly Choice[] | null;
  readonly value: string;
  readonly problem: string | null;
  readonly set: (value: string) => void;
}) {
  const id = `field-${name}`;
  const words = choices === null ? wordsOf(name, schema) : null;
  const shared = { id, "aria-describedby": `${id}-note`, "aria-invalid": problem !== null };
  return (
    <div class="field">
      <label for={id}>{labels[name] ?? name}</label>
      {choices !== null || words !== null ? (
        <select {...shared} value={value} onChange={(event) => set(event.currentTarget.value)}>
          {optional.has(name) && <option value="">any</option>}
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
      ) : (
        <input
          {...shared}
          type="text"
          inputMode={schema.type === "integer" ? "numeric" : "text"}
          value={value}
          placeholder={schema.default === undefined ? "" : String(schema.default)}
          autocomplete="off"
          onInput={(event) => set(event.currentTarget.value)}
        />
      )}
      <small id={`${id}-note`} class={problem === null ? "" : "problem"}>
        {problem ?? notes[name] ?? ""}
      </small>
    </div>
  );
}

/** The words that a schema lets through, where it lists them. */
function wordsOf(name: string, schema: Schema): readonly string[] | null {
  if (name === "scopes") return [...(schema.items?.enum ?? []), "none"];
  if (schema.type === "boolean") return ["false", "true"];
  return schema.enum === undefined ? null : ["", ...schema.enum];
}

/** What cannot be chosen now, why, and what would change it. */
function Blocked({ choices }: { readonly choices: readonly Choice[] }) {
  const blocked = choices.filter(({ why }) => why !== null);
  const reasons = [...new Map(blocked.map((choice) => [choice.why, choice])).values()];
  if (reasons.length === 0) return null;
  return (
    <details class="blocked" open={reasons.length <= 3}>
      <summary>Not possible now ({reasons.length})</summary>
      <ul>
        {reasons.map(({ why, change }) => (
          <li key={why}>
            {why}
            <small>{change}</small>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Outcome({
  built,
  values,
  isSound,
}: {
  readonly built: Built;
  readonly values: Values;
  readonly isSound: boolean;
}) {
  const whole = useMemo(() => {
    const first = Object.fromEntries(fields[built].map((name) => [name, firstOf(built, name)]));
    const chosen = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
    return { ...first, ...chosen };
  }, [built, values, own.value, peers.value]);
  const tool = toolCallOf(built, whole);
  return (
    <div class="outcome">
      {isSound ? (
        <>
          <section>
            <h2>Command</h2>
            <Copyable text={commandOf("peernet", built, whole)} label="the command" />
          </section>
          <section>
            <h2>MCP call</h2>
            {"json" in tool ? (
              <Copyable text={tool.json} label="the MCP call" />
            ) : (
              <p class="why">{tool.why}</p>
            )}
          </section>
          {built === "ask" && <Run values={whole} />}
        </>
      ) : (
        <p class="why">Choose what would work now; the reasons stand beside the form.</p>
      )}
      <Registrations />
    </div>
  );
}

function Run({ values }: { readonly values: Values }) {
  const asked = useSignal<Asked | null>(null);
  const error = useSignal<Failure | null>(null);
  const isBusy = useSignal(false);
  const run = async (): Promise<void> => {
    isBusy.value = true;
    const reply = await call("ask", askInput(values));
    isBusy.value = false;
    asked.value = reply.ok ? reply.value : null;
    error.value = reply.ok ? null : reply.error;
  };
  return (
    <section class="run">
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={isBusy.value || connection.value !== "live"}
          onClick={run}
        >
          {isBusy.value ? "Asking…" : "Ask now"}
        </button>
      </div>
      <div aria-live="polite">
        {error.value !== null && <Failed error={error.value} />}
        {asked.value !== null && <Answers asked={asked.value} />}
      </div>
    </section>
  );
}

const Registrations = () => (
  <section>
    <h2>Register with an agent</h2>
    <p class="why">Once per agent; its sessions then have the tool ask_peer.</p>
    {registrations(command.value).map(({ agent, command: line, changes }) => (
      <details class="agent" key={agent}>
        <summary>
          {agent} <small>{changes}</small>
        </summary>
        <Copyable text={line} label={`the registration with ${agent}`} />
      </details>
    ))}
  </section>
);
