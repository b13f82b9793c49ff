/** Words for the rights of each side of a pairing, with their limits. */

import type { ShownEntry, ToldEntry } from "../../contract/grants.ts";
import type { Peer } from "../../contract/peer.ts";
import { factGroups } from "../../contract/text/fact-groups.ts";
import { leftText } from "../../contract/text/words.ts";
import type { Row } from "../terminal/output.ts";

/** A row for each side: the peer's rights here, and this machine's rights there. */
export function grantRows({ name, grants }: Peer, machine: string): readonly Row[] {
  const own = grants.mine ? " (a machine of your own)" : "";
  const theirs = grants.paused ? "nothing while it is paused" : phrase(grants.their_entries);
  const granted = new Set<string>(grants.our_entries.map(({ scope }) => scope));
  // A policy gives a scope without an entry.
  const others = grants.ours.filter((scope) => !granted.has(scope));
  const entries = grants.our_entries.length > 0 ? [phrase(grants.our_entries)] : [];
  const ours = [...entries, ...(others.length > 0 ? [others.join(", ")] : [])].join("; ");
  return [
    { cells: [`${name} may here`, `${theirs}${own}`], indent: 2 },
    { cells: [`${machine} may there`, ours || "nothing"], indent: 2 },
  ];
}

const phrase = (entries: readonly (ShownEntry | ToldEntry)[]): string =>
  entries.map(entryPhrase).join("; ") || "nothing";

/** One entry in words: `ask api, web, without summary and branch, 8 h left`. */
function entryPhrase(entry: ShownEntry | ToldEntry): string {
  const hidden = "show" in entry ? factGroups.filter((fact) => !entry.show.includes(fact)) : [];
  const names = entry.names === null ? [] : [entry.names.join(", ")];
  const limits = [
    ...(hidden.length > 0 ? [`without ${hidden.join(", ")}`] : []),
    ...(entry.expires_in_ms === null ? [] : [`${leftText(entry.expires_in_ms)} left`]),
  ];
  return [[entry.scope, ...names].join(" "), ...limits].join(", ");
}
