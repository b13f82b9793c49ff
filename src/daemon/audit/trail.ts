/**
 * The audit trail in use: its signed checkpoints, its verification in steps between which asks
 * go on, and the witnesses that peers keep.
 */

import { genesis, type Head, type VerifyOutput } from "../../contract/audit.ts";
import { PeernetError } from "../../contract/errors.ts";
import { checkpointMs, verifyCheckpointsAtOnce, verifyRowsAtOnce } from "../../contract/limits.ts";
import { Checkpoint } from "../../contract/peer.ts";
import { checkpointBytes, checkpointDue, flaw } from "../../core/audit-chain.ts";
import { sign, verifySignature } from "../../peer/identity.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context } from "../context/context.ts";

/** The file of signed checkpoints, one JSON object a line. */
export const checkpointsName = "checkpoints";

/** The audit trail of this machine. */
export class Trail {
  readonly #context: Context;
  readonly #pause: () => Promise<void>;
  #latest: Checkpoint | null;
  #uncoveredSinceMs: number | null = null;
  #verified: Head = genesis;

  /** @param pause lets everything else run between two steps of a verification */
  constructor(context: Context, pause: () => Promise<void>) {
    this.#context = context;
    this.#pause = pause;
    const text = context.effects.files.read(checkpointsName);
    // Made before the first record: whenever it is missing later, someone took it away.
    if (text === null && context.tables.audit.head().seq === 0) {
      context.effects.files.write(checkpointsName, "");
    }
    // A line torn by a crash was never relied on, and would spoil the next one.
    if (text !== null && text !== whole(text))
      context.effects.files.write(checkpointsName, whole(text));
    // A long trail has many: only the last is told to peers, `audit verify` judges all.
    this.#latest = checkpointOf(lastLineOf(text ?? ""));
  }

