/**
 * Refuses calls of a paired machine that come too fast, each rate by a bucket of its own; and, past
 * the daily quota, calls whose answers leave a record.
 */

import { accept, type Outcome, refuseWith } from "../../contract/errors.ts";
import { type Rate, rates } from "../../contract/limits/rates.ts";
import type { WireOperation } from "../../contract/wire/rows.ts";
import { tooFast } from "../../contract/wire/too-fast.ts";
import { type Bucket, callPassesInMs, takeCall } from "../../core/admission.ts";
import type { Tables } from "../../store/database.ts";
import type { PeerCounts } from "../context/peer-counts.ts";
import type { RemoteCaller } from "./authenticate.ts";

/** Judges one call of a paired machine; any other call passes. Refuses with {rate_limited}. */
export type Pacing = (
  row: WireOperation,
  caller: Pick<RemoteCaller, "credential" | "now">,
) => Outcome<null>;

/** Makes the pacing of a listener. Refused calls are counted, not recorded one by one. */
export function pacing(tables: Pick<Tables, "peers">, counts: PeerCounts): Pacing {
  const buckets = new Map<string, Bucket>();
  const bucketInMs = (fingerprint: string, rate: Rate, nowMs: number): number => {
    const key = JSON.stringify([rate, fingerprint]);
    const bucket = takeCall(buckets.get(key), rates[rate], nowMs);
    buckets.set(key, bucket);
    return bucket.passes ? 0 : callPassesInMs(bucket, rates[rate]);
  };
  return (row, { credential, now }) => {
    if (!("rate" in row) || credential === null) return accept(null);
    const { fingerprint } = credential;
    const quotaInMs = row.recorded ? counts.answersInMs(fingerprint, now, row.rate) : 0;
    const inMs = Math.max(quotaInMs, bucketInMs(fingerprint, row.rate, now.monotonicMs));
    if (inMs === 0) return accept(null);
    const peer = { fingerprint, name: tables.peers.get(fingerprint)?.name ?? "" };
    counts.count({ peer, verb: "refused", outcome: "rate_limited" }, now);
    return refuseWith(tooFast(inMs));
  };
}
