/** The readings of peers, answered by the policy. The daemon opens no file: the keeper does. */

import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { OpenOutput, Operation, OperationEnd } from "../../contract/reads/reads.ts";
import type { Wire } from "../../contract/wire.ts";
import { closeReading, holdReadings, type IncomingReadParts, type ReadCall } from "./held.ts";
import { listRepositories } from "./listing.ts";
import { limitsOf } from "./open.ts";
import { openReading } from "./opening.ts";
import { operateOn } from "./operating.ts";

/** The readings of peers. */
export interface IncomingReads {
  /** Lists the repositories that a peer may read. */
  list(id: string, call: ReadCall): Promise<OutputOf<Wire["read/repositories"]>>;
  open(input: InputOf<Wire["read/open"]>, call: ReadCall): Promise<OpenOutput>;
  operate(id: string, operation: Operation, call: ReadCall): Promise<OperationEnd>;
  close(id: string, call: ReadCall): Promise<Record<string, never>>;
  /** Ends the readings that the policy or the pairing no longer allows, at once. */
  review(): void;
}

/** Answers readings; none is open yet. */
export function incomingReads(parts: IncomingReadParts): IncomingReads {
  const { context, policy } = parts;
  const readings = holdReadings(parts);
  return {
    list: (id, call) => listRepositories(parts, id, call),
    open: (input, call) => openReading(parts, { readings, input, call }),
    operate: (id, operation, call) => operateOn(parts, { readings, id, operation, call }),
    close: (id, call) => closeReading(readings, id, call),
    review: () => {
      for (const { id, fingerprint, readable } of readings.all()) {
        const current = policy.of(fingerprint);
        const isPeer = context.tables.peers.get(fingerprint)?.refused === false;
        const { repository, refs } = readable;
        const limits = current === null ? null : limitsOf(current, repository, refs);
        if (!isPeer || limits === null) readings.drop(id);
      }
    },
  };
}
