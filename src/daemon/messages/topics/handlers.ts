/** Handlers by which sessions and people of this machine subscribe to topics. */

import type { Control } from "../../../contract/control.ts";
import { PeernetError, settle } from "../../../contract/errors.ts";
import type { Handlers, InputOf, OutputOf } from "../../../contract/operation/operation.ts";
import { subscribersMax, topicsMax } from "../../../contract/topics/limits.ts";
import { permitsTopic } from "../../../core/topics/topics.ts";
import type { LocalCaller, Work } from "../../context/context.ts";
import { writerOf } from "../outgoing/senders.ts";
import type { MessageParts } from "../parts.ts";

type Rows = "topics/subscribe" | "topics/unsubscribe" | "topics";
type Input = InputOf<Control["topics/subscribe"]>;
type Output = OutputOf<Control["topics/subscribe"]>;

/** Handlers of the rows about subscriptions. */
export function topicHandlers({
  context,
}: Pick<MessageParts, "context">): Pick<Handlers<Control, LocalCaller>, Rows> {
  const changing = (
    { topic, from }: Input,
    { now }: LocalCaller,
    change: (work: Work, mailbox: Mailbox) => boolean,
  ): Promise<Output> =>
    context.transact(now, (work) => {
      const { mailbox } = settle(writerOf(context, { work, now }, from));
      return { value: { topic, mailbox: mailbox.name, changed: change(work, mailbox) } };
    });
  return {
    "topics/subscribe": (input, caller) =>
      changing(input, caller, (work, mailbox) => {
        const { topic } = input;
        const { subscriptions } = work.tables;
        const known = subscriptions.of(topic);
        const isSame = known.some(
          ({ name, tree }) => name === mailbox.name && tree === mailbox.tree,
        );
        if (isSame) return false;
        requireRoom(work, { topic, isKnown: known.some(({ name }) => name === mailbox.name) });
        subscriptions.put({ topic, mailbox });
        return true;
      }),
    "topics/unsubscribe": (input, caller) =>
      changing(input, caller, ({ tables }, { name }) =>
        tables.subscriptions.remove(input.topic, name),
      ),
    topics: async (_input, { now }) => {
      const peers = context.tables.peers.all();
      const subscriptions = context.tables.subscriptions.all().map(({ topic, mailbox }) => ({
        topic,
        mailbox: mailbox.name,
        senders: peers
          .filter(({ grants }) => permitsTopic(grants, topic, now).permitted)
          .map(({ name }) => name),
      }));
      return { subscriptions };
    },
  };
}

type Mailbox = Parameters<Work["tables"]["subscriptions"]["put"]>[0]["mailbox"];

/** @throws {topic_limit} */
function requireRoom(
  { tables: { subscriptions } }: Work,
  { topic, isKnown }: { readonly topic: string; readonly isKnown: boolean },
): void {
  if (isKnown) return;
  const count = subscriptions.of(topic).length;
  const isFull = count >= subscribersMax;
  if (!isFull && (count > 0 || subscriptions.topics().length < topicsMax)) return;
  throw new PeernetError("topic_limit", {
    message: isFull
      ? `${topic} has ${subscribersMax} subscribers on this machine already`
      : `this machine subscribes to ${topicsMax} topics already`,
  });
}
