/** Handlers by which people and sessions here learn who has changed the same files. */

import type { Control } from "../../contract/control.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { EditOutput, WhoHasOutput } from "../../contract/overlap/overlap.ts";
import type { FactGroup } from "../../contract/text/fact-groups.ts";
import type { Changed } from "../../core/overlap/answer.ts";
import { type Given, mayWarn, recent } from "../../core/overlap/warnings.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import { select } from "../../core/sessions/select.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, type LocalCaller, nowOf } from "../context/context.ts";
import type { PeerMemories } from "../peers/memories.ts";
import type { LocalChanges } from "./local.ts";
import type { PeerOverlaps } from "./outgoing.ts";

/** Dependencies of these handlers. */
export interface HandlerParts {
  readonly context: Context;
  readonly local: LocalChanges;
  readonly overlaps: PeerOverlaps;
  readonly memories: PeerMemories;
}

/** Handlers of the rows about changed files. */
export function overlapHandlers(
  parts: HandlerParts,
): Pick<Handlers<Control, LocalCaller>, "overlap/who" | "overlap/edit"> {
  let given: readonly Given[] = [];
  return {
    "overlap/who": async (input, { now }) => ({
      sessions: [...ownSessions(parts, input, now), ...peerSessions(parts, input, now)],
      not_compared: notCompared(parts, input, now),
    }),
    "overlap/edit": async ({ session, paths }, { now }): Promise<EditOutput> => {
      const own = ownOf(parts, session, now);
      if (own === null) return { tree: null, warning: null };
      const { root, identity } = own.files;
      const tree = { root, identity };
      given = recent(given, now.bootMs);
      for (const path of paths) {
        const found = changedBy(parts, { own, path, now });
        if (found === undefined) continue;
        const next = { session: sessionKey(own), path, peer: found, atMs: now.bootMs };
        if (!mayWarn(given, next)) continue;
        given = [...given, next];
        return { tree, warning: warningOf(parts.context, found) };
      }
      return { tree, warning: null };
    },
  };
}

type Question = Parameters<Handlers<Control, LocalCaller>["overlap/who"]>[0];

const sessionKey = ({ lease: { name, generation } }: Changed): string => `${name} ${generation}`;

/** The session that is about to edit, with its changed files; null when those are unknown. */
function ownOf(
  { context, local }: HandlerParts,
  selector: Parameters<typeof select>[1],
  now: Instant,
): Changed | null {
  const live = liveLeases(context.tables.leases.all(), nowOf(context, now));
  const lease = select(live, selector);
  if (!lease.ok) return null;
  return local.live(now).find((each) => each.lease.name === lease.value.name) ?? null;
}

/** The peer whose session has changed a file; null for a session here, undefined for none. */
function changedBy(
  { local, overlaps }: HandlerParts,
  { own, path, now }: { readonly own: Changed; readonly path: string; readonly now: Instant },
): string | null | undefined {
  const isHere = local
    .live(now)
    .some(
      ({ lease, files }) =>
        lease.name !== own.lease.name &&
        files.identity === own.files.identity &&
        files.root !== own.files.root &&
        !files.more &&
        files.paths.includes(path),
    );
  if (isHere) return null;
  const [match] = overlaps
    .matches(own.files.identity, [path], now)
    .filter(({ paths }) => paths.length > 0);
  return match?.fingerprint;
}

/** A machine is named only by a person's word: a peer could call itself anything. */
function warningOf(context: Context, fingerprint: string | null): EditOutput["warning"] {
  if (fingerprint === null) return { machine: null, here: true, fingerprint };
  const row = context.tables.peers.get(fingerprint);
  const machine = row?.named_by === "person" ? row.name : null;
  return { machine, here: false, fingerprint };
}

function ownSessions(
  { context, local }: HandlerParts,
  { identity, paths, except }: Question,
  now: Instant,
): WhoHasOutput["sessions"] {
  const machine = context.config.machine.name;
  const live = local.live(now);
  const caller =
    except === undefined
      ? null
      : select(
          live.map(({ lease }) => lease),
          except,
        );
  return live
    .filter(({ lease, files }) => {
      const isCaller = caller?.ok === true && caller.value.name === lease.name;
      return files.identity === identity && !isCaller;
    })
    .flatMap(({ lease, files, ageMs }) => {
      const found = paths.flatMap((path, at) => (files.paths.includes(path) ? [at] : []));
      if (found.length === 0 && !files.more) return [];
      const branch = lease.git?.branch ?? null;
      const handle = `${machine}/${lease.name}`;
      const { more } = files;
      const age_ms = Math.floor(ageMs);
      return [{ machine, handle, branch, hidden: [], paths: more ? [] : found, more, age_ms }];
    });
}

function peerSessions(
  { context, overlaps }: HandlerParts,
  { identity, paths }: Question,
  now: Instant,
): WhoHasOutput["sessions"] {
  return overlaps.matches(identity, paths, now).flatMap((match) => {
    const { fingerprint, session, paths: found, ageMs: age_ms } = match;
    const row = context.tables.peers.get(fingerprint);
    if (row === null || (found.length === 0 && !session.more)) return [];
    const handle = session.name === null ? null : `${row.name}/${session.name}`;
    const { branch, branch_hidden: hides, more } = session;
    const hidden: FactGroup[] = hides === true ? ["branch"] : [];
    const told = hides === undefined ? {} : { hidden };
    return [{ machine: row.name, handle, branch, ...told, paths: [...found], more, age_ms }];
  });
}

function notCompared(
  { context, memories, overlaps }: HandlerParts,
  { identity }: Question,
  now: Instant,
): WhoHasOutput["not_compared"] {
  return context.tables.peers.all().flatMap((row) => {
    const why = overlaps.whyNot(row, identity, now);
    const { last_seen_age_ms } = memories.shown(row, now);
    return why === null ? [] : [{ machine: row.name, why, last_seen_age_ms }];
  });
}
