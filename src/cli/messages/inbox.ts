/** `peernet inbox`: the mail of this machine, one message, and a person's word on held ones. */

import { PeernetError } from "../../contract/errors.ts";
import type { InboxOutput, ShownMessage, WholeMessage } from "../../contract/messages/inbox.ts";
import { reasonText, stageShort } from "../../contract/messages/words.ts";
import { shortId } from "../../contract/text/ids.ts";
import { ageText, ago } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { isPerson } from "../frame/sender.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import {
  note,
  printBlock,
  printFileLines,
  printJson,
  printLine,
  printTable,
  type Row,
} from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";

const flags = {
  all: { kind: "switch", summary: "with messages that left here, and those of earlier days" },
  handle: { kind: "text", value: "NAME", summary: "only the mailbox of that handle" },
  follow: { kind: "switch", summary: "go on with each message as it arrives" },
} as const satisfies Flags;

type InboxContext = Context<typeof flags>;

/** The text in place of a held one, where a model may read it. */
const hidden = "a person has to look: peernet inbox, in a terminal";

/** Shows the mail; the text of a held message only to a person. */
export const inbox = command({
  flags,
  examples: ["peernet inbox", "peernet inbox --all", "peernet inbox --follow --json"],
  async run({ io, flags, json }: InboxContext) {
    const person = await isPerson(io);
    const handle = flags.handle === null ? {} : { handle: flags.handle };
    const output = await started(io, () => io.calls().inbox({ ...handle, all: flags.all }));
    const messages = person ? output.messages : output.messages.map(withoutHeld);
    if (json) printJson(io, { ...output, messages });
    else printMail(io, { ...output, messages }, person);
    if (!flags.follow) return 0;
    return interruptible(io, async (signal) => {
      for await (const message of io.calls()["inbox/follow"](handle, { signal })) {
        const shown = person ? message : withoutHeld(message);
        if (json) printJson(io, shown);
        else printTable(io, [rowOf(shown, [shown.message_id])], columns);
      }
      return 0;
    });
  },
});

/** Shows one message with its text. */
export const show = command({
  flags: {},
  examples: ["peernet inbox show 7f3a"],
  async run({ io, words: [id = ""], json }) {
    const person = await isPerson(io);
    const message = await started(io, () => io.calls()["inbox/show"]({ id, reads: person }));
    if (!person && message.stage === "held") {
      throw new PeernetError("not_a_person", {
        message: "a held message is for a person to read",
        hint: "a person types it in a terminal: peernet inbox",
      });
    }
    if (json) printJson(io, message);
    else printWhole(io, message);
    return 0;
  },
});

/** Lets a held message through. */
export const approve = command({
  flags: {},
  examples: ["peernet inbox approve 7f3a"],
  async run({ io, words: [id = ""], json }) {
    const { message } = await started(io, () => io.calls()["inbox/approve"]({ id }));
    if (json) printJson(io, { message });
    else printLine(io, `approved: ${message.to} gets it`);
    return 0;
  },
});

/** Refuses a message that nobody has read. */
export const refuse = command({
  flags: {},
  examples: ["peernet inbox refuse 7f3a"],
  async run({ io, words: [id = ""], json }) {
    const { message } = await started(io, () => io.calls()["inbox/refuse"]({ id }));
    if (json) printJson(io, { message });
    else printLine(io, `refused: ${message.from} is told`);
    return 0;
  },
});

function withoutHeld<M extends ShownMessage | WholeMessage>(message: M): M {
  if (message.stage !== "held") return message;
  return { ...message, excerpt: hidden, ...("text" in message ? { text: null } : {}) };
}

const columns = [...[{ gap: 2 }, { gap: 3, max: 31 }, { gap: 3, max: 40 }, { gap: 3 }, { gap: 3 }]];
const heads: Row = {
  cells: ["ID", "FOR", "FROM", "AGE", "STAGE", "TEXT"].map((text) => ({ text, style: "dim" })),
};

function printMail(io: Io, { messages, more }: InboxOutput, person: boolean): void {
  if (messages.length === 0) {
    note(io, "no mail here");
    return;
  }
  const ids = messages.map(({ message_id }) => message_id);
  const rows = messages.map((message) => rowOf(message, ids));
  printTable(io, [heads, ...rows], columns);
  // The other end decides about a message that left here.
  const held = messages.filter(({ direction, stage }) => direction === "in" && stage === "held");
  for (const { message_id } of person ? held : []) {
    printLine(io, `held: peernet inbox approve ${shortId(message_id, ids)}`);
  }
  if (more > 0) note(io, `and ${counted(more, "message")} more`);
}

function rowOf(message: ShownMessage, ids: readonly string[]): Row {
  const { direction, mailbox, from, to, stage, unread } = message;
  const id = shortId(message.message_id, ids);
  const isNew = direction === "in" && mailbox === null && unread;
  const isRead = direction === "in" && mailbox === null && !unread && stage === "stored";
  const words = isNew ? "–" : isRead ? "read" : stageShort[stage];
  return {
    cells: [
      { text: id, style: "bold" },
      direction === "in" ? (mailbox ?? "you") : to,
      from,
      ageText(message.age_ms),
      stage === "held" ? { text: words, style: "warning" } : words,
      message.excerpt,
    ],
  };
}

function printWhole(io: Io, message: WholeMessage): void {
  const { from, to, by, age_ms, stage, reason, text, direction, message_id } = message;
  const why = reason === null ? "" : `: ${reasonText(reason)}`;
  const rows = [
    ["from", by === "person" ? `${from}, by a person` : from],
    ["to", to],
    ["sent", ago(age_ms)],
    ["stage", `${stageShort[stage]}${why}`],
  ];
  printBlock(
    io,
    rows.map((cells) => ({ cells })),
    [{ gap: 3 }],
  );
  printLine(io);
  printFileLines(io, (text ?? "(its text was removed)").split("\n"));
  if (direction === "in") note(io, `to answer: peernet reply ${shortId(message_id, [])}`);
}
