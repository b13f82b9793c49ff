/**
 * Decides the consequence of a session's hook event. Gives no handle to a session that its user
 * released. An event other than a start gives one only to a session that had one before.
 */

import type { HookInput, HookRefusal, Process } from "../../contract/lease.ts";
import { leaseOf } from "./activate.ts";
import { type Policy, refusalBy } from "./activation-policy.ts";
import { hear, type Lease, type Now, sameProcess } from "./lease.ts";

/** A session that had a handle. */
export interface RememberedSession {
  readonly harness: string;
  readonly session_id: string;
  /** Its last name. */
  readonly name: string;
  readonly process: Process;
  /** True when its user has released it, and has not activated it since. */
  readonly left: boolean;
}

/** The consequence of an event. */
export type Step =
  | { readonly do: "nothing" }
  | { readonly do: "release"; readonly lease: Lease }
  | { readonly do: "hear"; readonly lease: Lease }
  /** The session has this lease, with its folder and state updated by the event. */
  | { readonly do: "keep"; readonly lease: Lease; readonly process: Process }
  /** The session has no lease, and takes one if it may. */
  | { readonly do: "take" };

/** The known facts about an event's session. */
export interface Known {
  /** The unexpired leases. */
  readonly leases: readonly Lease[];
  readonly remembered: RememberedSession | null;
}

/** Decides the consequence of an event. */
export function stepOf(event: HookInput, { leases, remembered }: Known, now: Now): Step {
  const own = leaseOf(leases, event);
  const isSame = own?.session_id === event.session_id;
  if (event.event === "end") {
    return own !== undefined && isSame ? { do: "release", lease: own } : { do: "nothing" };
  }
  if (own === undefined) {
    const mayHaveHad = event.event === "start" || remembered !== null;
    return mayHaveHad ? { do: "take" } : { do: "nothing" };
  }
  const process = event.process ?? own.process;
  // A session whose start was missed begins with its first event.
  const begins = event.event === "start" || !isSame || !sameProcess(process, own.process);
  if (begins) return { do: "keep", lease: own, process };
  return { do: "hear", lease: hear(own, event.state, now.bootMs) };
}

/** The reason why a session may not take a handle by itself; null when it may. */
export function refusalOf(
  event: HookInput,
  remembered: RememberedSession | null,
  allowed: { readonly policy: Policy | null; readonly homes: readonly string[] },
): HookRefusal | null {
  if (remembered?.left) return "left";
  if (allowed.policy === null) return "config";
  const refused = refusalBy(allowed.policy, event, allowed.homes);
  return refused ?? (event.process === null ? "no_process" : null);
}
