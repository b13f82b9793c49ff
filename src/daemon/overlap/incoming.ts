/**
 * Answers a peer that compares changed files: only in repositories that both machines have and that
 * its grant names. A repository that the peer learns of is on record before it is told.
 */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import { permits } from "../../core/grants.ts";
import {
  compared,
  type Learned,
  learning,
  noneLearned,
  repositoryName,
  toldSessions,
} from "../../core/overlap/answer.ts";
import { overlapLabel } from "../../core/overlap/digests.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context, Work } from "../context/context.ts";
import type { LocalChanges } from "./local.ts";

/** A question of a peer, inside the transaction that decides it. */
export interface Asked {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly input: InputOf<Wire["overlap"]>;
  readonly now: Instant;
  /** The exporter of the connection that carries it. */
  readonly exporter: (label: string) => Uint8Array;
  /** The connection's origin, in the form of a record. */
  readonly origin: Partial<Parameters<Work["record"]>[0]>;
}

/** Answers questions about changed files. */
export type AnswerOverlap = (asked: Asked) => Outcome<OutputOf<Wire["overlap"]>>;

/** Makes the function that answers. */
export function answeringOverlap(context: Context, local: LocalChanges): AnswerOverlap {
  const known = new Map<string, Learned>();
  return ({ peer, work, input, now, exporter, origin }) => {
    const { grants, fingerprint } = peer;
    if (!permits(grants, { scope: "overlap", name: null }, now).permitted) {
      return refuse("scope_denied");
    }
    const { sha256 } = context.effects;
    const { repositories } = input;
    const comparing = { sha256, key: exporter(overlapLabel), repositories, grants, at: now };
    const all = compared(local.live(now), comparing);
    const identities = all.map(({ files }) => files.identity);
    const { fresh, after } = learning(
      known.get(fingerprint) ?? noneLearned,
      identities,
      now.bootMs,
    );
    for (const identity of fresh) {
      const session = all.find(({ files }) => files.identity === identity);
      const repository = session === undefined ? "" : repositoryName(session.lease);
      const details = { repository };
      work.record({ direction: "in", verb: "overlap", outcome: "ok", details, ...origin });
    }
    work.after(() => known.set(fingerprint, after));
    const told = all.filter(({ files }) => after.all.has(files.identity));
    return accept(toldSessions(told, comparing));
  };
}
