/**
 * Reads a repository of a peer for a session here. Keeps each reading open for the next operation,
 * opens it once more when the peer has ended it, and records each step before its answer is told.
 */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { readerIdleMs } from "../../contract/reads/limits.ts";
import type { OpenOutput, Operation } from "../../contract/reads/reads.ts";
import { type AuditDraft, contentSaltBytes } from "../../core/audit-chain.ts";
import { type Cancel, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { type Context, type LocalCaller, unknownPeer } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { Serial } from "../context/serial.ts";
import type { Links } from "../links/links.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { type FailedReading, readError } from "./errors.ts";
import { listedDetails } from "./listing.ts";
import { detailsOf, recordedOpening } from "./recorded.ts";

/** Dependencies of reading at a peer. */
export interface OutgoingReadParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
}

type Input = InputOf<Control["read"]>;
type Output = OutputOf<Control["read"]>;
type Listed = OutputOf<Control["read/repositories"]>;

interface Reading {
  readonly id: string;
  readonly key: string;
  readonly peer: PeerRow;
  readonly opened: OpenOutput;
  /** The monotonic time of the opening. */
  readonly openedMs: number;
  readonly salt: Uint8Array;
  cancelIdle: Cancel;
}

/** The time of one call: the peer's keeper answers before it. */
const openDeadlineMs = 12_000;
const operationDeadlineMs = 12_000;
/** A reading from its beginning takes the present commit, unless it follows another one so soon. */
const presentMs = 2_000;
/** A reading is given up here a little before the peer gives it up. */
const restMs = readerIdleMs - 30_000;

/** The readings of this machine's sessions. */
export interface OutgoingReads {
  read(input: Input, caller: LocalCaller): Promise<Output>;
  /** Lists the repositories that a peer lets this machine read. */
  list(input: InputOf<Control["read/repositories"]>): Promise<Listed>;
  /** Forgets every reading. */
  close(): void;
}

/** Reads at peers; no reading is open yet. */
export function outgoingReads(parts: OutgoingReadParts): OutgoingReads {
  const { context } = parts;
  const readings = new Map<string, Reading>();
  const leave = (key: string): void => {
    const reading = readings.get(key);
    if (reading === undefined) return;
    readings.delete(key);
    reading.cancelIdle();
    detach(context.effects.log, "closing a reading", () => closeThere(parts, reading));
  };
  const kept = (reading: Omit<Reading, "cancelIdle">): Reading => {
    readings.get(reading.key)?.cancelIdle();
    const cancelIdle = context.effects.timers.after(restMs, () => leave(reading.key));
    const held = { ...reading, cancelIdle };
    readings.set(reading.key, held);
    return held;
  };
  const readAs = async (peer: PeerRow, key: string, input: Input): Promise<Output> => {
    if (input.sha === null && isPast(context, readings.get(key))) leave(key);
    const known = readings.get(key);
    if (known !== undefined) {
      try {
        return await operate(parts, kept(known), input);
      } catch (error) {
        const isGone = error instanceof PeernetError && error.code === "reading_gone";
        if (!isGone) throw error;
        readings.delete(key);
        known.cancelIdle();
      }
    }
    const opened = kept({ ...(await open(parts, peer, input)), key });
    return operate(parts, opened, input);
  };
  // A reader does one operation after another: a second one of this machine waits here.
  const turns = new Serial();
  return {
    list: ({ machine }) => listAt(parts, peerOf(context, machine)),
    read: async (input) => {
      const peer = peerOf(context, input.machine);
      const key = JSON.stringify([peer.fingerprint, input.repository, input.handle, input.at]);
      return turns.run(key, () => readAs(peer, key, input));
    },
    close: () => {
      for (const { cancelIdle } of readings.values()) cancelIdle();
      readings.clear();
    },
  };
}

/** The peer of that name. @throws {bad_request} {peer_unknown} */
function peerOf({ tables, config }: Context, machine: string): PeerRow {
  const peer = tables.peers.named(machine);
  if (machine === config.machine.name) throw ownMachine;
  if (peer === null) throw unknownPeer(machine);
  return peer;
}

/** True when a reading from the beginning shall not use this one. */
const isPast = ({ effects }: Context, known: Reading | undefined): boolean =>
  known !== undefined && effects.clock.monotonicMs() - known.openedMs > presentMs;

const ownMachine = new PeernetError("bad_request", {
  message: "that is this machine's own name",
  hint: "read its files as any program does",
});

/** The fields that all records of a reading share. */
const recordOf = (peer: PeerRow, id: string, repository: string | null) =>
  ({
    handle: repository === null ? null : `${peer.name}:${repository}`,
    direction: "out",
    verb: "read",
    subject_id: id,
    peer_fingerprint: peer.fingerprint,
    peer_name: peer.name,
  }) as const;

async function recorded(context: Context, draft: Omit<AuditDraft, "at_ms">): Promise<void> {
  await context.transact(instantOf(context.effects.clock), (work) => {
    work.record(draft);
    return { value: undefined };
  });
}

