/**
 * Words for the rights of each side of a pairing: the same in every list, on the page, and in the
 * notes of a person's acts, with every limit of an entry. Pure; loads nothing.
 */

import type { BothGrants, ShownEntry, ToldEntry } from "../grants.ts";
import type { Link } from "../peer.ts";
import { factGroups } from "../text/fact-groups.ts";
import { leftText } from "../text/words.ts";

/** A peer's rights here. */
type Here = Pick<BothGrants, "their_entries" | "mine" | "hold" | "paused">;

/** This machine's rights at a peer. */
type There = Pick<BothGrants, "ours" | "our_entries" | "our_paused">;

/** The words for the end of an entry, by the milliseconds left. */
type End = (ms: number) => string;

const left: End = (ms) => `${leftText(ms)} left`;

/** The words for the end of an entry that is given now. */
export const lasting: End = (ms) => `for ${leftText(ms)}`;

/** The rights of a peer here: `ask api, without summary, 8 h left; message, not held`. */
export function rightsHere({ their_entries, mine, hold, paused }: Here, end: End = left): string {
  const entries = their_entries.map((entry) => {
    const isFree = entry.scope === "message" && !hold;
    return `${entryText(entry, end)}${isFree ? ", not held" : ""}`;
  });
  const all = entries.join("; ");
  if (paused) return `nothing while it is paused${all === "" ? "" : ` (${all})`}`;
  const own = mine ? " (a machine of your own)" : "";
  return `${all || "nothing"}${own}`;
}

/** The rights of this machine at a peer; a policy, or an earlier version, tells no entry. */
export function rightsThere({ ours, our_entries, our_paused }: There): string {
  if (our_paused === true) return "nothing while it is paused there";
  const told = new Set<string>(our_entries.map(({ scope }) => scope));
  const others = ours.filter((scope) => !told.has(scope));
  return [...our_entries.map((entry) => entryText(entry, left)), ...others].join("; ") || "nothing";
}

/** One entry: `ask api, web, without summary, branch, 8 h left`. */
function entryText(entry: ShownEntry | ToldEntry, end: End): string {
  // Facts are what an ask is answered with: no other scope shows them.
  const isAsk = "show" in entry && entry.scope === "ask";
  const hidden = isAsk ? factGroups.filter((fact) => !entry.show.includes(fact)) : [];
  const names = entry.names === null ? [] : [entry.names.join(", ")];
  const limits = [
    ...(hidden.length > 0 ? [`without ${hidden.join(", ")}`] : []),
    ...(entry.expires_in_ms === null ? [] : [end(entry.expires_in_ms)]),
  ];
  return [[entry.scope, ...names].join(" "), ...limits].join(", ");
}

/** Rights as the end of a sentence: `it may ask`, `it may do nothing`. */
export const mayText = (rights: string): string =>
  rights.startsWith("nothing") ? `do ${rights}` : rights;

/** The reason why a peer's live handles are unknown; null while it tells them. */
export function unknownHandles({
  link,
  grants,
}: {
  readonly link: Link;
  readonly grants: Pick<BothGrants, "ours">;
}): string | null {
  if (link === "down" || link === "refused") return `unknown: it is ${link}`;
  const isTold = grants.ours.some((scope) => scope === "ask" || scope === "message");
  return isTold ? null : "not told: that needs ask there";
}

/** A peer as a refusal of it needs it. */
interface Refusing {
  readonly name: string;
  readonly grants: Pick<BothGrants, "our_paused">;
}

/** The command on a peer that gives this machine rights there; a pause ends by another one. */
export const grantingThere = ({ name, grants }: Refusing, own: string, rights: string): string =>
  grants.our_paused === true
    ? `on ${name} run: peernet peers resume ${own}`
    : `on ${name} run: peernet peers grant ${own} ${rights}`;

/** The rights of both sides, each a phrase. */
export const rightsPhrases = ({ grants }: { readonly grants: BothGrants }): readonly string[] => [
  `it may ${mayText(rightsHere(grants))}`,
  `you may ${mayText(rightsThere(grants))}`,
];
