/**
 * The live audit trail: its signed checkpoints, its verification in steps that let asks through,
 * and the witnesses that peers keep.
 */

import { type AuditSegment, genesis, type Head, type VerifyOutput } from "../../contract/audit.ts";
import { PeernetError } from "../../contract/errors.ts";
import { checkpointMs, verifyCheckpointsAtOnce, verifyRowsAtOnce } from "../../contract/limits.ts";
import type { Checkpoint, FirstCheckpoint } from "../../contract/peer.ts";
import { type AnyRecord, checkpointBytes, checkpointDue, flaw } from "../../core/audit-chain.ts";
import { firstCheckpointBytes } from "../../core/audit-segment.ts";
import { sign, verifySignature } from "../../peer/identity.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context } from "../context/context.ts";
import {
  type ArchiveFlaw,
  archive,
  archivedEnd,
  closeFirst,
  closingFlaw,
  firstSegments,
  readArchives,
  trimArchived,
} from "./archive.ts";
import { checkpointOf, checkpointsName, lastLineOf, linesIn, wholeLines } from "./checkpoints.ts";
import { noteInterruption } from "./interruption.ts";

/** The audit trail of this machine. */
export class Trail {
  readonly #context: Context;
  readonly #pause: () => Promise<void>;
  #latest: Checkpoint | null;
  #uncoveredSinceMs: number | null = null;
  #verified: Head = genesis;
  /** Details of the records that closed segments. */
  readonly #closings = new Set<string>();
  /** Hashes of the archived records for which a peer keeps a checkpoint. */
  readonly #archivedHashes = new Map<number, string>();

  /** @param pause yields to other work between two steps of a verification */
  constructor(context: Context, pause: () => Promise<void>) {
    this.#context = context;
    this.#pause = pause;
    const text = context.effects.files.read(checkpointsName);
    // Made before the first record: if it is missing later, someone removed it.
    if (text === null && context.tables.audit.head().seq === 0) {
      context.effects.files.write(checkpointsName, "");
    }
    // Nothing relied on a line torn by a crash, and it would spoil the next one.
    if (text !== null && text !== wholeLines(text))
      context.effects.files.write(checkpointsName, wholeLines(text));
    // A long trail has many: peers receive only the last, and `audit verify` judges all.
    this.#latest = checkpointOf(lastLineOf(wholeLines(text ?? "")));
    this.#verified = archivedEnd(context);
  }

