/** The result of the Builder's form: the command, the tool call, the answer, the registrations. */

import { useSignal } from "@preact/signals";
import { call, type Failure } from "../state/server.ts";
import { connection, registrations } from "../state/state.ts";
import { Copyable, Failed } from "../ui.tsx";
import { Answers, type Asked } from "./answer.tsx";
import { askInput, type Built, commandOf, toolCallOf, type Values } from "./form.ts";

/** The result; for an incomplete form, the missing fields. */
export function Outcome({
  built,
  values,
  isSound,
}: {
  readonly built: Built;
  readonly values: Values;
  readonly isSound: boolean;
}) {
  const tool = toolCallOf(built, values);
  return (
    <div class="outcome">
      {isSound ? (
        <>
          <section>
            <h2>Command</h2>
            <Copyable text={commandOf("peernet", built, values)} label="the command" />
          </section>
          <section>
            <h2>MCP call</h2>
            {"json" in tool ? (
              <Copyable text={tool.json} label="the MCP call" />
            ) : (
              <p class="why">{tool.why}</p>
            )}
          </section>
          {built === "ask" && <Run values={values} />}
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
    <p class="why">
      Once per agent; its sessions then have the tool ask_peer. <code>peernet setup</code> does it
      for all.
    </p>
    {registrations.value.map(({ agent, file, kind, text }, index) => (
      <details class="agent" key={agent} open={index === 0}>
        <summary>
          {agent} <small>{kind === "entry" ? `add to ${file}` : file}</small>
        </summary>
        <Copyable text={text} label={`the registration with ${agent}`} />
      </details>
    ))}
  </section>
);
