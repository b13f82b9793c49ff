/** The tab of messages: what a person must decide, conversations, and the open one beside them. */

import { stageShort } from "../../../contract/messages/words.ts";
import { ageText } from "../../../contract/text/words.ts";
import { Failed, Foreign } from "../ui.tsx";
import { Compose } from "./compose.tsx";
import { ageOf, Close, Shown } from "./conversation.tsx";
import { type Conversation, sumOfMail } from "./conversations.ts";
import { Held } from "./held.tsx";
import { mail, more, open, readError, readMail, show } from "./mail.ts";

/** The tab. */
export const Messages = () => (
  <main class={open.value === null ? "split messages" : "split messages opened"} id="main">
    <h1 class="hidden">Messages</h1>
    <div class="list">
      <div class="list-top">
        <p role="status">{sumOfMail(mail.value)}</p>
        <button type="button" class="quiet" onClick={() => show({ to: "" })}>
          New message
        </button>
      </div>
      {readError.value !== null && <Failed error={readError.value} />}
      {mail.value.held.length > 0 && <Held messages={mail.value.held} />}
      {mail.value.conversations.length === 0 ? <None /> : <List />}
    </div>
    <Beside />
  </main>
);

const None = () => (
  <div class="blank">
    <p class="why">
      No conversation yet. A message is kept on both machines until its session has read it; here
      each stage appears once it is proven.
    </p>
  </div>
);

const List = () => (
  <>
    <ol class="lines conversations" aria-label="Conversations">
      {mail.value.conversations.map((each) => (
        <Line key={each.key} conversation={each} />
      ))}
    </ol>
    {more.value > 0 && <p class="why end">{more.value} older messages: peernet inbox --all</p>}
  </>
);

function Line({ conversation }: { readonly conversation: Conversation }) {
  const { key, other, here, last, unread } = conversation;
  const isOpen = open.value !== null && "key" in open.value && open.value.key === key;
  return (
    <li>
      <button
        type="button"
        class={`talk${isOpen ? " chosen" : ""}${unread > 0 ? " unread" : ""}`}
        aria-pressed={isOpen}
        onClick={() => show(isOpen ? null : { key })}
      >
        <span class="name">
          <Foreign text={other} />
          {here !== null && <small>with {here}</small>}
        </span>
        <span class="since">{ageText(ageOf(last))}</span>
        <span class="text">
          <Foreign text={last.excerpt} />
        </span>
        <span class="tail">
          {unread > 0 ? <b>{unread} unread</b> : last.direction === "out" && stageShort[last.stage]}
        </span>
      </button>
    </li>
  );
}

function Beside() {
  const opened = open.value;
  const chosen =
    opened !== null && "key" in opened
      ? mail.value.conversations.find(({ key }) => key === opened.key)
      : undefined;
  return (
    <aside class="panel talk-panel" id="panel" tabIndex={-1} aria-label="Conversation">
      {chosen !== undefined && <Shown conversation={chosen} />}
      {opened !== null && "to" in opened && <New to={opened.to} />}
      {chosen === undefined && (opened === null || "key" in opened) && (
        <p class="why">Choose a conversation, or write to a session or the person at a machine.</p>
      )}
    </aside>
  );
}

/** A message to somebody with whom there is no conversation yet. */
const New = ({ to }: { readonly to: string }) => (
  <>
    <header>
      <p class="over-title">New message</p>
      <h2>{to === "" ? "To a session or a person" : <Foreign text={to} />}</h2>
      <Close />
    </header>
    <Compose
      to={to === "" ? null : to}
      answers={null}
      onSent={async (recipient) => {
        await readMail();
        const known = mail.value.conversations.find(
          (each) => each.other === recipient && each.here === null,
        );
        if (known !== undefined) show({ key: known.key });
      }}
    />
  </>
);