interface Called {
  readonly peer: PeerRow;
  readonly id: string;
  readonly input: FailedReading["input"];
}

/** Calls a peer; its refusal is recorded, and told in this machine's terms. */
async function called<T>(
  { context, memories }: OutgoingReadParts,
  { peer, id, input }: Called,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    await recorded(context, { ...recordOf(peer, id, input.repository), outcome: error.code });
    if (error.code === "reading_gone") throw error;
    const shown = memories.shown(peer, instantOf(context.effects.clock));
    throw readError(error, shown, { input, own: context.config.machine.name });
  }
}

async function listAt(parts: OutgoingReadParts, peer: PeerRow): Promise<Listed> {
  const { context, links } = parts;
  const id = context.effects.random.uuid();
  const input = { repository: null, handle: null };
  const { output } = await called(parts, { peer, id, input }, () =>
    links.call(peer.fingerprint, "read/repositories", {
      ...{ input: () => ({ reading_id: id }), deadlineMs: operationDeadlineMs, isAwaited: true },
    }),
  );
  const details = listedDetails(output);
  await recorded(context, { ...recordOf(peer, id, null), outcome: "ok", details });
  return { machine: peer.name, ...output };
}

async function open(
  parts: OutgoingReadParts,
  peer: PeerRow,
  input: Input,
): Promise<Omit<Reading, "cancelIdle" | "key">> {
  const { context, links } = parts;
  const { random } = context.effects;
  const id = random.uuid();
  const { repository, handle, at } = input;
  const asked = { reading_id: id, repository, handle, at };
  const { output } = await called(parts, { peer, id, input }, () =>
    links.call(peer.fingerprint, "read/open", {
      ...{ input: () => asked, deadlineMs: openDeadlineMs, isAwaited: true },
    }),
  );
  await recorded(context, recordedOpening(recordOf(peer, id, output.repository), output));
  const openedMs = context.effects.clock.monotonicMs();
  return { id, peer, opened: output, openedMs, salt: random.bytes(contentSaltBytes) };
}

type Answer = Output["answer"];

async function operate(parts: OutgoingReadParts, reading: Reading, input: Input): Promise<Output> {
  const { context, memories } = parts;
  const { peer, id, opened } = reading;
  const { operation, sha } = input;
  if (sha !== null && sha !== opened.sha) {
    throw new PeernetError("reading_gone", {
      message: `${opened.repository} has moved on from ${sha.slice(0, 7)}`,
      hint: "read again from the beginning",
    });
  }
  const answer = await called(parts, { peer, id, input }, () =>
    answerTo(parts, reading, operation),
  );
  // The row's schema gave each answer its operation.
  const result = { end: answer.op, value: answer } as Parameters<typeof detailsOf>[1]["result"];
  const details = detailsOf(context, { ...reading, operation, result });
  await recorded(context, { ...recordOf(peer, id, opened.repository), outcome: "ok", details });
  const { repository, ref, wall } = opened;
  const sinceMs = Math.floor(context.effects.clock.monotonicMs() - reading.openedMs);
  const age_ms = opened.age_ms + sinceMs;
  const shown = memories.shown(peer, instantOf(context.effects.clock));
  const uncommitted = shown.handles
    .filter(({ handle, project, dirty }) => {
      const isNamed = handle === `${peer.name}/${input.handle ?? ""}`;
      return (isNamed || project === repository) && (dirty ?? 0) > 0;
    })
    .map(({ handle, dirty }) => ({ handle, files: dirty ?? 1 }));
  return {
    ...{ machine: peer.name, repository, sha: opened.sha, ref, age_ms, wall },
    ...{ uncommitted, answer },
  };
}

async function answerTo(
  { links }: OutgoingReadParts,
  { id: reading_id, peer: { fingerprint } }: Reading,
  operation: Operation,
): Promise<Answer> {
  const options = { deadlineMs: operationDeadlineMs, isAwaited: true } as const;
  switch (operation.op) {
    case "file": {
      const input = () => ({ ...operation, reading_id });
      const { output } = await links.call(fingerprint, "read/file", { input, ...options });
      return { op: "file", ...output };
    }
    case "glob": {
      const input = () => ({ ...operation, reading_id });
      const { output } = await links.call(fingerprint, "read/glob", { input, ...options });
      return { op: "glob", ...output };
    }
    case "grep": {
      const input = () => ({ ...operation, reading_id });
      const { output } = await links.call(fingerprint, "read/grep", { input, ...options });
      return { op: "grep", ...output };
    }
    default:
      return operation satisfies never;
  }
}

/** Ends a reading at its peer, as far as it can be reached, and records the end. */
async function closeThere({ context, links }: OutgoingReadParts, reading: Reading): Promise<void> {
  const { id, peer, opened } = reading;
  const input = () => ({ reading_id: id });
  await links
    .call(peer.fingerprint, "read/close", { input, deadlineMs: openDeadlineMs, isAwaited: false })
    .catch(() => {});
  const { repository, sha } = opened;
  const details = { act: "close", repository, sha };
  await recorded(context, { ...recordOf(peer, id, repository), outcome: "closed", details });
}
