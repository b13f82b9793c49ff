/** Waits of one machine's session for the commits of another one, over their control sockets. */

import type { Control } from "../../src/contract/control.ts";
import type { Calls } from "../../src/contract/operation/operation.ts";
import type { WaitEvent, WaitInput } from "../../src/contract/reach/waits.ts";
import { session } from "../support/daemon.ts";

/** A daemon with a control socket. */
export interface Called {
  readonly calls: Calls<Control>;
}

/** Has the session of a machine be at a commit; its lease is renewed by it. */
export const committed = ({ calls }: Called, number: number) => {
  const sha = number.toString(16).padStart(40, "0");
  const git = { sha, subject: "a", branch: "main", dirty: 0 };
  return calls.activate(session({ name: "hydrate", git }));
};

/** Reads a wait up to an event; one that has begun is continued by its id. */
export async function event(
  { calls }: Called,
  input: Partial<WaitInput>,
  kind: WaitEvent["event"],
): Promise<WaitEvent> {
  const asked = { handle: "mini/hydrate", until: "commit", stays: true, ...input } as const;
  for await (const each of calls.wait(asked)) if (each.event === kind) return each;
  throw new Error(`no ${kind} came`);
}

/** The outcomes that a machine has on record, by the wait they are of. */
export async function outcomesOf({ calls }: Called): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for await (const { verb, outcome, subject_id } of calls["audit/export"]({})) {
    if (verb !== "wait" || outcome === "asked" || subject_id === null) continue;
    found.set(subject_id, [...(found.get(subject_id) ?? []), outcome]);
  }
  return found;
}
