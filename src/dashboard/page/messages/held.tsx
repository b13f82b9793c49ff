/** Messages that wait for a person: each with its text, to approve or to refuse. */

import { useSignal } from "@preact/signals";
import type { ShownMessage } from "../../../contract/messages/inbox.ts";
import { ago, leftText } from "../../../contract/text/words.ts";
import { call, type Failure } from "../state/server.ts";
import { connection } from "../state/state.ts";
import { Failed, Foreign } from "../ui.tsx";
import { ageOf, Text } from "./conversation.tsx";
import { readMail } from "./mail.ts";

/** The held messages, above the conversations. */
export const Held = ({ messages }: { readonly messages: readonly ShownMessage[] }) => (
  <section class="held" aria-label="Held for you">
    <h3>Held for you</h3>
    <ul>
      {messages.map((message) => (
        <Waiting key={message.message_id} message={message} />
      ))}
    </ul>
  </section>
);

function Waiting({ message }: { readonly message: ShownMessage }) {
  const error = useSignal<Failure | null>(null);
  const isBusy = useSignal(false);
  const { message_id: id, from, mailbox, expires_in_ms: left } = message;
  const decide = async (path: "inbox/approve" | "inbox/refuse"): Promise<void> => {
    isBusy.value = true;
    const reply = await call(path, { id });
    isBusy.value = false;
    error.value = reply.ok ? null : reply.error;
    await readMail();
  };
  const isOff = isBusy.value || connection.value !== "live";
  return (
    <li>
      <p class="from">
        <b>
          <Foreign text={from} />
        </b>
        <small>
          for {mailbox ?? "you"} · {ago(ageOf(message))}
          {left !== null && ` · ${leftText(left)} left`}
        </small>
      </p>
      <Text id={id} excerpt={message.excerpt} />
      <div class="actions">
        <button type="button" disabled={isOff} onClick={() => decide("inbox/approve")}>
          Approve
        </button>
        <button
          type="button"
          class="danger"
          disabled={isOff}
          onClick={() => decide("inbox/refuse")}
        >
          Refuse
        </button>
      </div>
      {error.value !== null && <Failed error={error.value} />}
    </li>
  );
}
