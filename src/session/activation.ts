/** Takes a handle for a session, and makes sure that a keeper renews it. */

import type { Control } from "../contract/control.ts";
import { PeernetError } from "../contract/errors.ts";
import type { ActivateInput, ActivateOutput } from "../contract/lease.ts";
import type { Calls } from "../contract/operation/operation.ts";
import { isAlive } from "./process.ts";
import { type Starting, started } from "./started.ts";

/** Dependencies of taking a handle. */
export interface ActivationParts extends Starting {
  calls(): Pick<Calls<Control>, "activate" | "deactivate">;
  /** Makes sure that this home's keeper runs. */
  ensureKeeper(): Promise<void>;
}

/**
 * Takes a lease, or renames the session's present one, and starts the keeper that renews it.
 * @throws what the call throws, or the reason why the daemon could not start
 */
export async function takeHandle(
  parts: ActivationParts,
  input: ActivateInput,
): Promise<ActivateOutput> {
  const output = await started(parts, () => freeing(parts, () => parts.calls().activate(input)));
  await parts.ensureKeeper();
  return output;
}

/**
 * Retries a refused name whose holder's process has ended: the keeper would free it soon anyway.
 */
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

/** The holder of the name, from the details of the daemon's refusal. */
function holderIn({ code, details }: PeernetError) {
  if (code !== "handle_held") return null;
  const { name, generation, process } = details ?? {};
  const { pid, start_time }: { pid?: unknown; start_time?: unknown } = Object(process);
  if (typeof name !== "string" || typeof generation !== "number") return null;
  if (typeof pid !== "number" || typeof start_time !== "string") return null;
  return { name, generation, process: { pid, start_time } };
}
