/**
 * Asking a session from its panel: its present facts, and the same ask as a command or a tool call.
 */

import { useSignal } from "@preact/signals";
import { Answers, type Asked } from "../builder/answer.tsx";
import { askInput, commandOf, listCall, toolCallOf, type Values } from "../builder/form.ts";
import { after, copied } from "../state/browser.ts";
import { call, type Failure } from "../state/server.ts";
import { command, connection } from "../state/state.ts";
import { Failed } from "../ui.tsx";

/** The bar for a handle, as a person types it: `mini/hydrate`, `api`. */
export function AskBar({ handle }: { readonly handle: string }) {
  const question = useSignal("");
  const asked = useSignal<Asked | null>(null);
  const error = useSignal<Failure | null>(null);
  const isBusy = useSignal(false);
  const values = { handle, question: question.value.trim() };
  const ask = async (): Promise<void> => {
    isBusy.value = true;
    const reply = await call("ask", askInput(values));
    isBusy.value = false;
    asked.value = reply.ok ? reply.value : null;
    error.value = reply.ok ? null : reply.error;
  };
  return (
    <section class="ask-bar" aria-label={`Ask ${handle}`}>
      <form
        class="typed"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy.value) void ask();
        }}
      >
        <label>
          Question, optional
          <input
            value={question.value}
            maxLength={1_024}
            autocomplete="off"
            onInput={(event) => {
              question.value = event.currentTarget.value;
            }}
          />
        </label>
        <button
          type="submit"
          class="primary"
          disabled={isBusy.value || connection.value !== "live"}
        >
          {isBusy.value ? "Asking…" : "Ask"}
        </button>
      </form>
      <p class="why">Facts answer at once. A question is kept on the record; no model reads it.</p>
      <div aria-live="polite">
        {error.value !== null && <Failed error={error.value} />}
        {asked.value !== null && <Answers asked={asked.value} />}
      </div>
      <Copies values={values} />
    </section>
  );
}

/** The ask of a session, or of all sessions of a machine, to paste elsewhere. */
export const Copies = ({ values }: { readonly values: Values }) => {
  const isMachine = values.handle?.endsWith("/") === true;
  // A model asks one session at a time: it lists those of a machine first.
  const tool = isMachine ? { json: listCall } : toolCallOf("ask", values);
  return (
    <div class="actions copies">
      <Copy text={commandOf(command.value, "ask", values)} label="Copy as command" />
      {"json" in tool && <Copy text={tool.json} label="Copy as MCP call" />}
    </div>
  );
};

function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const said = useSignal(label);
  const copy = async (): Promise<void> => {
    said.value = (await copied(text)) ? "Copied" : "The browser does not let it";
    after(1_600, () => {
      said.value = label;
    });
  };
  return (
    <button type="button" class="quiet" title={text} onClick={copy}>
      {said.value}
    </button>
  );
}
