/** Messages about machines that may be paired with: where they were found, and what they said. */

import { z } from "zod";
import { candidatesMax } from "./limits.ts";
import { Duration, Fingerprint, Name } from "./terms.ts";

/** Where a candidate was heard of. */
export const Source = z.enum(["tailnet", "lan", "configured"]);
export type Source = z.infer<typeof Source>;

/** Why a machine on the tailnet is not one to pair with, unless a window says `--any-user`. */
export const OriginRefusal = z.enum(["other_user", "tagged", "shared", "expired", "unknown"]);
export type OriginRefusal = z.infer<typeof OriginRefusal>;

/** A machine that answered a probe. */
export const Candidate = z.object({
  /** What it, or its network, calls it; shown, never trusted. */
  name: z.string(),
  source: Source,
  /** The best of its addresses: `host:port`. */
  address: z.string(),
  fingerprint: Fingerprint,
  window_open: z.boolean(),
  /** What it is called here, if it is paired. */
  paired: Name.nullable(),
  /** The tailnet user it belongs to. */
  login: z.string().nullable(),
  refusal: OriginRefusal.nullable(),
});
export type Candidate = z.infer<typeof Candidate>;

/** Whether a source was searched, and if not, why. */
export const Searched = z.object({
  source: Source,
  searched: z.boolean(),
  /** `off`, `stopped`, `missing`, `unanswered`, `blocked`, or `absent`: no network is there now. */
  why: z.string().nullable(),
});
export type Searched = z.infer<typeof Searched>;

export const DiscoverOutput = z.object({
  candidates: z.array(Candidate).max(candidatesMax),
  /** Addresses that were probed and did not answer. */
  unreachable: z.int().min(0),
  searched: z.array(Searched),
  took_ms: Duration,
});
export type DiscoverOutput = z.infer<typeof DiscoverOutput>;
