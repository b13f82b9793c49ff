/** Answers a machine that calls to meet. Nothing is minted or written for an unexpected one. */

import { accept, type Outcome, refuse, settle } from "../../contract/errors.ts";
import type { Handlers, InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import { scopesAt } from "../../core/grants.ts";
import { whyNotDialable } from "../../peer/dialable.ts";
import type { Context } from "../context/context.ts";
import type { RemoteCaller } from "../network/authenticate.ts";
import { recordedOrigin } from "../network/connection.ts";
import { aboutOf, type BoundPort } from "../peers/about.ts";
import { meetable, meetingToken, storeMet } from "./met.ts";

/** Dependencies of meeting. */
export interface MeetingParts {
  readonly context: Context;
  readonly port: BoundPort;
}

/** The handler of the wire row. */
export function meetHandlers(parts: MeetingParts): Pick<Handlers<Wire, RemoteCaller>, "meet"> {
  return {
    meet: async (input, caller) => {
      const outcome = await meet(parts, input, caller);
      if (!outcome.ok) caller.connection.closeSoon = true;
      return settle(outcome);
    },
  };
}

async function meet(
  { context, port }: MeetingParts,
  told: InputOf<Wire["meet"]>,
  { connection, now }: RemoteCaller,
): Promise<Outcome<OutputOf<Wire["meet"]>>> {
  const { fingerprint, certificate } = connection;
  if (fingerprint === null || certificate === null) return refuse("unauthenticated");
  if (meetable(context, context, { fingerprint, now }) === null) return refuse("unauthenticated");
  const reason = whyNotDialable(certificate, now.wallMs);
  if (reason !== null) return refuse("certificate_unusable", { details: { reason } });
  const minted = await meetingToken(context, fingerprint, now);
  if (minted === null) return refuse("unauthenticated");
  const origin = recordedOrigin(connection.origin);
  const { port: theirs } = told.about;
  const place = theirs === null ? null : { host: connection.origin.address, port: theirs };
  const met = { fingerprint, certificate, told, minted, isCalled: false, place, origin, now };
  const stored = await context.transact(now, (work) => ({ value: storeMet(context, work, met) }));
  if (!stored.ok) return stored;
  context.events.tell({ of: "memory" });
  const about = aboutOf(context, port, scopesAt(stored.value.grants, now));
  return accept({ about, token: minted.token });
}
