/** One conversation: its messages with the stages that are proven, and the answer to it. */

import { useEffect, useRef } from "preact/hooks";
import type { ShownMessage } from "../../../contract/messages/inbox.ts";
import { nextText, stageShort, stageText } from "../../../contract/messages/words.ts";
import { ago } from "../../../contract/text/words.ts";
import { dateOf, now } from "../state/browser.ts";
import { clock } from "../state/state.ts";
import { Foreign } from "../ui.tsx";
import { Compose } from "./compose.tsx";
import { answerable, type Conversation, linesOfText } from "./conversations.ts";
import { proofs, read, readMail, show, texts } from "./mail.ts";

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });

/** The conversation beside the list. */
export function Shown({ conversation }: { readonly conversation: Conversation }) {
  const { key, other, here, messages } = conversation;
  const end = useRef<HTMLDivElement>(null);
  const count = messages.length;
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [key, count]);
  return (
    <>
      <header>
        <p class="over-title">{here === null ? "With you" : `With the session ${here}`}</p>
        <h2>
          <Foreign text={other} />
        </h2>
        <Close />
      </header>
      <ol class="exchange" aria-label={`Messages with ${other}`}>
        {messages.map((message) => (
          <Message key={message.message_id} message={message} />
        ))}
        <div ref={end} />
      </ol>
      <Compose
        key={key}
        to={other}
        answers={answerable(conversation)?.message_id ?? null}
        onSent={readMail}
      />
    </>
  );
}

/** The way back to the list. */
export const Close = () => (
  <button type="button" class="close" aria-label="Back to the list" onClick={() => show(null)}>
    ×
  </button>
);

/** The age of a message as of now. */
export const ageOf = ({ age_ms }: ShownMessage): number =>
  age_ms + Math.max(0, Math.max(clock.value, now()) - read.value.atMs);

function Message({ message }: { readonly message: ShownMessage }) {
  const { message_id, direction, from, by } = message;
  return (
    <li class={`message ${direction}`}>
      <p class="from">
        <b>
          <Foreign text={from} />
        </b>
        <small>
          {by === "person" ? "person" : "session"} · {ago(ageOf(message))}
        </small>
      </p>
      <Text id={message_id} excerpt={message.excerpt} />
      {direction === "out" ? <Proven message={message} /> : <Arrived message={message} />}
    </li>
  );
}

/** The text of a message, line by line. */
export function Text({ id, excerpt }: { readonly id: string; readonly excerpt: string }) {
  const text = texts.value.get(id);
  if (text === null) return <p class="why">Its text was removed.</p>;
  return (
    <div class="words">
      {linesOfText(text ?? excerpt).map((line, index) => (
        <p key={index}>
          <Foreign text={line} />
        </p>
      ))}
    </div>
  );
}

/** The stages of a message that left here, each with the time of its proof. */
function Proven({ message }: { readonly message: ShownMessage }) {
  const { message_id, peer } = message;
  const proven = proofs.value.get(message_id);
  const stages = proven?.stages ?? [];
  const next = proven?.next ?? null;
  if (stages.length === 0) {
    return <p class="stages">{stageText({ ...message, peer })}</p>;
  }
  return (
    <ol class="stages" aria-label="Proven stages">
      {stages.map(({ stage, reason, at_ms }) => (
        <li key={stage} class={stage}>
          <Foreign text={stageText({ stage, reason, peer })} />{" "}
          <time>{time.format(dateOf(at_ms))}</time>
        </li>
      ))}
      {message.stage === "stored" && next !== null && <li class="next">{nextText[next]}</li>}
    </ol>
  );
}

/** The stage of a message that arrived: of its session, or whether the person has read it. */
function Arrived({
  message: { mailbox, stage, unread, quiet, reason },
}: {
  readonly message: ShownMessage;
}) {
  if (mailbox === null) return null;
  const isOver = stage === "refused" || stage === "expired";
  const words = isOver
    ? stageText({ stage, reason, peer: null })
    : `${mailbox}: ${stage === "stored" ? (unread ? "not read yet" : "read") : stageShort[stage]}`;
  return (
    <p class={`stages ${stage}`}>
      {words}
      {quiet && unread ? ` · ${nextText.quiet}` : ""}
    </p>
  );
}
