/** This machine's facts about itself for a peer. */

import type { About } from "../../contract/pairing.ts";
import type { Scope } from "../../contract/terms.ts";
import type { Context } from "../context/context.ts";

/** The port that peers may dial; null while nothing listens. */
export type BoundPort = () => number | null;

/**
 * The facts about this machine for a peer with these scopes. As its features are unknown, it learns
 * of `ask` at most.
 */
export const aboutOf = (
  context: Pick<Context, "config" | "identity">,
  port: BoundPort,
  scopes: readonly Scope[],
): About => ({
  name: context.config.machine.name,
  port: port(),
  token_key: context.identity.signing.publicKey,
  scopes: scopes.filter((scope) => scope === "ask"),
});
