/** Decides whom a model of this machine may write to. A person may write to every peer. */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { By } from "../../contract/messages/message.ts";

/** A peer that a message is for. */
export interface Outbound {
  readonly by: By;
  readonly peer: { readonly name: string; readonly isMine: boolean };
  /** The machines of the setting `messages.to`; `mine` stands for the person's own. */
  readonly to: readonly string[];
}

/** Lets a message out. Refuses with {outbound_refused}. */
export function letOut({ by, peer, to }: Outbound): Outcome<void> {
  const isNamed = to.includes(peer.name) || (peer.isMine && to.includes("mine"));
  if (by === "person" || isNamed) return accept(undefined);
  return refuse("outbound_refused", {
    message: `a model here may not write to ${peer.name}`,
    hint: "a person decides: messages.to in config.toml, or peernet send in a terminal",
  });
}
