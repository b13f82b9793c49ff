/** Mistakes about the outbox that a run must find, from the table of crashes and races. */

import type { OutboxRow } from "../../../src/store/outbox.ts";
import type { OutboxVariant } from "./variant.ts";

/** A mistake, and what a run says when it has found it. */
export interface OutboxPlant {
  readonly name: string;
  readonly found: RegExp;
  readonly variant: OutboxVariant;
}

const first = <E extends object>(entry: E): E => ({ ...entry, version: 1 });

/** Every mistake. */
export const outboxPlants: readonly OutboxPlant[] = [
  {
    name: "an entry is queued after the commit of its cause",
    found: /is lost/,
    variant: { queuesLate: true },
  },
  {
    name: "an entry leaves with the bytes that were composed first",
    found: /was told after its grant ended/,
    variant: { keepsBytes: true },
  },
  {
    name: "a grant that ends during a dial is not asked for",
    found: /was told after its grant ended/,
    variant: { leavesLate: true },
  },
  {
    name: "the longest queue goes first, whatever its rank",
    found: /rank 3 left before rank 1/,
    variant: {
      tables: (real) => ({
        ...real,
        outbox: {
          ...real.outbox,
          heads: (fingerprint) => [...real.outbox.heads(fingerprint)].reverse(),
        },
      }),
    },
  },
  {
    name: "an unpairing leaves what waits",
    found: /left after the unpairing/,
    variant: {
      tables: (real) => ({ ...real, peers: { ...real.peers, remove: () => {} } }),
    },
  },
  {
    name: "a reply removes whichever version of a receipt waits",
    found: /is lost/,
    variant: {
      tables: (real) => ({
        ...real,
        outbox: {
          ...real.outbox,
          get: (id) => {
            const row = real.outbox.get(id);
            return row === null ? null : first<OutboxRow>(row);
          },
          heads: (fingerprint) => [...real.outbox.heads(fingerprint)].map(first),
          remove: (id) => real.outbox.remove(id, real.outbox.get(id)?.version ?? 0),
        },
      }),
    },
  },
  {
    name: "an entry leaves under another id each time",
    found: /was stored twice/,
    variant: { renames: true },
  },
  {
    name: "elapsed time goes with the wall clock",
    found: /expired early/,
    variant: { countsByWall: true },
  },
  {
    name: "the entries of one subject leave beside each other",
    found: /is out of order/,
    variant: {
      tables: (real) => ({
        ...real,
        outbox: {
          ...real.outbox,
          heads: (fingerprint) =>
            real.outbox
              .all(1_000)
              .filter((entry) => entry.fingerprint === fingerprint)
              .map((entry) => ({ ...entry, subject_id: entry.id })),
        },
      }),
    },
  },
  {
    name: "a failure of the peer counts as taken",
    found: /is lost/,
    variant: { takesFailures: true },
  },
];
