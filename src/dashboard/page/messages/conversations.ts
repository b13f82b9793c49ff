/**
 * The mail of this machine as conversations: all messages between the same two ends. Pure; reads no
 * clock and calls nothing.
 */

import type { ShownMessage } from "../../../contract/messages/inbox.ts";

/** All messages between two ends. */
export interface Conversation {
  readonly key: string;
  /** The end that is not here, as a person types it: `mini/hydrate`, or `mini` for its person. */
  readonly other: string;
  /** The handle at this end; null for the person. */
  readonly here: string | null;
  /** Oldest first. */
  readonly messages: readonly ShownMessage[];
  readonly last: ShownMessage;
  readonly unread: number;
}

/** The mail, with what a person has to decide apart. */
export interface Mail {
  /** Held messages, the oldest first: a person approves or refuses them. */
  readonly held: readonly ShownMessage[];
  /** The one with the newest message first. */
  readonly conversations: readonly Conversation[];
}

/** True for a message that waits for a person's decision here. */
export const isHeld = ({ direction, stage }: ShownMessage): boolean =>
  direction === "in" && stage === "held";

/** The key of the conversation that a message belongs to. */
export function conversationOf({ direction, from, to, mailbox, peer }: ShownMessage): string {
  const other = direction === "in" ? from : to;
  // Between two sessions of this machine both ends are here.
  if (peer === null) return [from, to].sort().join(" ");
  return `${mailbox ?? ""} ${other}`;
}

/** The conversations of a list of messages. */
export function mailOf(messages: readonly ShownMessage[]): Mail {
  const known = distinct(messages);
  const grouped = Map.groupBy(
    known.filter((message) => !isHeld(message)),
    conversationOf,
  );
  const conversations = [...grouped].flatMap(([key, group]): readonly Conversation[] => {
    const sorted = [...group].sort(byAge);
    const last = sorted.at(-1);
    if (last === undefined) return [];
    const { direction, from, to, mailbox } = last;
    const other = direction === "in" ? from : to;
    const unread = sorted.filter((each) => each.unread && each.direction === "in").length;
    return [{ key, other, here: mailbox, messages: sorted, last, unread }];
  });
  return {
    held: known.filter(isHeld).sort(byAge),
    conversations: conversations.sort((one, two) => two.last.at_ms - one.last.at_ms),
  };
}

/** A message between two sessions of this machine has a row at each end: the writer's is shown. */
function distinct(messages: readonly ShownMessage[]): readonly ShownMessage[] {
  const byId = new Map<string, ShownMessage>();
  for (const message of messages) {
    const former = byId.get(message.message_id);
    const isBetter = former === undefined || (message.peer === null && message.direction === "out");
    if (isBetter) byId.set(message.message_id, message);
  }
  return [...byId.values()];
}

const byAge = (one: ShownMessage, two: ShownMessage): number =>
  one.at_ms - two.at_ms || (one.message_id < two.message_id ? -1 : 1);

/** The newest message of the other end, which a reply answers; null when there is none. */
export const answerable = ({ messages }: Conversation): ShownMessage | null =>
  messages.findLast(({ direction, peer }) => direction === "in" && peer !== null) ?? null;

/** A text as lines, without the empty ones at its end. */
export const linesOfText = (text: string): readonly string[] => text.trimEnd().split(/\r?\n/);

/** The mail in a sentence: `2 unread · 1 held`. */
export function sumOfMail({ held, conversations }: Mail): string {
  const unread = conversations.reduce((sum, each) => sum + each.unread, 0);
  const parts = [
    ...(unread === 0 ? [] : [`${unread} unread`]),
    ...(held.length === 0 ? [] : [`${held.length} held`]),
  ];
  return parts.length === 0 ? "Nothing waits" : parts.join(" · ");
}
