/** The context that every part of the daemon receives, and the only way to change facts. */

import type { AuditRecord } from "../../contract/audit.ts";
import { PeernetError } from "../../contract/errors.ts";
import { hex } from "../../contract/text/encoding.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import type { Lease, Now, Run } from "../../core/sessions/lease.ts";
import type { Identity } from "../../peer/identity.ts";
import type { Config } from "../../platform/config.ts";
import type { Effects, Instant } from "../../platform/effects.ts";
import type { Decided, Store, Tables } from "../../store/database.ts";
import { createEvents, type Events } from "./events.ts";
import { Serial } from "./serial.ts";

/** A transaction in progress: the tables, and the trail to record it in. */
export interface Work {
  readonly tables: Tables;
  /** Appends one record, dated by the request's clock. */
  record(draft: Omit<AuditDraft, "at_ms">): AuditRecord;
  /** Schedules an effect for after the durable commit, and only then: events, sockets. */
  after(effect: () => void): void;
  /** Schedules the undoing of a change in memory, for a commit that fails. */
  undone(effect: () => void): void;
}

/** An expired lease, and the instant at which the expiry was noted. */
export interface Expired {
  readonly lease: Lease;
  readonly bootMs: number;
}

/** The shared state of a daemon. */
export interface Context {
  readonly effects: Effects;
  readonly config: Config;
  readonly identity: Identity;
  readonly version: string;
  readonly run: Run;
  /** Tokens of one peer are minted one after another. */
  readonly minting: Serial;
  /** The leases that expired in this run, by generation: a machine that slept takes them back. */
  readonly expired: Map<number, Expired>;
  /** For reading; changes go through `transact`. */
  readonly tables: Tables;
  /**
   * Decides and records in one durable transaction, then answers.
   * @throws {storage_full} {database_damaged}
   */
  transact<T>(now: Instant, decide: (work: Work) => Decided<T>): Promise<T>;
  /** The daemon's events, including commits. */
  readonly events: Events;
}

/** Dependencies of a context. */
export interface ContextParts
  extends Omit<Context, "minting" | "expired" | "tables" | "transact" | "events"> {
  readonly store: Store;
}

/** Assembles a daemon's context. */
export function createContext({ store, ...parts }: ContextParts): Context {
  const events = createEvents(parts.effects.log);
  const transact = <T>(now: Instant, decide: (work: Work) => Decided<T>): Promise<T> => {
    const undoing: (() => void)[] = [];
    const undone: Work["undone"] = (effect) => undoing.push(effect);
    const done = store.transact((tables) => {
      let recorded = false;
      const record: Work["record"] = (draft) => {
        recorded = true;
        return tables.audit.append({ ...draft, at_ms: Math.floor(now.wallMs) });
      };
      const effects: (() => void)[] = [];
      const after: Work["after"] = (effect) => effects.push(effect);
      const decided = decide({ tables, record, after, undone });
      const committed = (): void => {
        decided.after?.();
        for (const effect of effects) effect();
        events.tell({ of: "commit", recorded });
      };
      return { value: decided.value, after: committed };
    });
    done.catch(() => {
      for (const undo of undoing) undo();
    });
    return done;
  };
  const memory = { minting: new Serial(), expired: new Map<number, Expired>() };
  return { ...parts, ...memory, tables: store.tables, transact, events };
}

/** The instant in the form by which leases are judged. */
export const nowOf = (context: Pick<Context, "run">, instant: Instant): Now => ({
  bootMs: instant.bootMs,
  run: context.run,
});

/** A caller on the control socket, which is this machine's user. */
export interface LocalCaller {
  readonly now: Instant;
  /** True when the caller stated that a person is at a terminal or at the page. */
  readonly attended?: boolean;
}

/** Hexadecimal SHA-256 of an answer's bytes on the wire. */
export const digestOf = (context: Pick<Context, "effects">, answer: string | Uint8Array): string =>
  hex(
    context.effects.sha256(typeof answer === "string" ? new TextEncoder().encode(answer) : answer),
  );

/** The refusal for a name that no peer has. */
export const unknownPeer = (name: string): PeernetError =>
  new PeernetError("peer_unknown", { message: `no peer is called ${name}`, hint: "peernet peers" });
