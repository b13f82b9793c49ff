/** Messages about machines that may be paired with: where they were found, and their own claims. */

import { z } from "zod";
import { candidatesMax } from "./limits.ts";
import { Duration, Fingerprint, Name } from "./terms.ts";

/** The source of a candidate. */
export const Source = z.enum(["tailnet", "lan", "configured"]);
export type Source = z.infer<typeof Source>;

/** The reason not to pair with a machine on the tailnet, unless a window has `--any-user`. */
export const OriginRefusal = z.enum(["other_user", "tagged", "shared", "expired", "unknown"]);
export type OriginRefusal = z.infer<typeof OriginRefusal>;

/** A machine that answered a probe. */
export const Candidate = z.object({
  /** The name that it, or its network, uses; shown, never trusted. */
  name: z.string(),
  source: Source,
  /** The best of its addresses: `host:port`. */
  address: z.string(),
  fingerprint: Fingerprint,
  window_open: z.boolean(),
  /** This machine's name for it, if it is paired. */
  paired: Name.nullable(),
  /** The tailnet user who owns it. */
  login: z.string().nullable(),
  refusal: OriginRefusal.nullable(),
});
export type Candidate = z.infer<typeof Candidate>;

/** A source, and the reason why it was not searched, if any. */
export const Searched = z.object({
  source: Source,
  searched: z.boolean(),
  /** `off`, `stopped`, `missing`, `unanswered`, `blocked`, or `absent`: no such network now. */
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
