/** Shows a session the answer that a peer would get. */

import type { Control } from "../../contract/control.ts";
import { settle } from "../../contract/errors.ts";
import type { Handlers, InputOf } from "../../contract/operation/operation.ts";
import { answerPeer } from "../../core/ask.ts";
import { grantsOf } from "../../core/grants.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import { select } from "../../core/sessions/select.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, type LocalCaller, nowOf, unknownPeer } from "../context/context.ts";
import type { Ways } from "../context/ports.ts";
import { withWayFor } from "./ways.ts";

/** The handler of the row `preview`. */
export const previewHandlers = (
  context: Context,
  ways: Ways,
): Pick<Handlers<Control, LocalCaller>, "preview"> => ({
  preview: (input, { now }) => preview({ context, ways }, input, now),
});

/** The exact answer that a peer would get, or the refusal. */
async function preview(
  { context, ways }: { readonly context: Context; readonly ways: Ways },
  input: InputOf<Control["preview"]>,
  now: Instant,
) {
  const leases = context.tables.leases.all();
  const live = liveLeases(leases, nowOf(context, now));
  const meant = input.name === null ? (input.session ?? {}) : { name: input.name };
  const { name } = settle(select(live, meant));
  const peer = input.as === null ? null : context.tables.peers.named(input.as);
  if (input.as !== null && peer === null) throw unknownPeer(input.as);
  const grants = peer === null ? grantsOf(["ask"], now) : peer.grants;
  const asked = { grants, name, at: now, takesNull: true };
  const facts = settle(answerPeer(asked, leases, nowOf(context, now)));
  const answer = peer === null ? facts : withWayFor(ways, facts, { name, leases, peer, now });
  return { handle: `${context.config.machine.name}/${name}`, answer };
}
