/** Messages of trust by fingerprint: a person names a machine's key, and the machines then meet. */

import { z } from "zod";
import { GivenEntry } from "../grants.ts";
import { grantEntriesMax } from "../limits/grants.ts";
import { tokenBytesMax } from "../limits.ts";
import { About } from "../pairing.ts";
import { Address, Fingerprint, Name, Token } from "../terms.ts";
import { trustAtOnceMax } from "./limits.ts";

/** A machine that a person trusts by its fingerprint. */
export const TrustedMachine = z.object({
  fingerprint: Fingerprint,
  /** This machine's name for it; null takes its own proposal. */
  name: Name.nullable().default(null),
  /** Its address; null looks for it by its fingerprint. */
  to: Address.nullable().default(null),
  /** Its rights here. */
  entries: z.array(GivenEntry).max(grantEntriesMax),
  /** Marks it as the person's own machine: it gets every scope of this build. */
  mine: z.boolean().default(false),
});
export type TrustedMachine = z.output<typeof TrustedMachine>;

export const TrustInput = z.object({
  machines: z.array(TrustedMachine).min(1).max(trustAtOnceMax),
});

export const TrustOutput = z.object({
  machines: z.array(
    z.object({
      fingerprint: Fingerprint,
      name: Name.nullable(),
      /** `paired`: it was a peer already; its rights are those named now. */
      state: z.enum(["expected", "paired"]),
    }),
  ),
});

export const UntrustInput = z.object({ fingerprint: Fingerprint });
export const UntrustOutput = z.object({ fingerprint: Fingerprint, name: Name.nullable() });

/** Both sides of a meeting: a self-description, and the token minted for the other machine. */
export const Meeting = z.object({ about: About, token: Token.max(tokenBytesMax) });
