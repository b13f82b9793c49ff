/**
 * The model endpoint of one task: a unix socket, the only way out of a sandbox without a network.
 * It passes named requests to one origin under our own credential, and meters them. It is no proxy:
 * the origin, the target and the credential never come from inside.
 */

import { chmodSync } from "node:fs";
import type { Timers } from "../../../platform/effects.ts";
import { type Judged, judgeBody } from "./body.ts";
import { connectionsMax, requestMs } from "./limits.ts";
import { newMeter } from "./meter.ts";
import { type Held, hold, type Kept, type Peer } from "./peer.ts";
import type { EndpointPlan } from "./plan.ts";
import { relay } from "./relay.ts";
import { isRefusal, readHead } from "./request.ts";
import { type Passing, refuse, type Serving } from "./serving.ts";
import { tunnels } from "./tunnel.ts";

/** Facts of an endpoint about its task. */
export interface EndpointUse {
  /** Dollars by the meter. */
  readonly usd: number;
  /** Requests that went to the model. */
  readonly requests: number;
  readonly reached: readonly string[];
  readonly refused: readonly string[];
}

/** An endpoint that serves. */
export interface Endpoint {
  used(): EndpointUse;
  /** Resolves once the remainder pays for no further reply. */
  readonly isOverBudget: Promise<void>;
  /** Ends every connection; replies under way count at their most. */
  close(): void;
}

/** Serves at a path, which must be free. */
export function serveEndpoint(plan: EndpointPlan, path: string, timers: Timers): Endpoint {
  const reached = new Set<string>();
  const serving: Serving = {
    ...{ plan, timers, meter: newMeter(plan.usd), tunnels: tunnels(plan, timers) },
    ...{ requests: 0, reached, refused: new Set() },
  };
  const kept: Kept = { bytes: 0 };
  const open = new Set<Held>();
  const listener = Bun.listen<{ held: Held } | undefined>({
    unix: path,
    socket: {
      open: (socket) => {
        if (open.size >= connectionsMax) return void socket.end();
        const held = hold(socket, kept);
        socket.data = { held };
        open.add(held);
        answer(serving, held)
          .catch(() => undefined)
          .then(() => {
            held.end();
            open.delete(held);
          });
      },
      data: ({ data }, bytes) => data?.held.take(bytes),
      drain: ({ data }) => data?.held.drained(),
      close: ({ data }) => data?.held.closed(),
      error: ({ data }) => data?.held.closed(),
    },
  });
  chmodSync(path, 0o600);
  return {
    used: () => ({
      ...{ usd: serving.meter.usd(), requests: serving.requests },
      ...{ reached: [...serving.reached], refused: [...serving.refused] },
    }),
    isOverBudget: serving.meter.isOver,
    close: () => {
      listener.stop(true);
      for (const held of open) held.closed();
    },
  };
}

/** Answers the one request of a connection. */
async function answer(serving: Serving, peer: Peer): Promise<void> {
  const { timers, plan } = serving;
  const cancel = timers.after(requestMs, peer.end);
  const bytes = await peer.head();
  if (bytes === null) return cancel();
  const head = readHead(bytes);
  if (isRefusal(head)) {
    cancel();
    return refuse(serving, peer, { status: head.status, why: head.why });
  }
  const { method, target } = head;
  if (method === "CONNECT") {
    cancel();
    const why = await serving.tunnels.open(target, peer, serving.reached);
    return why === null ? undefined : refuse(serving, peer, { status: 403, why });
  }
  const isMetered = plan.model?.metered.includes(`${method} ${target}`) ?? false;
  const isFree = plan.model?.free.includes(`${method} ${target}`) ?? false;
  if (plan.model === null || !(isMetered || isFree)) {
    cancel();
    return refuse(serving, peer, { status: 403, why: `${method} ${target}` });
  }
  const body = await peer.bytes(head.length);
  cancel();
  if (body !== null) await passOn({ serving, peer, head, isMetered, model: plan.model }, body);
}

async function passOn(passing: Passing, bytes: Uint8Array): Promise<void> {
  const { serving, peer, head, model, isMetered } = passing;
  const judged = judgeBody(model, bytes);
  if ("misfit" in judged) {
    const why = `${head.method} ${head.target}: ${judged.misfit}`;
    return refuse(serving, peer, { status: 403, why });
  }
  // A request without a price costs nothing, and waits for its place as the others do.
  const asked = isMetered ? judged : { ...judged, tokens: 0, output: 0 };
  const ticket = await serving.meter.admit(asked, peer.gone);
  if (ticket === null) {
    return refuse(serving, peer, { status: 429, why: "over budget" });
  }
  serving.requests += 1;
  serving.reached.add(new URL(model.origin).hostname);
  await relay(passing, { ticket, body: sentBody(passing, judged, ticket.output) });
}

/**
 * The body as it is sent: what was judged, written again. A key that stands twice in the bytes
 * would else be one value for the judge and another for the model.
 */
function sentBody({ model, isMetered }: Passing, { body }: Judged, output: number): string {
  return JSON.stringify(isMetered ? { ...body, [model.body.output]: output } : body);
}
