/** Mistakes about waits that a run must find. */

import type { Run } from "../../src/core/sessions/lease.ts";
import { cached, type Plant } from "./plants.ts";
import type { Variant } from "./variant.ts";

/** A daemon that has just started takes leases it has not yet seen renewed for ended ones. */
const hasty = (): Variant => ({
  run: (run: Run) => ({ ...run, started_boot_ms: Number.NEGATIVE_INFINITY }),
  tables: (real, run) => ({
    ...real,
    leases: { ...real.leases, all: () => real.leases.all().filter((lease) => lease.run === run) },
  }),
});

/** A daemon knows only the waits that were asked for since it started. */
function forgetful(): Variant {
  const asked = new Map<string, string>();
  return {
    tables: (real, run) => ({
      ...real,
      waits: {
        ...real.waits,
        outgoing: () => real.waits.outgoing().filter((wait) => asked.get(wait.wait_id) === run),
        getOutgoing: (id) => (asked.get(id) === run ? real.waits.getOutgoing(id) : null),
        putOutgoing: (wait) => {
          if (!asked.has(wait.wait_id)) asked.set(wait.wait_id, run);
          real.waits.putOutgoing(wait);
        },
      },
    }),
  };
}

/** Every mistake about waits. */
export const waitPlants: readonly Plant[] = [
  {
    name: "a daemon that has just started calls a handle gone",
    found: /ended as gone, and nothing ended/,
    variant: hasty,
  },
  {
    name: "whether a peer may wait is read from a cache",
    found: /a fact of a wait was told after its grant ended|a revoked peer was told a wait/,
    variant: cached,
  },
  {
    name: "a wait that has ended ends again",
    found: /a wait ended twice/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        waits: {
          ...real.waits,
          getOutgoing: (id) => {
            const wait = real.waits.getOutgoing(id);
            return wait === null ? null : { ...wait, outcome: null };
          },
        },
      }),
    }),
  },
  {
    name: "a wait does not survive its daemon",
    found: /a wait of m\d is lost/,
    variant: forgetful,
  },
  {
    name: "a fact of a wait is told without a record",
    found: /a fact of a wait left without its record/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        audit: {
          ...real.audit,
          append: (draft) =>
            (draft.verb === "wait" && draft.direction === "in" ? real.audit.at(1) : null) ??
            real.audit.append(draft),
        },
      }),
    }),
  },
];
