/**
 * The page's copy of the mail: read once, and again after each event that reports a change. Keeps
 * texts and proven stages of the messages that were opened. Draws nothing.
 */

import { batch, computed, effect, signal } from "@preact/signals";
import type { ShownMessage } from "../../../contract/messages/inbox.ts";
import type { ReceiptsOutput } from "../../../contract/messages/sending.ts";
import { now } from "../state/browser.ts";
import { tab } from "../state/selection.ts";
import { call, type Failure } from "../state/server.ts";
import { connection, witness } from "../state/state.ts";
import { isHeld, mailOf } from "./conversations.ts";

/** The messages as they were read, and when by the page's clock. */
export const read = signal<{ readonly messages: readonly ShownMessage[]; readonly atMs: number }>({
  messages: [],
  atMs: 0,
});
/** The same as conversations. */
export const mail = computed(() => mailOf(read.value.messages));
/** Messages that the list leaves out. */
export const more = signal(0);
/** The reason why the mail could not be read. */
export const readError = signal<Failure | null>(null);
/** The open conversation's key, or the composer; null for neither. */
export const open = signal<{ readonly key: string } | { readonly to: string } | null>(null);

/** Texts by message; null for a text that was removed. */
export const texts = signal<ReadonlyMap<string, string | null>>(new Map());
/** The proven stages of messages that this machine sent. */
export const proofs = signal<ReadonlyMap<string, ReceiptsOutput>>(new Map());

let isReading = false;
let isStale = false;

/** Keeps the mail current while the page lives. */
export function keepMail(): void {
  witness((event) => {
    if (event.event === "mail") void readMail();
  });
  effect(() => {
    if (connection.value === "live" && tab.value === "messages") void readMail();
  });
}

/** Reads the mail; a change during the reading leads to one more. */
export async function readMail(): Promise<void> {
  if (tab.peek() !== "messages") return;
  isStale = true;
  if (isReading) return;
  isReading = true;
  while (isStale) {
    isStale = false;
    const reply = await call("inbox", { all: true });
    batch(() => {
      readError.value = reply.ok ? null : reply.error;
      if (!reply.ok) return;
      read.value = { messages: reply.value.messages, atMs: now() };
      more.value = reply.value.more;
    });
    await readOpen();
  }
  isReading = false;
}

/** Reads the texts and the stages that the open conversation and held messages show. */
export async function readOpen(): Promise<void> {
  const opened = open.peek();
  const { held, conversations } = mail.peek();
  const shown =
    opened !== null && "key" in opened
      ? (conversations.find(({ key }) => key === opened.key)?.messages ?? [])
      : [];
  await Promise.all([...held, ...shown].map(readOne));
}

async function readOne(message: ShownMessage): Promise<void> {
  const { message_id: id, direction, stage } = message;
  const isOwn = direction === "in" && message.mailbox === null && !isHeld(message);
  const mustRead = !texts.peek().has(id) || (isOwn && message.unread);
  if (mustRead) {
    const reply = await call("inbox/show", { id, reads: isOwn });
    if (reply.ok) texts.value = new Map(texts.peek()).set(id, reply.value.text);
  }
  const known = proofs.peek().get(id)?.stages.at(-1)?.stage;
  if (direction === "out" && known !== stage) {
    const reply = await call("receipts", { id });
    if (reply.ok) proofs.value = new Map(proofs.peek()).set(id, reply.value);
  }
}

/** Opens a conversation, or a new message to somebody. */
export function show(what: { readonly key: string } | { readonly to: string } | null): void {
  open.value = what;
  void readOpen();
}

/** Opens the tab with a message to a handle or a person. */
export function writeTo(to: string): void {
  const known = mail.peek().conversations.find((each) => each.other === to && each.here === null);
  tab.value = "messages";
  show(known === undefined ? { to } : { key: known.key });
}
