/** The Builder: a form of the operations that would work now. `Outcome` shows its result. */

import { useSignal } from "@preact/signals";
import { own, peers } from "../state/state.ts";
import { Field } from "./field.tsx";
import {
  askable,
  type Built,
  type Choice,
  chosenPeers,
  fault,
  operations,
  ownHandles,
  type Schema,
  type Values,
} from "./form.ts";
import { Outcome } from "./outcome.tsx";
import { inputSchemas } from "./schemas.ts" with { type: "macro" };

// Generated from the contract's own rows when the page is bundled; `Schema` is the part that the
// form reads.
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
  "peers/grant": ["name", "entry"],
  audit: ["peer", "handle", "verb", "limit", "all"],
};

/** The tab. */
export function Builder() {
  const built = useSignal<Built>("ask");
  const values = useSignal<Values>({});
  const operation = built.value;
  const names = fields[operation];
  const whole = Object.fromEntries(
    names.map((name) => [name, values.value[name] ?? firstOf(operation, name)]),
  );
  const faults = names.map((name) => problemOf(operation, name, whole[name] ?? ""));
  return (
    <main class="builder" id="main">
      <h1 class="hidden">Builder</h1>
      <div class="form">
        <Operations
          chosen={operation}
          choose={(each) => {
            built.value = each;
            values.value = {};
          }}
        />
        {names.map((name, index) => (
          <Field
            key={`${operation} ${name}`}
            name={name}
            schema={schemas[operation].properties?.[name] ?? {}}
            choices={choicesOf(operation, name)}
            isOptional={optional.has(name)}
            value={whole[name] ?? ""}
            problem={faults[index] ?? null}
            set={(value) => {
              values.value = { ...values.value, [name]: value };
            }}
          />
        ))}
        <Blocked choices={names.flatMap((name) => choicesOf(operation, name) ?? [])} />
      </div>
      <Outcome built={operation} values={whole} isSound={faults.every((each) => each === null)} />
    </main>
  );
}

const Operations = ({
  chosen,
  choose,
}: {
  readonly chosen: Built;
  readonly choose: (built: Built) => void;
}) => (
  <fieldset class="operations">
    <legend>Do</legend>
    {operations.map((each) => (
      <label key={each}>
        <input
          type="radio"
          name="operation"
          checked={chosen === each}
          onChange={() => choose(each)}
        />
        <b>{titles[each].title}</b>
        <small>{titles[each].does}</small>
      </label>
    ))}
  </fieldset>
);

/** The choices of a field; null when a person types its value. */
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

function problemOf(built: Built, name: string, value: string): string | null {
  const choice = choicesOf(built, name)?.find((each) => each.value === value);
  if (choice !== undefined && choice.why !== null && !(optional.has(name) && value === "")) {
    return choice.why;
  }
  return fault(schemas[built].properties?.[name] ?? {}, value);
}

/** The value of a field before a person changes it. */
function firstOf(built: Built, name: string): string {
  if (name === "entry") return "ask";
  if (name === "all") return "false";
  if (optional.has(name)) return "";
  const free = choicesOf(built, name)?.filter(({ why }) => why === null) ?? [];
  return (free.find(({ value }) => /[^/]$/.test(value)) ?? free[0])?.value ?? "";
}

/** The unavailable choices, each with its reason and remedy. */
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