  /** Writes the first record of a trail that has none: its random id. */
  async begin(now: Instant): Promise<void> {
    const { effects, tables } = this.#context;
    if (tables.audit.head().seq > 0) return;
    const subject_id = effects.random.uuid();
    await this.#context.transact(now, (work) => {
      work.record({ direction: "local", verb: "trail", outcome: "ok", subject_id });
      return { value: undefined };
    });
  }

  /** The latest checkpoint, for peers to keep. */
  get latest(): Checkpoint | null {
    return this.#latest;
  }

  /** The last record up to which the chain was verified in this run of the daemon. */
  get verifiedTo(): number {
    return this.#verified.seq;
  }

  /** Signs a checkpoint when one is due. */
  sweep(now: Instant): void {
    const records = this.#context.tables.audit.head().seq - (this.#latest?.seq ?? 0);
    if (records <= 0) {
      this.#uncoveredSinceMs = null;
      return;
    }
    this.#uncoveredSinceMs ??= now.monotonicMs;
    const oldestAgeMs = now.monotonicMs - this.#uncoveredSinceMs;
    if (checkpointDue({ records, oldestAgeMs })) this.sign(now);
  }

  /** In how many ms a checkpoint is due, unless many records come before. */
  dueInMs(now: Instant): number {
    const { POSITIVE_INFINITY: never } = Number;
    const sinceMs = this.#uncoveredSinceMs;
    return sinceMs === null ? never : sinceMs + checkpointMs - now.monotonicMs;
  }

  /** Signs the head now, unless it is signed already or the file of checkpoints was taken away. */
  sign(now: Instant): void {
    const { audit } = this.#context.tables;
    const { files, log } = this.#context.effects;
    // Of what stands in the database, only what this daemon wrote.
    const { seq, hash } = audit.ownHead();
    const trail_id = audit.trailId();
    if (seq === (this.#latest?.seq ?? 0) || trail_id === null) return;
    this.#uncoveredSinceMs = null;
    const unsigned = { trail_id, seq, hash, at_ms: Math.floor(now.wallMs) };
    const signature = sign(this.#context.identity, checkpointBytes(unsigned));
    const checkpoint = { ...unsigned, signature };
    try {
      // Made once and for all at the start: gone, it was taken away, and is not made again.
      if (!files.has(checkpointsName)) throw new PeernetError("state_unsafe");
      files.append(checkpointsName, `${JSON.stringify(checkpoint)}\n`);
      this.#latest = checkpoint;
    } catch (error) {
      // Taken away, or the disk is full: `audit verify` says the first, time mends the second.
      const code = error instanceof PeernetError ? error.code : "internal";
      log.error("checkpoint_not_written", { code });
    }
  }

  /** True of a checkpoint that this machine signed. */
  isOwn(checkpoint: Checkpoint): boolean {
    const { publicKey } = this.#context.identity.signing;
    return verifySignature(publicKey, checkpointBytes(checkpoint), checkpoint.signature);
  }

  /** Checks every record, every checkpoint and every witness. */
  async verify(): Promise<VerifyOutput> {
    this.#verified = genesis;
    const broken =
      (await this.#verifyChain()) ?? this.#headFlaw() ?? (await this.#checkpointFlaw());
    if (broken !== null) return { ok: false, ...broken };
    const witnessed = this.#witnesses();
    if (typeof witnessed !== "number") return { ok: false, ...witnessed };
    return {
      ok: true,
      records: this.#verified.seq,
      head: this.#verified.hash,
      checkpoint_seq: this.#latest?.seq ?? 0,
      witnesses: witnessed,
    };
  }

  /** Goes on from where the chain was verified; for a listing, which says how far that is. */
  async verifyFurther(): Promise<void> {
    await this.#verifyChain();
  }

  async #verifyChain(): Promise<Flaw | null> {
    const { tables, effects } = this.#context;
    // To the head as it is now: what is appended meanwhile is for the next call.
    const end = tables.audit.head().seq;
    while (this.#verified.seq < end) {
      const filter = { afterSeq: this.#verified.seq, all: true };
      const records = tables.audit.next(filter, verifyRowsAtOnce);
      if (records.length === 0) break;
      for (const record of records) {
        const reason = flaw(this.#verified, record, effects.sha256);
        if (reason !== null) return { first_bad_seq: this.#verified.seq + 1, reason };
        this.#verified = { seq: record.seq, hash: record.hash };
      }
      await this.#pause();
    }
    return null;
  }

  /** Compares the last record with the one that this daemon wrote. */
  #headFlaw(): Flaw | null {
    const { audit } = this.#context.tables;
    const own = audit.ownHead();
    if ((audit.at(own.seq)?.hash ?? genesis.hash) === own.hash) {
      if (audit.head().seq === own.seq) return null;
      return { first_bad_seq: own.seq + 1, reason: "this daemon did not write it" };
    }
    return { first_bad_seq: own.seq, reason: "this daemon wrote another record" };
  }

  async #checkpointFlaw(): Promise<Flaw | null> {
    // Another may be signed while these are judged: the file as it is now holds up to this one.
    const latest = this.#latest?.seq ?? 0;
    const text = this.#context.effects.files.read(checkpointsName);
    if (text === null) return { first_bad_seq: 0, reason: "the file of checkpoints is missing" };
    let last = 0;
    for (const [at, line] of linesOf(text).entries()) {
      if (at % verifyCheckpointsAtOnce === 0) await this.#pause();
      const checkpoint = checkpointOf(line);
      if (checkpoint === null) return { first_bad_seq: last, reason: "a checkpoint is damaged" };
      if (checkpoint.trail_id !== this.#context.tables.audit.trailId()) {
        return { first_bad_seq: checkpoint.seq, reason: "a checkpoint is of another trail" };
      }
      if (!this.isOwn(checkpoint)) {
        return { first_bad_seq: checkpoint.seq, reason: "a checkpoint's signature is wrong" };
      }
      const reason = this.#disagreement(checkpoint, "a checkpoint");
      if (reason !== null) return reason;
      last = checkpoint.seq;
    }
    if (last < latest) {
      return { first_bad_seq: last, reason: "the last checkpoints are missing" };
    }
    return null;
  }

  #witnesses(): number | Flaw {
    let count = 0;
    for (const { name, witness } of this.#context.tables.peers.all()) {
      if (witness === null || !this.isOwn(witness)) continue;
      const reason = this.#disagreement(witness, `the witness ${name}`);
      if (reason !== null) return reason;
      count += 1;
    }
    return count;
  }

  #disagreement(checkpoint: Checkpoint, whose: string): Flaw | null {
    const record = this.#context.tables.audit.at(checkpoint.seq);
    if (record === null) {
      const first_bad_seq = this.#context.tables.audit.head().seq + 1;
      return { first_bad_seq, reason: `${whose} knows ${checkpoint.seq} records` };
    }
    if (record.hash === checkpoint.hash) return null;
    return { first_bad_seq: checkpoint.seq, reason: `${whose} knows another record` };
  }
}

interface Flaw {
  readonly first_bad_seq: number;
  readonly reason: string;
}

/** The lines of a text that were written to their end. */
const whole = (text: string): string => text.slice(0, text.lastIndexOf("\n") + 1);

const linesOf = (text: string): readonly string[] => whole(text).split("\n").slice(0, -1);

/** The last of them, found without splitting the text; empty where there is none. */
function lastLineOf(text: string): string {
  const end = text.lastIndexOf("\n");
  return text.slice(text.lastIndexOf("\n", end - 1) + 1, Math.max(0, end));
}

/** The checkpoint of a line, or null when it is none. */
function checkpointOf(line: string): Checkpoint | null {
  try {
    return Checkpoint.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