  /**
   * Writes the first record of a new trail, its random id, and closes the records of the first form
   * as segments; on an older one notes that the former daemon ended abruptly.
   */
  async begin(now: Instant, { isAfterAbruptEnd = false } = {}): Promise<void> {
    const { effects, tables } = this.#context;
    // Each is queued at once: nothing else may be the first record.
    if (tables.audit.head().seq === 0) {
      const subject_id = effects.random.uuid();
      const segments = firstSegments(this.#context);
      await this.#context.transact(now, (work) => {
        work.record({ direction: "local", verb: "trail", outcome: "ok", subject_id });
        closeFirst(work, segments);
        return { value: undefined };
      });
    } else if (isAfterAbruptEnd) await noteInterruption(this.#context, now);
    // Also completes the work of a daemon that ended right after its commit.
    trimArchived(this.#context);
  }

  /** Moves the signed records before an instant to files. @throws {storage_full} */
  async archive(beforeMs: number, now: Instant): Promise<readonly AuditSegment[]> {
    const segments = await archive(this.#context, beforeMs, now);
    // Files are verified as a unit or not at all; a listing continues after them.
    if (this.#verified.seq < archivedEnd(this.#context).seq) {
      this.#verified = archivedEnd(this.#context);
    }
    return segments;
  }

  /** The checkpoint for a peer with these features; null for a peer that knows no trails. */
  toTell = (theirs: readonly string[]): Checkpoint | null =>
    theirs.includes("trail") ? this.#latest : null;

  /** The latest checkpoint. */
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

  /** Milliseconds until a checkpoint is due, unless many records come before. */
  dueInMs(now: Instant): number {
    const { POSITIVE_INFINITY: never } = Number;
    const sinceMs = this.#uncoveredSinceMs;
    return sinceMs === null ? never : sinceMs + checkpointMs - now.monotonicMs;
  }

  /** Signs the head now, unless it is already signed or the file of checkpoints was removed. */
  sign(now: Instant): void {
    const { audit } = this.#context.tables;
    const { files, log } = this.#context.effects;
    // Signs only records that this daemon wrote, whatever the database holds.
    const { seq, hash } = audit.ownHead();
    const trail_id = audit.trailId();
    if (seq === (this.#latest?.seq ?? 0) || trail_id === null) return;
    this.#uncoveredSinceMs = null;
    const unsigned = { trail_id, seq, hash, at_ms: Math.floor(now.wallMs) };
    const signature = sign(this.#context.identity, checkpointBytes(unsigned));
    const checkpoint = { ...unsigned, signature };
    try {
      // Made once at the start: if it is gone, someone removed it, and it is not made again.
      if (!files.has(checkpointsName)) throw new PeernetError("state_unsafe");
      files.append(checkpointsName, `${JSON.stringify(checkpoint)}\n`);
      this.#latest = checkpoint;
    } catch (error) {
      // Removed, or the disk is full: `audit verify` reports the first, time mends the second.
      const code = error instanceof PeernetError ? error.code : "internal";
      log.error("checkpoint_not_written", { code });
    }
  }

  /** True for a checkpoint that this machine signed, of either form. */
  isOwn(checkpoint: Checkpoint | FirstCheckpoint): boolean {
    const { publicKey } = this.#context.identity.signing;
    const bytes =
      "trail_id" in checkpoint ? checkpointBytes(checkpoint) : firstCheckpointBytes(checkpoint);
    return verifySignature(publicKey, bytes, checkpoint.signature);
  }

  /** Checks every record, every checkpoint and every witness. */
  async verify(): Promise<VerifyOutput> {
    this.#verified = archivedEnd(this.#context);
    this.#closings.clear();
    const archived = await this.#readArchives();
    if (typeof archived !== "number") return { ok: false, ...archived };
    const broken =
      (await this.#verifyChain()) ??
      this.#headFlaw() ??
      closingFlaw(this.#context, this.#closings) ??
      (await this.#checkpointFlaw());
    if (broken !== null) return { ok: false, ...broken };
    const { seq: records, hash: head } = this.#verified;
    return this.covered({ ok: true, records, head, checkpoint_seq: 0, archived, witnesses: 0 });
  }

  /** A verified trail, with its present signed end and the number of peers that agree with it. */
  covered(verified: VerifyOutput & { readonly ok: true }): VerifyOutput {
    const witnesses = this.#witnesses();
    if (typeof witnesses !== "number") return { ok: false, ...witnesses };
    return { ...verified, checkpoint_seq: this.#latest?.seq ?? 0, witnesses };
  }

  /** Verifies the chain further, for a listing that shows how far it is verified. */
  async verifyFurther(): Promise<void> {
    await this.#verifyChain();
  }

  async #verifyChain(): Promise<ArchiveFlaw | null> {
    const { tables, effects } = this.#context;
    // Up to the present head: records appended meanwhile are for the next call.
    const end = tables.audit.head().seq;
    while (this.#verified.seq < end) {
      const filter = { afterSeq: this.#verified.seq, all: true };
      const records = tables.audit.next(filter, verifyRowsAtOnce);
      if (records.length === 0) break;
      for (const record of records) {
        const reason = flaw(this.#verified, record, effects.sha256);
        if (reason !== null) return { first_bad_seq: this.#verified.seq + 1, reason };
        this.#verified = { seq: record.seq, hash: record.hash };
        this.#note(record);
      }
      await this.#pause();
    }
    return null;
  }

  #readArchives(): Promise<ArchiveFlaw | number> {
    const witnessed = new Set(this.#context.tables.peers.all().map(({ witness }) => witness?.seq));
    this.#archivedHashes.clear();
    return readArchives({
      context: this.#context,
      pause: this.#pause,
      see: ({ form }, record) => {
        if (form === 1) return;
        const seq = Number(record.seq);
        if (witnessed.has(seq)) this.#archivedHashes.set(seq, String(record.hash));
        this.#note(record);
      },
      judge: (checkpoint) => (this.isOwn(checkpoint) ? null : "a checkpoint's signature is wrong"),
    });
  }

  /** Collects the closed segments that a record names. */
  #note({ verb, details }: AnyRecord): void {
    if (verb === "archive") this.#closings.add(String(details));
  }

  /** Compares the last record with the one that this daemon wrote. */
  #headFlaw(): ArchiveFlaw | null {
    const { audit } = this.#context.tables;
    const own = audit.ownHead();
    if ((audit.at(own.seq)?.hash ?? genesis.hash) === own.hash) {
      if (audit.head().seq === own.seq) return null;
      return { first_bad_seq: own.seq + 1, reason: "this daemon did not write it" };
    }
    return { first_bad_seq: own.seq, reason: "this daemon wrote another record" };
  }

  async #checkpointFlaw(): Promise<ArchiveFlaw | null> {
    // Another may be signed meanwhile: the present file holds all up to this one.
    const latest = this.#latest?.seq ?? 0;
    const text = this.#context.effects.files.read(checkpointsName);
    if (text === null) return { first_bad_seq: 0, reason: "the file of checkpoints is missing" };
    let last = 0;
    for (const [at, line] of linesIn(text).entries()) {
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

  #witnesses(): number | ArchiveFlaw {
    let count = 0;
    const { peers } = this.#context.tables;
    for (const { fingerprint, name, witness } of peers.all()) {
      for (const [nth, kept] of peers.disagreements(fingerprint)) {
        const reason = nth === "implausible" ? null : this.#contradiction(kept, name);
        if (reason !== null) return reason;
      }
      if (witness === null || !this.isOwn(witness)) continue;
      // This machine signed it for a trail that this one does not follow: it was restored from
      // elsewhere.
      if (witness.trail_id !== this.#context.tables.audit.trailId()) {
        return { first_bad_seq: 1, reason: `the witness ${name} knows another trail` };
      }
      const reason = this.#disagreement(witness, `the witness ${name}`);
      if (reason !== null) return reason;
      count += 1;
    }
    return count;
  }

  #contradiction(witness: Checkpoint, name: string): ArchiveFlaw | null {
    if (witness.trail_id === this.#context.tables.audit.trailId()) {
      return this.#disagreement(witness, `the witness ${name}`);
    }
    return { first_bad_seq: 1, reason: `the witness ${name} knows another trail of this machine` };
  }

  #disagreement(checkpoint: Checkpoint, whose: string): ArchiveFlaw | null {
    const { seq } = checkpoint;
    const end = archivedEnd(this.#context);
    const archived = seq === end.seq ? end.hash : this.#archivedHashes.get(seq);
    const hash = this.#context.tables.audit.at(seq)?.hash ?? archived ?? null;
    // An archived checkpoint that no peer keeps was judged with its file.
    if (hash === null && seq < end.seq) return null;
    if (hash === null) {
      const first_bad_seq = this.#context.tables.audit.head().seq + 1;
      return { first_bad_seq, reason: `${whose} knows ${checkpoint.seq} records` };
    }
    if (hash === checkpoint.hash) return null;
    return { first_bad_seq: checkpoint.seq, reason: `${whose} knows another record` };
  }
}
