/**
 * Decides who may send to a topic here, and which topics a peer learns of: those that its grant
 * permits and that have a subscriber. On the wire a topic is a digest, keyed by the connection.
 */

import { base64url, concatenate, fromBase64url, hex, lv } from "../../contract/text/encoding.ts";
import { topicDigestBytes } from "../../contract/topics/limits.ts";
import { type At, type Grants, liveEntries, type Verdict } from "../grants.ts";
import { hmac, type Sha256 } from "../overlap/digests.ts";

/** The TLS exporter's label for topics. */
export const topicLabel = "EXPORTER-peernet-topic-v1";

/** A topic as an entry of a grant names it. */
export const topicEntry = (topic: string): string => `@${topic}`;

/** Judges a message of a peer to a topic: another person's machine needs an entry that names it. */
export function permitsTopic(grants: Grants, topic: string, at: At): Verdict {
  const entry = liveEntries(grants, at).find(({ scope }) => scope === "message");
  if (entry === undefined) return { permitted: false, why: "scope" };
  const isNamed = grants.mine || entry.names?.includes(topicEntry(topic)) === true;
  if (!isNamed) return { permitted: false, why: "name" };
  return { permitted: true, shown: grants.mine ? null : new Set(entry.show) };
}

/** The topics that a peer may know of, out of those with a subscriber here. */
export const toldTopics = (topics: readonly string[], grants: Grants, at: At): readonly string[] =>
  topics.filter((topic) => permitsTopic(grants, topic, at).permitted);

/** The digests of topics on a connection, one after another, in an order that says nothing. */
export function topicsText(sha256: Sha256, key: Uint8Array, topics: readonly string[]): string {
  const digests = topics.map((topic) => digestOf(sha256, key, topic));
  return base64url(concatenate(digests.toSorted((one, other) => (hex(one) < hex(other) ? -1 : 1))));
}

/** The topics of a peer's last hello. */
export interface TopicsTold {
  /** Exporters of the connections that may have carried it. */
  readonly keys: readonly Uint8Array[];
  readonly digests: ReadonlySet<string>;
}

/** The topics in a hello's text; an absent or malformed text holds none. */
export function topicsTold(text: string | undefined, keys: readonly Uint8Array[]): TopicsTold {
  const bytes = fromBase64url(text ?? "") ?? new Uint8Array();
  const digests = new Set<string>();
  for (let at = 0; at + topicDigestBytes <= bytes.length; at += topicDigestBytes) {
    digests.add(base64url(bytes.subarray(at, at + topicDigestBytes)));
  }
  return { keys, digests };
}

/** True when the peer's hello named this topic. */
export const isTold = (sha256: Sha256, { keys, digests }: TopicsTold, topic: string): boolean =>
  keys.some((key) => digests.has(base64url(digestOf(sha256, key, topic))));

const digestOf = (sha256: Sha256, key: Uint8Array, topic: string): Uint8Array =>
  hmac(sha256, key, lv("topic", topic)).subarray(0, topicDigestBytes);
