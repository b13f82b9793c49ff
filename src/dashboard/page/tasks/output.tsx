/** The end of a runner's output, read when a person asks for it: text of another program. */

import { useSignal } from "@preact/signals";
import type { ShownTask } from "../../../contract/tasks/local.ts";
import { call, type Failure } from "../state/server.ts";
import { Failed } from "../ui.tsx";
import { Lines } from "./lines.tsx";

/** Bytes of the end that are shown; `peernet task log` has all. */
const endBytes = 8_192;

/** The output's end, and the button that reads it. */
export function Output({ task: { task_id: task } }: { readonly task: ShownTask }) {
  const text = useSignal<string | null>(null);
  const error = useSignal<Failure | null>(null);
  const read = async (): Promise<void> => {
    const first = await call("tasks/log", { task });
    const isLong = first.ok && first.value.total > first.value.next;
    const offset = first.ok ? Math.max(0, first.value.total - endBytes) : 0;
    const last = isLong ? await call("tasks/log", { task, offset }) : first;
    error.value = last.ok ? null : last.error;
    if (last.ok) text.value = last.value.text.slice(-endBytes);
  };
  return (
    <section>
      <h3>The end of its output, as data</h3>
      <button type="button" class="quiet" onClick={read}>
        {text.value === null ? "Read it" : "Read it again"}
      </button>
      {error.value !== null && <Failed error={error.value} />}
      {text.value !== null && (
        <Lines text={text.value === "" ? "nothing yet" : text.value.trimEnd()} label="Output" />
      )}
    </section>
  );
}
