/** The acts of a person on a task. An approval sends the digests of what the page shows. */

import { useSignal } from "@preact/signals";
import type { TaskOutput } from "../../../contract/tasks/local.ts";
import { isOpen } from "../../../contract/tasks/words.ts";
import { call, type Failure, type Reply } from "../state/server.ts";
import { connection } from "../state/state.ts";
import { Failed } from "../ui.tsx";
import { isHeld, open, readTasks } from "./read.ts";

/** The acts that the task's state allows. */
export function Acts({ shown }: { readonly shown: TaskOutput }) {
  const error = useSignal<Failure | null>(null);
  const isBusy = useSignal(false);
  const { task } = shown;
  const id = { task: task.task_id };
  const act = async (calling: () => Promise<Reply<unknown>>, onDone?: () => void) => {
    isBusy.value = true;
    const reply = await calling();
    isBusy.value = false;
    error.value = reply.ok ? null : reply.error;
    if (reply.ok) onDone?.();
    await readTasks();
  };
  const isOff = isBusy.value || connection.value !== "live";
  const discard = () =>
    act(
      () => call("tasks/discard", id),
      () => open(null),
    );
  return (
    <div class="actions">
      {isHeld(task) ? (
        <Deciding of={shown} isOff={isOff} act={act} />
      ) : isOpen(task.state) ? (
        <Sure name="Stop" isOff={isOff} onSure={() => act(() => call("tasks/stop", id))} />
      ) : (
        <Sure name="Discard" isOff={isOff} onSure={discard} />
      )}
      {error.value !== null && <Failed error={error.value} />}
    </div>
  );
}

interface Deciding {
  readonly of: TaskOutput;
  readonly isOff: boolean;
  readonly act: (calling: () => Promise<Reply<unknown>>, onDone: () => void) => Promise<void>;
}

/** The decision about a held task; only a task whose run is known can be approved. */
function Deciding({ of: { task, document_sha256, decision_sha256 }, isOff, act }: Deciding) {
  const id = { task: task.task_id };
  // The page may have shown it by itself: its person now follows it.
  const follow = () => open(task.task_id);
  return (
    <>
      {decision_sha256 !== null && (
        <button
          type="button"
          class="primary"
          disabled={isOff}
          onClick={() =>
            act(() => call("tasks/approve", { ...id, document_sha256, decision_sha256 }), follow)
          }
        >
          Approve
        </button>
      )}
      <button
        type="button"
        class="danger"
        disabled={isOff}
        onClick={() => act(() => call("tasks/refuse", id), follow)}
      >
        Refuse
      </button>
    </>
  );
}

interface Asking {
  readonly name: string;
  readonly isOff: boolean;
  readonly onSure: () => void;
}

/** A button that asks once more. */
function Sure({ name, isOff, onSure }: Asking) {
  const isAsking = useSignal(false);
  const ask = (): void => {
    if (isAsking.value) onSure();
    isAsking.value = !isAsking.value;
  };
  return (
    <>
      <button type="button" class="danger" disabled={isOff} onClick={ask}>
        {isAsking.value ? `${name} it for good` : name}
      </button>
      {isAsking.value && (
        <button
          type="button"
          onClick={() => {
            isAsking.value = false;
          }}
        >
          No
        </button>
      )}
    </>
  );
}
