/** Takes a handle for a session, and sees to it that it is kept. */

import type { Control } from "../contract/control.ts";
import { PeernetError } from "../contract/errors.ts";
import type { ActivateInput, ActivateOutput } from "../contract/lease.ts";
import type { Calls } from "../contract/operation/operation.ts";
import { isAlive } from "./process.ts";
import { type Starting, started } from "./started.ts";

/** What taking a handle needs. */
export interface ActivationParts extends Starting {
  calls(): Pick<Calls<Control>, "activate" | "deactivate">;
  /** Sees to it that this home's keeper runs. */
  ensureKeeper(): Promise<void>;
}

/**
 * Takes a lease, or renames the one the session has, and starts what renews it.
 * @throws what the call throws, or why the daemon could not be started
 */
export async function takeHandle(
  parts: ActivationParts,
  input: ActivateInput,
): Promise<ActivateOutput> {
  const output = await started(parts, () => freeing(parts, () => parts.calls().activate(input)));
  await parts.ensureKeeper();
  return output;
}

/** A name whose holder's process is gone is free at once: the keeper would free it soon. */
async function freeing<T>(parts: ActivationParts, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const holder = error instanceof PeernetError ? holderIn(error) : null;
    if (holder === null || isAlive(holder.process)) throw error;
    await parts
      .calls()
      .deactivate({ name: holder.name, generation: holder.generation, gone: true });
    return await call();
  }
}

/** Who holds the name, as the daemon tells it with its refusal. */
function holderIn({ code, details }: PeernetError) {
  if (code !== "handle_held") return null;
  const { name, generation, process } = details ?? {};
  const { pid, start_time }: { pid?: unknown; start_time?: unknown } = Object(process);
  if (typeof name !== "string" || typeof generation !== "number") return null;
  if (typeof pid !== "number" || typeof start_time !== "string") return null;
  return { name, generation, process: { pid, start_time } };
}
