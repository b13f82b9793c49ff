/** Grants as tests need them: scopes without limits, and both sides of a pairing as shown. */

import type { BothGrants } from "../../src/contract/grants.ts";
import type { Scope } from "../../src/contract/terms.ts";
import { grantsOf, shownEntries, toldEntries } from "../../src/core/grants.ts";

const begin = { wallMs: 0, bootMs: 0 };

/** Grants of scopes without limits. */
export const holding = (...scopes: readonly Scope[]) => grantsOf(scopes, begin);

/** Both sides of a pairing, as they are shown. */
export const both = (theirs: readonly Scope[], ours: readonly Scope[]): BothGrants => ({
  theirs: [...theirs],
  ours: [...ours],
  their_entries: shownEntries(holding(...theirs), begin),
  our_entries: toldEntries(holding(...ours), begin),
  mine: false,
  hold: true,
  paused: false,
});
