/** Grants as people give them, and as they are shown: entries, each a scope with its limits. */

import { z } from "zod";
import { grantEntriesMax, grantForMsMax, grantForMsMin, grantNamesMax } from "./limits/grants.ts";
import { wordsMax } from "./limits.ts";
import { described, entrySchemas } from "./operation/described.ts";
import { Duration, Instant, Name, Scope, Scopes } from "./terms.ts";
import { factGroups } from "./text/fact-groups.ts";

/** A group of facts that an entry lets out or hides. */
export const FactGroup = z.enum(factGroups);

/** Handles here that an entry is limited to; null is every handle. */
export const GrantedNames = z.array(Name).min(1).max(grantNamesMax).nullable();

/** One scope and the handles it is limited to, as a person gives it. */
export const GivenEntry = z.object({ scope: Scope, names: GrantedNames });
export type GivenEntry = z.infer<typeof GivenEntry>;

/** Entries to add; an entry of the same scope is replaced. `hide` and `for_ms` limit each. */
export const GrantInput = z.object({
  name: Name,
  entries: z.array(GivenEntry).max(grantEntriesMax),
  hide: z.array(FactGroup).max(factGroups.length).default([]),
  for_ms: z.int().min(grantForMsMin).max(grantForMsMax).nullable().default(null),
  /** Makes the peer a machine of one's own: it gets each scope that is built. */
  mine: z.boolean().default(false),
  /** False lets its messages in without a person's approval. */
  hold: z.boolean().optional(),
});
export type GrantInput = z.infer<typeof GrantInput>;

/** Scopes to take away; null takes all. */
export const RevokeInput = z.object({ name: Name, scopes: z.array(Scope).min(1).nullable() });

/** An entry as it is shown here. */
export const ShownEntry = z.object({
  scope: Scope,
  names: GrantedNames,
  show: z.array(FactGroup),
  expires_at_ms: Instant.nullable(),
  expires_in_ms: Duration.nullable(),
});
export type ShownEntry = z.infer<typeof ShownEntry>;

/** An entry as a peer is told of it: it never learns which facts are hidden. */
export const ToldEntry = z.object({
  scope: Scope,
  names: GrantedNames,
  expires_in_ms: Duration.nullable(),
});
export type ToldEntry = z.infer<typeof ToldEntry>;

/** Entries as another machine tells them; those that this version does not know are passed over. */
export const ToldEntries = z
  .array(z.unknown())
  .max(wordsMax)
  .transform((entries) =>
    entries.flatMap((entry) => {
      const known = ToldEntry.safeParse(entry);
      return known.success ? [known.data] : [];
    }),
  )
  .register(described, {
    words: `list of at most ${wordsMax}; an entry of another form is passed over`,
  });

entrySchemas.set(ToldEntries, ToldEntry);

/** The two sides of a pairing: what the peer may do here, and this machine there. */
export const BothGrants = z.object({
  theirs: Scopes,
  ours: Scopes,
  /** The entries behind `theirs`, with their limits. */
  their_entries: z.array(ShownEntry),
  /** The entries behind `ours`, as last told; empty from a machine that tells none. */
  our_entries: z.array(ToldEntry),
  mine: z.boolean(),
  hold: z.boolean(),
  paused: z.boolean(),
});
export type BothGrants = z.infer<typeof BothGrants>;
