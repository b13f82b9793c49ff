/** The refusal of a call, as a value. */

import { PeernetError } from "../../../src/contract/errors.ts";

/** The refusal of a call. @throws when it succeeds or fails otherwise */
export async function refusalOf(call: Promise<unknown>): Promise<PeernetError> {
  const reason: unknown = await call.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
  if (reason instanceof PeernetError) return reason;
  throw new Error(`not refused: ${reason}`);
}
