/** Machines that are trusted by their fingerprints, and have not met this one. */

import { z } from "zod";
import { ShownEntry } from "../grants.ts";
import { peersMax } from "../limits.ts";
import { Duration, Fingerprint, Name, Scopes } from "../terms.ts";

/** A machine that is trusted and has not met this one. */
export const Expected = z.object({
  fingerprint: Fingerprint,
  name: Name.nullable(),
  address: z.string().nullable(),
  scopes: Scopes,
  /** The entries behind `scopes`, with their limits. */
  their_entries: z.array(ShownEntry),
  mine: z.boolean(),
  /** The running time until the expectation ends. */
  expires_in_ms: Duration,
});
export type Expected = z.infer<typeof Expected>;
export const ExpectedMachines = z.array(Expected).max(peersMax);
