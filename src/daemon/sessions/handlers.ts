/** Handlers for sessions' own facts: leases and summaries. */

import type { Control } from "../../contract/control.ts";
import { accept } from "../../contract/errors.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { activate } from "../../core/sessions/activate.ts";
import { expiresInMs, summarise } from "../../core/sessions/lease.ts";
import { select } from "../../core/sessions/select.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import { deciding, handleOf, namesOfAskers, release, save, setLeft } from "./leases.ts";

type Rows = "activate" | "deactivate" | "summary";

/** Handlers of the rows by which a session takes, releases and describes its handle. */
export function sessionHandlers(context: Context): Pick<Handlers<Control, LocalCaller>, Rows> {
  const decided = deciding(context);
  return {
    activate: decided((input, { leases, work, now, at }) => {
      const generation = work.tables.leases.nextGeneration();
      const lease_id = context.effects.random.uuid();
      const outcome = activate(leases, input, { ...now, generation, lease_id });
      if (!outcome.ok) return outcome;
      const { lease, replaced } = outcome.value;
      save(context, work, outcome.value);
      // A call without a session id means the session in its process. Only its user may do that: a
      // lease taken back after sleep returns no session that left.
      if (lease.session_id === null) work.tables.sessions.rejoin(lease.harness, lease.process);
      return accept({
        handle: handleOf(context, lease.name),
        generation: lease.generation,
        expires_in_ms: Math.floor(expiresInMs(lease, now)),
        renamed_from: replaced?.name ?? null,
        visible_to: namesOfAskers(work, lease.name, at),
      });
    }),
    deactivate: decided(({ gone = false, ...selector }, { leases, work }) => {
      const found = select(leases, selector);
      if (!found.ok) return found;
      release(work, found.value);
      setLeft(work, found.value, !gone);
      return accept({ handle: handleOf(context, found.value.name) });
    }),
    summary: decided(({ selector, text }, { leases, work, now }) => {
      const found = select(leases, selector);
      if (!found.ok) return found;
      work.tables.leases.put(summarise(found.value, now, text));
      return accept({ handle: handleOf(context, found.value.name), summary: text });
    }),
  };
}
