/** Handlers that the keeper calls: the list of leases, beats, and leases to resume. */

import type { Control } from "../../contract/control.ts";
import { accept } from "../../contract/errors.ts";
import type { KeptLease } from "../../contract/lease.ts";
import type { Handlers, InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { resume } from "../../core/sessions/activate.ts";
import { type Lease, leaseState, type Now, observe, renew } from "../../core/sessions/lease.ts";
import type { LocalCaller } from "../context/context.ts";
import { type Context, nowOf } from "../context/context.ts";
import type { Events } from "../context/events.ts";
import type { ChangedBy, KeeperSeen } from "../context/ports.ts";
import { type Deciding, deciding, save } from "./leases.ts";

type Rows = "leases" | "renew" | "leases/resume";

/** Handlers of the keeper's rows. */
export function keepingHandlers(
  context: Context,
  keeper: Pick<KeeperSeen, "isWanted">,
  changed: Pick<ChangedBy, "noted">,
): Pick<Handlers<Control, LocalCaller>, Rows> {
  const decided = deciding(context);
  return {
    leases: async (_input, { now: instant }) => {
      const now = nowOf(context, instant);
      const leases = context.tables.leases.all();
      const kept = leases.filter((lease) => leaseState(lease, now) !== "expired");
      return { leases: kept.map((lease) => keptOf(lease, now)), wanted: keeper.isWanted() };
    },
    renew: decided(renewAll(context.events, changed)),
    "leases/resume": decided(({ slept }, { leases, work, now }) => {
      const taken: string[] = [];
      for (const { name, generation: before } of slept) {
        const expired = context.expired.get(before);
        if (expired?.lease.name !== name) continue;
        const held = taken.length === 0 ? leases : work.tables.leases.all();
        const generation = work.tables.leases.nextGeneration();
        const outcome = resume(held, expired.lease, { ...now, generation });
        if (!outcome.ok) continue;
        save(context, work, outcome.value);
        taken.push(name);
      }
      return accept({ taken });
    }),
  };
}

function keptOf(lease: Lease, now: Now): KeptLease {
  const { name, generation, harness, session_id, process, cwd, project, state } = lease;
  const heard = lease.state_boot_ms > 0;
  return {
    name,
    generation,
    harness,
    session_id,
    process,
    cwd,
    project,
    state,
    state_age_ms: heard ? Math.max(0, Math.floor(now.bootMs - lease.state_boot_ms)) : null,
    git_read: lease.git_boot_ms > 0,
    started_age_ms: Math.max(0, Math.floor(now.bootMs - lease.started_boot_ms)),
    held: leaseState(lease, now) === "held",
  };
}

const renewAll =
  (
    events: Events,
    changes: Pick<ChangedBy, "noted">,
  ): Deciding<InputOf<Control["renew"]>, OutputOf<Control["renew"]>> =>
  ({ beats, git, git_why, changed, changed_why }, { leases, work, now }) => {
    const renewed: string[] = [];
    const lost: string[] = [];
    for (const { name, generation, observed } of beats) {
      const lease = leases.find((candidate) => candidate.name === name);
      if (lease?.generation === generation) {
        work.tables.leases.put(observe(renew(lease, now, { git, git_why }), observed, now));
        work.after(() => events.tell({ of: "renewed", name }));
        renewed.push(name);
      } else lost.push(name);
    }
    const kept = beats.filter(({ name }) => renewed.includes(name));
    const reading = { files: changed ?? null, why: changed_why ?? null };
    if (changed !== undefined) work.after(() => changes.noted(kept, reading));
    return accept({ renewed, lost });
  };
