/** The live handles in a hello, in either direction, for a peer that may ask. */

import type { Way } from "../../contract/delivery/way.ts";
import { helloHandlesBytesMax, subjectCharactersMax, tellingMs } from "../../contract/limits.ts";
import type { HelloOutput } from "../../contract/peer.ts";
import { factGroups } from "../../contract/text/fact-groups.ts";
import { stateOf, visibleTo } from "../../core/ask.ts";
import { type At, type Grants, lets, permits, type Shown } from "../../core/grants.ts";
import { expiresInMs, type Lease, liveLeases, type Now } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import type { ChangedBy } from "../context/ports.ts";

/** The receiving peer, as far as the handles depend on it. */
export interface Recipient {
  readonly grants: Grants;
  /** True when it accepts null for a hidden project. */
  readonly takesNull: boolean;
}

/** The instant of a hello: by this run's clock, and by both clocks of a grant. */
export interface TellingAt {
  readonly now: Now;
  readonly at: At;
  /** The way in which mail reaches a session, as far as the peer may know it. */
  readonly wayOf?: (lease: Lease) => Way | null;
}

/**
 * The handles for a peer; null when it may neither ask nor leave messages. A handle that it may
 * only leave messages for has its name alone.
 */
export function handlesFor(
  recipient: Recipient,
  leases: readonly Lease[],
  when: TellingAt,
): HelloOutput["handles"] {
  const handles = factsFor(recipient, leases, when);
  const { wayOf } = when;
  if (handles === null || wayOf === undefined) return handles;
  const held = new Map(leases.map((lease) => [lease.name, lease]));
  return handles.map((handle) => {
    const lease = held.get(handle.name);
    const way = lease === undefined ? null : wayOf(lease);
    return way === null ? handle : { ...handle, way };
  });
}

function factsFor(
  recipient: Recipient,
  leases: readonly Lease[],
  { now, at }: TellingAt,
): HelloOutput["handles"] {
  const verdict = permits(recipient.grants, { scope: "ask", name: null }, at);
  const named = namesFor(recipient, leases, { now, at });
  if (!verdict.permitted) return named;
  const all = allHandles(leases, now);
  const visible = visibleTo({ ...recipient, at }, leases);
  const isAll = visible === leases;
  if (isAll && factGroups.every((group) => lets(verdict.shown, group))) return all;
  const names = new Set(visible.map(({ name }) => name));
  const shown = all
    .filter(({ name }) => names.has(name))
    .map((handle) => hiding(handle, verdict.shown, recipient.takesNull));
  return [...shown, ...(named ?? []).filter(({ name }) => !names.has(name))];
}

/** The live handles that a peer may leave messages for, by name alone; null without the right. */
function namesFor(
  { grants, takesNull }: Recipient,
  leases: readonly Lease[],
  { now, at }: TellingAt,
): Handles | null {
  const isAllowed = permits(grants, { scope: "message", name: null }, at).permitted;
  // An earlier version accepts no null for a project.
  if (!isAllowed || !takesNull) return null;
  return liveLeases(leases, now)
    .filter(({ name }) => permits(grants, { scope: "message", name }, at).permitted)
    .slice(0, namedMax)
    .map((lease) => ({
      name: lease.name,
      ...{ project: null, state: null, state_for_ms: null },
      expires_in_ms: Math.floor(expiresInMs(lease, now)),
      only_name: true,
    }));
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

/** Names beside other handles: they take under 150 bytes each, and a hello has room for that. */
const namedMax = 128;

/** Every live handle, cached while the leases stay the same. */
function allHandles(leases: readonly Lease[], now: Now): Handles {
  const known = told.get(leases);
  const isGood = known?.run === now.run.id && now.bootMs >= known.from && now.bootMs < known.to;
  if (isGood) return after(known.handles, Math.ceil(now.bootMs - known.from));
  const handles = fitting(liveLeases(leases, now), now);
  // An expired handle is never sent, not even once.
  const forMs = Math.min(tellingMs, ...handles.map(({ expires_in_ms }) => expires_in_ms));
  told.set(leases, { handles, run: now.run.id, from: now.bootMs, to: now.bootMs + forMs });
  return handles;
}

type Handles = NonNullable<HelloOutput["handles"]>;

/** The cached handles, each with the time now left of its lease. */
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

/** The cache of the last list of leases: a crowd of peers receives it in a row. */
const told = new WeakMap<readonly Lease[], Told>();

const handleAt = (lease: Lease, now: Now): Handles[number] => ({
  name: lease.name,
  project: lease.project,
  ...stateOf(lease, now),
  expires_in_ms: Math.floor(expiresInMs(lease, now)),
});

/** Facts of a session in a list, beside its handle. */
const factsAt = ({ harness, git, summary }: Lease): Partial<Handles[number]> => ({
  harness,
  branch: git?.branch ?? null,
  sha: git?.sha ?? null,
  dirty: git?.dirty ?? null,
  summary: summary === null ? null : firstLine(summary),
});

/** The first line of a text, cut to the length of a commit's subject. */
function firstLine(text: string): string {
  const [line = ""] = text.trimStart().split("\n");
  const characters = [...line];
  if (characters.length <= subjectCharactersMax) return line;
  return `${characters.slice(0, subjectCharactersMax - 1).join("")}…`;
}

/**
 * As many handles as fit one hello; the others can be asked by name. The handles come first: facts
 * are added while there is space.
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

/** The count of this machine's changed files, for a peer that may compare its own with them. */
export const overlapFor = (
  { grants }: Pick<Recipient, "grants">,
  changed: Pick<ChangedBy, "epoch">,
  now: Instant,
): { readonly overlap?: number } =>
  permits(grants, { scope: "overlap", name: null }, now).permitted
    ? { overlap: changed.epoch(now) }
    : {};
