/** Handlers by which a person trusts machines, and the lines of root's files that do the same. */

import type { Control } from "../../contract/control.ts";
import { accept, type Outcome, PeernetError, refuse, settle } from "../../contract/errors.ts";
import { lasting, rightsHere } from "../../contract/grants/words.ts";
import { peersMax, portDefault } from "../../contract/limits.ts";
import type { Handlers, OutputOf } from "../../contract/operation/operation.ts";
import { formatAddress, parseAddress } from "../../contract/text/address.ts";
import type { Expected } from "../../contract/trust/expected.ts";
import { expectedLifeMs } from "../../contract/trust/limits.ts";
import type { TrustedMachine } from "../../contract/trust/trust.ts";
import { scopesAt, shownEntries } from "../../core/grants.ts";
import { shortFingerprint } from "../../core/peers/naming.ts";
import { grantsOfGiven } from "../../core/trust.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { noteAct } from "../context/acts.ts";
import type { Context, LocalCaller, Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { dropUngranted } from "../context/ungranted.ts";
import type { Meetings } from "./meetings.ts";

/** Dependencies of trusting. */
export interface TrustingParts {
  readonly context: Context;
  readonly meetings: Meetings;
}

type Trusted = OutputOf<Control["trust"]>;

/** Handlers of the rows about trust. */
export function trustHandlers(
  parts: TrustingParts,
): Pick<Handlers<Control, LocalCaller>, "trust" | "untrust"> {
  const { context } = parts;
  return {
    trust: async ({ machines }, caller) => trustAll(parts, machines, caller),
    untrust: async ({ fingerprint }, { now }) => {
      const outcome = await context.transact(now, (work) => {
        const row = work.tables.expected.get(fingerprint);
        const isPeer = work.tables.peers.get(fingerprint) !== null;
        if (row === null || isPeer) return { value: notExpected(work, fingerprint) };
        work.tables.expected.remove(fingerprint);
        work.record({ ...recordOf(row), verb: "unpair", outcome: "untrusted", details: null });
        return { value: accept({ fingerprint, name: row.name }) };
      });
      context.events.tell({ of: "memory" });
      return settle(outcome);
    },
  };
}

function notExpected({ tables }: Work, fingerprint: string): Outcome<never> {
  const peer = tables.peers.get(fingerprint);
  if (peer === null) {
    return refuse("peer_unknown", {
      message: "no machine of that fingerprint is expected",
      hint: "peernet peers",
    });
  }
  return refuse("bad_request", {
    message: `${peer.name} is paired already, and no longer only expected`,
    hint: `peernet unpair ${peer.name}`,
  });
}

/** Trusts machines: all of them, or none when one is refused. */
async function trustAll(
  { context, meetings }: TrustingParts,
  machines: readonly TrustedMachine[],
  caller: LocalCaller,
): Promise<Trusted> {
  const outcome = await context.transact<Outcome<Trusted["machines"]>>(caller.now, (work) => {
    const refused = whyNot(context, work, machines);
    if (refused !== null) return { value: { ok: false, error: refused } };
    return { value: accept(machines.map((machine) => trust(context, work, { machine, caller }))) };
  });
  const trusted = settle(outcome);
  for (const { fingerprint } of trusted) meetings.again(fingerprint);
  context.events.tell({ of: "memory" });
  return { machines: trusted };
}

function whyNot(
  { identity, config }: Context,
  { tables }: Work,
  machines: readonly TrustedMachine[],
): PeernetError | null {
  const known = new Set(tables.peers.all().map(({ fingerprint }) => fingerprint));
  for (const { fingerprint } of tables.expected.all()) known.add(fingerprint);
  for (const { fingerprint, name } of machines) {
    known.add(fingerprint);
    if (fingerprint === identity.fingerprint) {
      return new PeernetError("bad_request", {
        message: `${fingerprint} is this machine's own fingerprint`,
        hint: "on the other machine run: peernet id",
      });
    }
    const holder = name === null ? null : tables.peers.named(name);
    const isTaken = holder !== null && holder.fingerprint !== fingerprint;
    if (isTaken || name === config.machine.name) {
      return new PeernetError("bad_request", {
        message: `${name} is another machine's name here`,
        hint: "choose another name",
      });
    }
  }
  return known.size > peersMax ? new PeernetError("peer_limit") : null;
}

interface Trusting {
  readonly machine: TrustedMachine;
  readonly caller: LocalCaller;
}

function trust(context: Context, work: Work, { machine, caller }: Trusting) {
  const { fingerprint, name, to, entries, mine } = machine;
  const { now } = caller;
  const place = to === null ? { host: null, port: null } : parseAddress(to);
  const given = { entries, mine };
  work.tables.expected.put({
    ...{ fingerprint, name, given },
    host: place.host,
    port: place.host === null ? null : place.port || portDefault,
    since_ms: elapsedAt(context, now),
    ...{ met_ms: null, jti: null, issued_at_ms: null },
  });
  const peer = work.tables.peers.get(fingerprint);
  const grants = grantsOfGiven(given, now);
  if (peer !== null) regrant(work, { ...peer, grants }, now);
  const scopes = scopesAt(grants, now);
  const shown = { fingerprint, name: peer?.name ?? name };
  const details = { by: "fingerprint", scopes, mine };
  work.record({ ...recordOf(shown), verb: "pair", outcome: "expected", details });
  const may = rightsHere({ ...grants, their_entries: shownEntries(grants, now) }, lasting);
  const act = {
    verb: "trust",
    fingerprint,
    may,
    name: shown.name ?? shortFingerprint(fingerprint),
  } as const;
  work.after(() => noteAct(context, caller, act));
  return { ...shown, state: peer === null ? ("expected" as const) : ("paired" as const) };
}

/** A machine that is a peer already keeps its name, and gets the rights that are named now. */
function regrant(work: Work, peer: PeerRow, now: Instant): void {
  work.tables.peers.put(peer);
  dropUngranted(work, peer, now);
}

const recordOf = (machine: { readonly fingerprint: string; readonly name: string | null }) =>
  ({
    direction: "local",
    peer_fingerprint: machine.fingerprint,
    peer_name: machine.name ?? shortFingerprint(machine.fingerprint),
    origin_transport: "control",
  }) as const;

/** The machines that are expected and have not met this one. */
export function expectedNow(context: Context, now: Instant): Expected[] {
  const elapsed = elapsedAt(context, now);
  return context.tables.expected.all().flatMap((row): Expected[] => {
    const left = row.since_ms + expectedLifeMs - elapsed;
    const { fingerprint, name, host, port, given } = row;
    const peer = context.tables.peers.get(fingerprint);
    if (left <= 0 || (peer !== null && !peer.refused)) return [];
    const grants = grantsOfGiven(given, now);
    return [
      {
        ...{ fingerprint, name, mine: given.mine },
        address: host === null ? null : formatAddress(host, port),
        scopes: scopesAt(grants, now),
        their_entries: shownEntries(grants, now),
        expires_in_ms: left,
      },
    ];
  });
}

/** A line of root's files, and the machine that it names. */
export interface TrustedLine {
  readonly line: string;
  readonly machine: TrustedMachine;
}

/** Applies the lines of root's files: each acts once, until the line about its machine changes. */
export async function trustLines(
  parts: TrustingParts,
  lines: readonly TrustedLine[],
  now: Instant,
): Promise<void> {
  const { context } = parts;
  for (const { line, machine } of lines) {
    if (context.tables.expected.line(machine.fingerprint) === line) continue;
    try {
      await trustAll(parts, [machine], { now, attended: true });
    } catch (error) {
      if (!(error instanceof PeernetError)) throw error;
      context.effects.log.warn("trust_refused", { code: error.code, line });
      continue;
    }
    await context.transact(now, (work) => {
      work.tables.expected.putLine(machine.fingerprint, line);
      return { value: undefined };
    });
  }
}
