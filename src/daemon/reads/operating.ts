/**
 * Carries out one operation of a peer's reading. Policy, pairing and denied paths are judged before
 * it, and once more in the transaction that records it.
 */

import { accept, type Outcome, PeernetError, refuse, refuseWith } from "../../contract/errors.ts";
import type { Operation, OperationEnd } from "../../contract/reads/reads.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "../context/context.ts";
import type { HeldReadings, IncomingReadParts, ReadCall, Reading } from "./held.ts";
import { limitsOf, unready } from "./open.ts";
import { detailsOf, handleOf } from "./recorded.ts";

/** One operation. */
export interface Operating {
  readonly readings: HeldReadings;
  readonly id: string;
  readonly operation: Operation;
  readonly call: ReadCall;
}

/** Carries out an operation. @throws the refusal, after it was recorded or counted */
export async function operateOn(
  parts: IncomingReadParts,
  operating: Operating,
): Promise<OperationEnd> {
  const { id, operation, call } = operating;
  const { reading, deny } = await call.asPeer((peer, work) => {
    const outcome = allowed(parts, operating, peer);
    if (!outcome.ok) return refused(parts, operating, { peer, work, error: outcome.error });
    if (outcome.value.reading.isBusy) return refuse("rate_limited");
    outcome.value.reading.isBusy = true;
    return outcome;
  });
  try {
    const input = { reading_id: id, operation, deny: [...deny] };
    const ended = await parts.errands.run({ kind: "read", input });
    return await call.asPeer((peer, work) => {
      const refuseHere = (error: PeernetError): Outcome<never> =>
        refused(parts, operating, { peer, work, error });
      const again = allowed(parts, operating, peer);
      if (!again.ok) return refuseHere(again.error);
      // What was denied meanwhile is not told, though it was read.
      const isSame = JSON.stringify(again.value.deny) === JSON.stringify(deny);
      if (!isSame) return refuseHere(new PeernetError("reading_gone"));
      if (!ended.done) return refuseHere(unready(ended.why));
      const { result } = ended.output;
      if (result === null) {
        operating.readings.end(id);
        return refuseHere(new PeernetError("reading_gone"));
      }
      noteDone(parts, operating, { peer, work, reading, result });
      return accept(result);
    });
  } finally {
    reading.isBusy = false;
  }
}

interface Allowed {
  readonly reading: Reading;
  readonly deny: readonly string[];
}

/** The reading, and the paths that are denied in it, by the policy as it is now. */
function allowed(
  { policy }: IncomingReadParts,
  { readings, id }: Operating,
  { fingerprint, grants }: PeerRow,
): Outcome<Allowed> {
  const reading = readings.get(id);
  if (reading?.fingerprint !== fingerprint) return refuse("reading_gone");
  const current = policy.of(fingerprint);
  const { repository, path, refs } = reading.readable;
  const isSame = current?.document.repositories[repository]?.path === path;
  const limits = current === null || !isSame ? null : limitsOf(current, repository, refs);
  if (limits !== null && !grants.paused) return accept({ reading, deny: limits.denyPaths });
  readings.end(id);
  return refuse("scope_denied");
}

interface Refusing {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly error: PeernetError;
}

function refused(
  { counts }: IncomingReadParts,
  { id, call }: Operating,
  { peer, work, error }: Refusing,
): Outcome<never> {
  const draft = { direction: "in", verb: "read", subject_id: id } as const;
  counts.refused(work, { ...draft, ...call.originOf(peer), peer, outcome: error.code }, call.now);
  return refuseWith(error);
}

interface Done {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly reading: Reading;
  readonly result: OperationEnd;
}

function noteDone(
  { context, counts }: IncomingReadParts,
  { readings, operation, call }: Operating,
  { peer, work, reading, result }: Done,
): void {
  work.record({
    ...{ direction: "in", verb: "read", subject_id: reading.id },
    ...call.originOf(peer),
    handle: handleOf(context, reading.readable.repository),
    outcome: outcomeOf(result),
    details: detailsOf(context, { ...reading, operation, result }),
  });
  work.after(() => {
    readings.used(reading);
    counts.answered(peer.fingerprint, call.now, "pieces");
  });
}

/** The outcome as the owner's record has it: a denied path is told apart there alone. */
function outcomeOf(result: OperationEnd): string {
  switch (result.end) {
    case "absent":
      return result.denied ? "policy_refused" : "path_unknown";
    case "too_large":
      return "too_large";
    case "bad_pattern":
      return "bad_request";
    default:
      return "ok";
  }
}
