/** The topics in a hello, in either direction: those that the peer may send to. */

import { toldTopics, topicLabel, topicsText } from "../../core/topics/topics.ts";
import type { Exporter } from "../../peer/call-over.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";

/** Digests of the subscribed topics that a peer may send to; absent where there are none. */
export function topicsFor(
  { tables, effects }: Pick<Context, "tables" | "effects">,
  { grants }: Pick<PeerRow, "grants">,
  { exporter, now }: { readonly exporter: Exporter; readonly now: Instant },
): { readonly topics?: string } {
  const topics = toldTopics(tables.subscriptions.topics(), grants, now);
  if (topics.length === 0) return {};
  return { topics: topicsText(effects.sha256, exporter(topicLabel), topics) };
}

/** The keys of the connections over which a hello left: its answer came over one of them. */
export type HelloKeys = Uint8Array[];

/** Notes the connection of one attempt. */
export const noteKey = (keys: HelloKeys, exporter: Exporter): number =>
  keys.push(exporter(topicLabel));
