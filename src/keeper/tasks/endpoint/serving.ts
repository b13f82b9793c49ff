/** The state of an endpoint and of one request, and the answer to a refused one. */

import type { Timers } from "../../../platform/effects.ts";
import { lingerMs, listedMax } from "./limits.ts";
import type { Meter } from "./meter.ts";
import type { Peer } from "./peer.ts";
import type { EndpointPlan, ModelPlan } from "./plan.ts";
import type { Head } from "./request.ts";
import type { Tunnels } from "./tunnel.ts";

/** The state of one endpoint. */
export interface Serving {
  readonly plan: EndpointPlan;
  readonly timers: Timers;
  readonly meter: Meter;
  readonly tunnels: Tunnels;
  requests: number;
  readonly reached: Set<string>;
  readonly refused: Set<string>;
}

/** One request that its target admits. */
export interface Passing {
  readonly serving: Serving;
  readonly peer: Peer;
  readonly head: Head;
  readonly model: ModelPlan;
  readonly isMetered: boolean;
}

/** Answers with a refusal, and lists it. */
export async function refuse(
  { refused, timers }: Pick<Serving, "refused" | "timers">,
  peer: Peer,
  { status, why }: { readonly status: number; readonly why: string },
): Promise<void> {
  if (refused.size < listedMax) refused.add(why.slice(0, 300));
  const error = { type: "peernet_refused", message: `peernet refused: ${why}` };
  const body = JSON.stringify({ type: "error", error });
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    // The clients' libraries know this one, and try no second time.
    "x-should-retry: false",
    "connection: close",
  ];
  if (!(await peer.write(`${lines.join("\r\n")}\r\n\r\n${body}`))) return;
  // A close beside unread bytes of the request could take the answer away with it.
  const read = Promise.withResolvers<void>();
  peer.gone.addEventListener("abort", () => read.resolve(), { once: true });
  const cancel = timers.after(lingerMs, read.resolve);
  await read.promise;
  cancel();
}
