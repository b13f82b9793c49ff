/** Facts that this machine tells a peer about itself. */

import type { About } from "../../contract/pairing.ts";
import type { Scope } from "../../contract/terms.ts";
import type { Context } from "../context/context.ts";

/** The port peers may dial; null while nothing is listened on. */
export type BoundPort = () => number | null;

/**
 * The facts that a peer is told of this machine. It holds these scopes here; as its features are
 * not known, it is told of `ask` at most.
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
