/** Grants as people give them and see them: entries, each a scope with its limits. */

import { z } from "zod";
import { grantEntriesMax, grantForMsMax, grantForMsMin, grantNamesMax } from "./limits/grants.ts";
import { wordCharactersMax, wordsMax } from "./limits.ts";
import { described, entrySchemas } from "./operation/described.ts";
import { Duration, Instant, Name, Scope, Scopes, ToldScope } from "./terms.ts";
import { factGroups } from "./text/fact-groups.ts";

/** A group of facts that an entry reveals or hides. */
export const FactGroup = z.enum(factGroups);

/** Groups of facts that another machine says it hides; unknown ones are ignored. */
export const HiddenGroups = z
  .array(z.string().max(wordCharactersMax))
  .max(wordsMax)
  .transform((words) => factGroups.filter((group) => words.includes(group)))
  .register(described, {
    words: `list of at most ${wordsMax} texts; known: \`${factGroups.join("`, `")}\``,
  });

/** A handle's name, or a topic as `@deploys`. */
const EntryName = z.string().regex(/^@?[a-z0-9][a-z0-9-]{0,30}$/, {
  error: "a name is 1 to 31 of a-z, 0-9 and -; a topic is @ and such a name",
});

/** The local handles and topics that an entry is limited to; null means every handle. */
export const GrantedNames = z.array(EntryName).min(1).max(grantNamesMax).nullable();

/** A scope and its handles, as a person gives them; `message` alone names topics. */
export const GivenEntry = z
  .object({ scope: Scope, names: GrantedNames })
  .refine(
    ({ scope, names }) => scope === "message" || !names?.some((name) => name.startsWith("@")),
    { error: "message alone names topics" },
  );
export type GivenEntry = z.infer<typeof GivenEntry>;

/** Entries to add; each replaces an entry of the same scope. `hide` and `for_ms` limit each. */
export const GrantInput = z.object({
  name: Name,
  entries: z.array(GivenEntry).max(grantEntriesMax),
  hide: z.array(FactGroup).max(factGroups.length).default([]),
  for_ms: z.int().min(grantForMsMin).max(grantForMsMax).nullable().default(null),
  /** Marks the peer as the person's own machine: it gets every scope of this build. */
  mine: z.boolean().default(false),
  /** False admits its messages without a person's approval. */
  hold: z.boolean().optional(),
});
export type GrantInput = z.infer<typeof GrantInput>;

/** Scopes to revoke; null revokes all. */
export const RevokeInput = z.object({ name: Name, scopes: z.array(Scope).min(1).nullable() });

/** An entry as people see it here. */
export const ShownEntry = z.object({
  scope: Scope,
  names: GrantedNames,
  show: z.array(FactGroup),
  expires_at_ms: Instant.nullable(),
  expires_in_ms: Duration.nullable(),
});
export type ShownEntry = z.infer<typeof ShownEntry>;

/** An entry as a peer sees it. The facts that it hides are told beside the facts that it shows. */
export const ToldEntry = z.object({
  scope: Scope,
  names: GrantedNames,
  expires_in_ms: Duration.nullable(),
});
export type ToldEntry = z.infer<typeof ToldEntry>;

/** Entries that another machine sent; unknown ones are ignored. */
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

/** The two sides of a pairing: the peer's rights here, and this machine's rights there. */
export const BothGrants = z.object({
  theirs: Scopes,
  ours: z.array(ToldScope).max(ToldScope.options.length),
  /** The entries behind `theirs`, with their limits. */
  their_entries: z.array(ShownEntry),
  /** The entries behind `ours`, as last received; empty from a machine that sends none. */
  our_entries: z.array(ToldEntry),
  mine: z.boolean(),
  hold: z.boolean(),
  paused: z.boolean(),
  /** True when the peer said that it paused this machine's rights there; absent otherwise. */
  our_paused: z.boolean().optional(),
});
export type BothGrants = z.infer<typeof BothGrants>;
