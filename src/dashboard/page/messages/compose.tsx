/** A person's message: a new one to any handle or person, or the answer in a conversation. */

import { useSignal } from "@preact/signals";
import { messageBytesMax } from "../../../contract/messages/limits.ts";
import type { SendOutput } from "../../../contract/messages/sending.ts";
import { awayText, nextText, stageText } from "../../../contract/messages/words.ts";
import { grouped } from "../../../contract/text/numeral.ts";
import { call, type Failure, type Reply } from "../state/server.ts";
import { connection, machine, own, peers } from "../state/state.ts";
import { Failed, Foreign } from "../ui.tsx";

/** The writer at the page is a person. */
const from = { by: "person" } as const;

interface Parts {
  /** The recipient, when it is known. */
  readonly to: string | null;
  /** The message that this one answers; null to begin. */
  readonly answers: string | null;
  /** Called with the recipient once a message is stored here. */
  readonly onSent: (to: string) => void | Promise<void>;
}

/** The form of a message. */
export function Compose(parts: Parts) {
  const { to } = parts;
  const { typed, text, isBusy, outcome, error, bytes, isReady, send } = useWriting(parts);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isReady && !isBusy.value) void send();
  };
  return (
    <form class="compose" onSubmit={submit}>
      {to === null && (
        <Recipient
          value={typed.value}
          onInput={(next) => {
            typed.value = next;
          }}
        />
      )}
      <label>
        <span class="hidden">Message</span>
        <textarea
          rows={3}
          placeholder={to === null ? "Message" : `Message to ${to}`}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
          }}
        />
      </label>
      <Foot bytes={bytes} isBusy={isBusy.value} isReady={isReady} />
      <div aria-live="polite">
        {error.value !== null && <Failed error={error.value} />}
        {outcome.value !== null && <Outcome output={outcome.value} />}
      </div>
    </form>
  );
}

/** A message while it is written, and the outcome of the last one. */
function useWriting({ to, answers, onSent }: Parts) {
  const typed = useSignal(to ?? "");
  const text = useSignal("");
  const isBusy = useSignal(false);
  const outcome = useSignal<SendOutput | null>(null);
  const error = useSignal<Failure | null>(null);
  const recipient = (to ?? typed.value).trim();
  const bytes = new TextEncoder().encode(text.value).length;
  const isReady = recipient !== "" && text.value.trim() !== "" && bytes <= messageBytesMax;
  const send = async (): Promise<void> => {
    isBusy.value = true;
    const reply: Reply<SendOutput> =
      answers === null
        ? await call("send", { to: recipient, text: text.value, from })
        : await call("reply", { id: answers, text: text.value, from });
    isBusy.value = false;
    error.value = reply.ok ? null : reply.error;
    outcome.value = reply.ok ? reply.value : null;
    if (!reply.ok || reply.value.sent.length === 0) return;
    text.value = "";
    await onSent(recipient);
  };
  return { typed, text, isBusy, outcome, error, bytes, isReady, send };
}

const Foot = ({
  bytes,
  isBusy,
  isReady,
}: {
  readonly bytes: number;
  readonly isBusy: boolean;
  readonly isReady: boolean;
}) => (
  <div class="compose-foot">
    <small role="status">
      {bytes > messageBytesMax
        ? `${grouped(bytes)} of at most ${grouped(messageBytesMax)} bytes`
        : "Ctrl+Enter leaves it"}
    </small>
    <button
      type="submit"
      class="primary"
      disabled={!isReady || isBusy || connection.value !== "live"}
    >
      {isBusy ? "Leaving…" : "Leave message"}
    </button>
  </div>
);

const Recipient = ({
  value,
  onInput,
}: {
  readonly value: string;
  readonly onInput: (value: string) => void;
}) => (
  <label class="to">
    To
    <input
      value={value}
      list="recipients"
      placeholder="mini/hydrate, or mini for the person there"
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
    <datalist id="recipients">
      {recipients().map((each) => (
        <option key={each} value={each} />
      ))}
    </datalist>
  </label>
);

/** Everybody who can be written to by name: live handles, here and there, and persons. */
function recipients(): readonly string[] {
  const here = machine.value?.name ?? "";
  return [
    ...own.value.map(({ value }) => value.handle.slice(here.length + 1)),
    ...peers.value.flatMap(({ value }) => [
      ...value.handles.map(({ handle }) => handle),
      value.name,
    ]),
  ];
}

const Outcome = ({ output: { sent, refused } }: { readonly output: SendOutput }) => (
  <>
    {sent.map(({ message_id, to, stage, reason, next, away }) => {
      const peer = peerOf(to);
      const then = next === null ? "" : ` · ${nextText[next]}`;
      const where = away === null ? "" : `: ${awayText(away.peer, away.last_seen_age_ms)}`;
      return (
        <p class="why" key={message_id}>
          <Foreign text={`${to}: ${stageText({ stage, reason, peer })}${where}${then}`} />
        </p>
      );
    })}
    {refused.map(({ to, error }) => (
      <Failed key={to} error={{ ...error, message: `${to}: ${error.message}` }} />
    ))}
  </>
);

/** The machine of a recipient as people write it; null for this one. */
function peerOf(to: string): string | null {
  const [name = to] = to.split("/");
  return peers.value.some(({ value }) => value.name === name) ? name : null;
}
