/** The live handles as a hello tells them, in either direction, to a peer that may ask. */

import { helloHandlesBytesMax, subjectCharactersMax, tellingMs } from "../../contract/limits.ts";
import type { HelloOutput } from "../../contract/peer.ts";
import { factGroups } from "../../contract/text/fact-groups.ts";
import { stateOf, visibleTo } from "../../core/ask.ts";
import { type At, type Grants, lets, permits, type Shown } from "../../core/grants.ts";
import { expiresInMs, type Lease, liveLeases, type Now } from "../../core/sessions/lease.ts";

/** The peer that is told, as far as the handles depend on it. */
export interface Recipient {
  readonly grants: Grants;
  /** It takes null for a hidden project. */
  readonly takesNull: boolean;
}

/** The instant at which handles are told: by this run's clock, and by both clocks of a grant. */
export interface TellingAt {
  readonly now: Now;
  readonly at: At;
}

/** The handles that a peer is told of; null where it may not ask. */
export function handlesFor(
  recipient: Recipient,
  leases: readonly Lease[],
  { now, at }: TellingAt,
): HelloOutput["handles"] {
  const verdict = permits(recipient.grants, { scope: "ask", name: null }, at);
  if (!verdict.permitted) return null;
  const all = allHandles(leases, now);
  const visible = visibleTo({ ...recipient, at }, leases);
  const isAll = visible === leases;
  if (isAll && factGroups.every((group) => lets(verdict.shown, group))) return all;
  const names = new Set(visible.map(({ name }) => name));
  return all
    .filter(({ name }) => names.has(name))
    .map((handle) => hiding(handle, verdict.shown, recipient.takesNull));
}

function hiding(handle: Handles[number], shown: Shown, takesNull: boolean): Handles[number] {
  const hidden: Partial<Handles[number]> = {
    ...(lets(shown, "project") ? {} : { project: takesNull ? null : handle.name }),
    ...(lets(shown, "state") ? {} : { state: null, state_for_ms: null }),
    ...(lets(shown, "harness") ? {} : { harness: null }),
    ...(lets(shown, "branch") ? {} : { branch: null }),
    ...(lets(shown, "counts") ? {} : { dirty: null }),
    ...(lets(shown, "summary") ? {} : { summary: null }),
  };
  return { ...handle, ...hidden };
}

/** Every live handle, cached while the leases stay the same. */
function allHandles(leases: readonly Lease[], now: Now): Handles {
  const known = told.get(leases);
  const isGood = known?.run === now.run.id && now.bootMs >= known.from && now.bootMs < known.to;
  if (isGood) return after(known.handles, Math.ceil(now.bootMs - known.from));
  const handles = fitting(liveLeases(leases, now), now);
  // What has expired is not told, not even once.
  const forMs = Math.min(tellingMs, ...handles.map(({ expires_in_ms }) => expires_in_ms));
  told.set(leases, { handles, run: now.run.id, from: now.bootMs, to: now.bootMs + forMs });
  return handles;
}

type Handles = NonNullable<HelloOutput["handles"]>;

/** The cached handles, each with no more of its lease than is left now. */
const after = (handles: Handles, passedMs: number): Handles =>
  passedMs === 0
    ? handles
    : handles.map((handle) => ({ ...handle, expires_in_ms: handle.expires_in_ms - passedMs }));

/** A cached list of handles and the boot-clock interval for which it is valid, in one run. */
interface Told {
  readonly handles: Handles;
  readonly run: string;
  readonly from: number;
  readonly to: number;
}

/** The last list of leases that are still the same: a crowd of peers is told it in a row. */
const told = new WeakMap<readonly Lease[], Told>();

const handleAt = (lease: Lease, now: Now): Handles[number] => ({
  name: lease.name,
  project: lease.project,
  ...stateOf(lease, now),
  expires_in_ms: Math.floor(expiresInMs(lease, now)),
});

/** Facts that a list shows of a session, beside its handle. */
const factsAt = ({ harness, git, summary }: Lease): Partial<Handles[number]> => ({
  harness,
  branch: git?.branch ?? null,
  sha: git?.sha ?? null,
  dirty: git?.dirty ?? null,
  summary: summary === null ? null : firstLine(summary),
});

/** The first line of a text, cut to as many characters as a commit's subject. */
function firstLine(text: string): string {
  const [line = ""] = text.trimStart().split("\n");
  const characters = [...line];
  if (characters.length <= subjectCharactersMax) return line;
  return `${characters.slice(0, subjectCharactersMax - 1).join("")}…`;
}

/**
 * As many handles as one hello holds; the others can be asked by name. The handles come first:
 * facts are added to those for which there is room.
 */
function fitting(leases: readonly Lease[], now: Now): Handles {
  let bytes = 0;
  const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;
  const fits = (more: number): boolean => {
    if (bytes + more > helloHandlesBytesMax) return false;
    bytes += more;
    return true;
  };
  const told = leases
    .map((lease) => ({ lease, handle: handleAt(lease, now) }))
    .filter(({ handle }) => fits(size(handle)));
  return told.map(({ lease, handle }) => {
    const facts = factsAt(lease);
    return fits(size(facts)) ? { ...handle, ...facts } : handle;
  });
}
