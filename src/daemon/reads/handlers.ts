/** Handlers of the wire rows by which a peer reads. Maps results to answers; decides nothing. */

import { PeernetError } from "../../contract/errors.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { readFileBytesMax } from "../../contract/reads/limits.ts";
import type { Operation, OperationEnd } from "../../contract/reads/reads.ts";
import { grouped } from "../../contract/text/numeral.ts";
import type { Wire } from "../../contract/wire.ts";
import type { ReadCall } from "./held.ts";
import type { IncomingReads } from "./incoming.ts";

type Rows =
  | "read/repositories"
  | "read/open"
  | "read/file"
  | "read/glob"
  | "read/grep"
  | "read/close";

/** The handlers; `callOf` makes a peer's call of a caller of the network. */
export function readHandlers<C>(
  reads: IncomingReads,
  callOf: (caller: C) => ReadCall,
): Pick<Handlers<Wire, C>, Rows> {
  const operate = async <E extends "file" | "glob" | "grep">(
    operation: Extract<Operation, { readonly op: E }>,
    { reading_id, caller }: { readonly reading_id: string; readonly caller: C },
  ) => {
    const result = await reads.operate(reading_id, operation, callOf(caller));
    return answerOf(result, operation.op);
  };
  return {
    "read/repositories": ({ reading_id }, caller) => reads.list(reading_id, callOf(caller)),
    "read/open": (input, caller) => reads.open(input, callOf(caller)),
    "read/file": ({ reading_id, ...input }, caller) =>
      operate({ op: "file", ...input }, { reading_id, caller }),
    "read/glob": ({ reading_id, ...input }, caller) =>
      operate({ op: "glob", ...input }, { reading_id, caller }),
    "read/grep": ({ reading_id, ...input }, caller) =>
      operate({ op: "grep", ...input }, { reading_id, caller }),
    "read/close": ({ reading_id }, caller) => reads.close(reading_id, callOf(caller)),
  };
}

type Answered<E extends string> = Extract<
  OperationEnd,
  { readonly end: E; readonly value: unknown }
>;

/** The value of a result. @throws {path_unknown} {too_large} {bad_request} {internal} */
function answerOf<E extends "file" | "glob" | "grep">(
  result: OperationEnd,
  op: E,
): Answered<E>["value"] {
  switch (result.end) {
    case "absent":
      // One answer for a path that is denied and for one that does not exist.
      throw new PeernetError("path_unknown");
    case "too_large":
      throw new PeernetError("too_large", {
        message: `the file has over ${grouped(readFileBytesMax)} bytes`,
        details: { bytes: result.bytes },
      });
    case "bad_pattern":
      throw new PeernetError("bad_request", {
        message: "that is no regular expression",
        hint: "leave --regexp out to search for the text itself",
      });
    default:
      if (result.end !== op) throw new PeernetError("internal");
      // The check above gives the value the type of its operation.
      return result.value as Answered<E>["value"];
  }
}
