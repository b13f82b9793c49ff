/**
 * Compares the trails of two machines as each of them does it: in an honest run, whatever crashed,
 * slept or was lost, neither accuses the other.
 */

import type { ToldRecord } from "../../src/contract/subjects/subjects.ts";
import { accuses } from "../../src/core/subjects/judge.ts";
import { noPlace, pageOf, trailOf } from "../../src/daemon/subjects/pages.ts";
import { verdictsOf } from "../support/trails.ts";
import type { Machine } from "./machine.ts";
import { identityOf, nameOf } from "./who.ts";

/** The subjects on which a machine would accuse the other or itself, and how many it compared. */
export function compared(
  machine: Machine,
  other: Machine,
  byHand: ReadonlySet<string>,
): { readonly flaws: readonly string[]; readonly count: number } {
  const records = { here: toldBy(machine, other), there: toldBy(other, machine) };
  const trails = { here: known(machine, other), there: known(other, machine) };
  const verdicts = verdictsOf({ ...records, trails });
  const flaws = [...verdicts].flatMap(([id, verdict]) => {
    if (byHand.has(id) || !accuses(verdict)) return [];
    const all = [...records.here, ...records.there].filter(({ subject_id }) => subject_id === id);
    return [`${nameOf(machine.index)} accuses: ${JSON.stringify({ verdict, all })}`];
  });
  return { flaws, count: verdicts.size };
}

function toldBy(machine: Machine, other: Machine): readonly ToldRecord[] {
  const peer = machine.disk.tables.peers.get(identityOf(other.index).fingerprint);
  if (peer === null) return [];
  const { context } = machine.daemon;
  const paging = { peer, now: machine.now(), place: noPlace, only: null, limit: 100_000 };
  return pageOf(context, paging).records;
}

const known = (machine: Machine, other: Machine) =>
  trailOf(machine.daemon.context, identityOf(other.index).fingerprint);
