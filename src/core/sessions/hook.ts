/**
 * Decides what follows from what a hook told of its session. Gives a handle to no session that
 * its user took out, and by an event that is no start only to one that had one before.
 */

import type { HookInput, HookRefusal, Process } from "../../contract/lease.ts";
import { leaseOf } from "./activate.ts";
import { type Policy, refusalBy } from "./activation-policy.ts";
import { hear, type Lease, type Now, sameProcess } from "./lease.ts";

/** A session that had a handle. */
export interface RememberedSession {
  readonly harness: string;
  readonly session_id: string;
  /** The name it had last. */
  readonly name: string;
  readonly process: Process;
  /** Its user has released it, and has not activated it since. */
  readonly left: boolean;
}

/** What follows from an event. */
export type Step =
  | { readonly do: "nothing" }
  | { readonly do: "release"; readonly lease: Lease }
  | { readonly do: "hear"; readonly lease: Lease }
  /** It has this lease, and is now where and what it says. */
  | { readonly do: "keep"; readonly lease: Lease; readonly process: Process }
  /** It has none, and takes one if it may. */
  | { readonly do: "take" };

/** What is known of a session that an event is of. */
export interface Known {
  /** Those that are not expired. */
  readonly leases: readonly Lease[];
  readonly remembered: RememberedSession | null;
}

/** Decides what follows from an event. */
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
  // One whose start nobody heard begins with whatever is heard of it first.
  const begins = event.event === "start" || !isSame || !sameProcess(process, own.process);
  if (begins) return { do: "keep", lease: own, process };
  return { do: "hear", lease: hear(own, event.state, now.bootMs) };
}

/** Why a session may not take a handle by itself; null when it may. */
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
