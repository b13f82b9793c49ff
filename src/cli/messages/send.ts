/** `peernet send`, `reply` and `receipts`: leaves messages, and shows what is proven of them. */

import { PeernetError } from "../../contract/errors.ts";
import { messageBytesMax, sendWaitMs, sendWaitMsMax } from "../../contract/messages/limits.ts";
import type { Stage } from "../../contract/messages/message.ts";
import type { Away, ProvenStage, SendOutput, Sent } from "../../contract/messages/sending.ts";
import { stages } from "../../contract/messages/stages.ts";
import { awayText, machineOf, stageText } from "../../contract/messages/words.ts";
import { shortId } from "../../contract/text/ids.ts";
import { ago } from "../../contract/text/words.ts";
import { asMeantBy } from "../../session/handles/meant.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { isHandle, isName, meantHandle } from "../frame/grammar.ts";
import { senderOf } from "../frame/sender.ts";
import { textOf } from "../terminal/given.ts";
import type { Io } from "../terminal/io.ts";
import { failure, note, printJson, printTable, prompt, type Row } from "../terminal/output.ts";
import { followed, printStage } from "./following.ts";

import { sentSentence } from "./sent.ts";

const waiting = {
  wait: {
    kind: "text",
    value: "STAGE",
    alone: "answered",
    summary: "wait until it is answered, or until a stage such as stored or surfaced",
  },
  deadline: {
    kind: "duration",
    value: "DURATION",
    summary: "how long --wait waits, up to 24h; 2m unless given",
  },
} as const satisfies Flags;

const file = {
  kind: "text",
  value: "FILE",
  summary: "read the text from a file; words of a command are readable by others here",
} as const;

const flags = {
  "reply-to": { kind: "text", value: "ID", summary: "the message that it answers" },
  file,
  all: { kind: "switch", summary: "send it to every live session of every machine" },
  topic: { kind: "text", value: "TOPIC", summary: "send it to every subscriber of a topic" },
  ...waiting,
} as const satisfies Flags;

const aMessage = { noun: "a message", bytesMax: messageBytesMax };

type SendContext = Context<typeof flags>;

/** Sends a message: 0 it is stored, 4 refused or held, 5 the time is up. */
export const send = command({
  flags,
  examples: [
    "peernet send mini/hydrate",
    "git diff --stat | peernet send mini/hydrate -",
    "peernet send mini/ 'Rebasing main in 5 minutes'",
    "peernet send mini 'Registry moves tonight'",
    "peernet send mini/hydrate 'Is the schema final?' --wait",
    "peernet send --topic deploys 'api 2.4 is live'",
  ],
  async run({ io, flags, words, json }: SendContext) {
    const { to, topic, rest, line } = addressed(flags, words);
    const waits = waitOf(flags);
    const text = await textOf(io, { ...aMessage, words: rest, file: flags.file, line });
    const reply_to = flags["reply-to"] === null ? null : await idOf(io, flags["reply-to"]);
    const input = {
      to,
      ...(topic !== null && { topic }),
      text,
      reply_to,
      from: await senderOf(io),
    };
    const output = await agreed(io, (agreed) => sentTo(io, { ...input, agreed }));
    return told(io, output, { waits, json });
  },
});

/** Sends, and again to the session elsewhere that a bare name means. */
async function sentTo(io: Io, input: Parameters<Sending>[0]): Promise<SendOutput> {
  return asMeantBy(io.calls(), input.to, (to) => {
    if (to !== input.to) note(io, `${input.to} is ${to} here`);
    return io.calls().send({ ...input, to });
  });
}

type Sending = ReturnType<Io["calls"]>["send"];

/** Answers a message of this machine's mailboxes. */
export const reply = command({
  flags: { file, ...waiting },
  examples: ["peernet reply 7f3a", "peernet reply 7f3a 'Reviewed, two comments pushed'"],
  async run({ io, flags, words: [id = "", ...rest], json }) {
    const waits = waitOf(flags);
    const line = `peernet reply ${id}`;
    const text = await textOf(io, { ...aMessage, words: rest, file: flags.file, line });
    const from = await senderOf(io);
    const output = await started(io, () => io.calls().reply({ id, text, from }));
    return told(io, output, { waits, json });
  },
});

/** Shows the proven stages of a message, each with its time. */
export const receipts = command({
  flags: {},
  examples: ["peernet receipts 7f3a"],
  async run({ io, words: [id = ""], json }) {
    const output = await started(io, () => io.calls().receipts({ id }));
    if (json) {
      printJson(io, output);
      return 0;
    }
    const { to, stages: proven, away, answer = null } = output;
    for (const stage of proven) printStage(io, stage, { to, answer });
    const last = proven.at(-1);
    const isOpen = last !== undefined && !isOver(last.stage) && last.stage !== "answered";
    if (away !== null && isOpen) noteAway(io, { away, last, to });
    return 0;
  },
});

/** Says that newer stages are unknown while a machine is away, and the last known one. */
function noteAway(
  io: Io,
  { away, last, to }: { readonly away: Away; readonly last: ProvenStage; readonly to: string },
): void {
  const known = stageText({ ...last, peer: to });
  const when = ago(Math.max(0, Math.floor(io.clock.wallMs() - last.at_ms)));
  note(
    io,
    `${awayText(away.peer, away.last_seen_age_ms)}: the last stage known is ${known}, ${when}`,
  );
}

type To = Pick<SendContext["flags"], "all" | "topic" | "wait">;

function addressed({ all, topic: given, wait }: To, words: readonly string[]) {
  if (all) return { to: null, topic: null, rest: words, line: "peernet send --all" };
  const topic = given?.toLowerCase() ?? null;
  if (topic !== null) {
    if (isName(topic) && wait === null) {
      return { to: null, topic, rest: words, line: `peernet send --topic ${topic}` };
    }
    throw new PeernetError("bad_request", {
      message:
        wait === null
          ? `this is no topic: ${topic}`
          : "of a topic's message a machine tells that it is stored, and no more",
      hint: wait === null ? "a topic is a name as deploys" : "leave --wait out",
    });
  }
  const [word = "", ...rest] = words;
  const to = word.toLowerCase();
  if (isHandle(to)) return { to, topic, rest, line: `peernet send ${to}` };
  if (/^[@#]/.test(to) && !to.includes(":")) {
    const topic = `peernet send --topic ${to.slice(1)}`;
    throw new PeernetError("bad_request", {
      message: `${to} is no handle`,
      hint: to === "@everyone" ? "peernet send --all" : topic,
    });
  }
  const meant = meantHandle(to);
  throw new PeernetError("bad_request", {
    message:
      word === "" ? "send needs a HANDLE, a machine, or --all" : `this is no handle: ${word}`,
    hint:
      meant === null
        ? "peernet send HANDLE, where HANDLE is as mini/hydrate"
        : `peernet send ${meant}`,
  });
}

/** The complete id of a message. */
async function idOf(io: Io, typed: string): Promise<string> {
  const { message_id } = await started(io, () => io.calls()["inbox/show"]({ id: typed }));
  return message_id;
}

interface Waits {
  readonly wanted: Stage;
  readonly deadlineMs: number;
  readonly isPatient: boolean;
}

function waitOf(given: {
  readonly wait: string | null;
  readonly deadline: number | null;
}): Waits | null {
  const deadlineMs = given.deadline ?? sendWaitMs;
  if (deadlineMs > sendWaitMsMax || deadlineMs < 1_000) {
    throw new PeernetError("bad_request", {
      message: "--deadline is 1s to 24h",
      hint: "peernet send HANDLE --wait --deadline 2m",
    });
  }
  if (given.wait === null) return null;
  const wanted = stages.find((stage) => stage === given.wait);
  if (wanted !== undefined) return { wanted, deadlineMs, isPatient: given.deadline !== null };
  throw new PeernetError("bad_request", {
    message: `no stage is called ${given.wait}`,
    hint: `the stages are ${stages.join(", ")}`,
  });
}

/** Sends; where it would reach machines of others, a person at the terminal is asked first. */
async function agreed(io: Io, call: (agreed: boolean) => Promise<SendOutput>): Promise<SendOutput> {
  try {
    return await started(io, () => call(false));
  } catch (error) {
    const machines = error instanceof PeernetError ? error.details?.machines : undefined;
    if (!Array.isArray(machines) || !io.terminal().stdin) throw error;
    await io.requirePerson("peernet send");
    const answer = await prompt(io, `It reaches ${machines.join(", ")}. Send it? [y/N] `);
    if (answer?.trim().toLowerCase() !== "y") throw error;
    return call(true);
  }
}

async function told(
  io: Io,
  output: SendOutput,
  { waits, json }: { readonly waits: Waits | null; readonly json: boolean },
): Promise<number> {
  const [first, ...others] = output.sent;
  const isOne = first !== undefined && others.length === 0 && output.refused.length === 0;
  if (waits !== null && !isOne) {
    throw new PeernetError("bad_request", {
      message: "it was sent; --wait waits for one message alone",
      hint: "peernet receipts ID",
    });
  }
  const ids = output.sent.map(({ message_id }) => message_id);
  if (waits !== null && first !== undefined) {
    const { message_id: id, to } = first;
    return followed(io, { ...waits, id, to, short: shortId(id, ids), json });
  }
  if (json) printJson(io, output);
  else printSent(io, output, ids);
  const isRefused = output.refused.length > 0 || output.sent.some(({ stage }) => isOver(stage));
  return isRefused ? 4 : 0;
}

const isOver = (stage: Stage): boolean => stage === "refused" || stage === "expired";

function printSent(io: Io, { sent, refused }: SendOutput, ids: readonly string[]): void {
  const rows = sent
    .filter(({ stage }) => !isOver(stage))
    .map(
      (each): Row => ({
        cells: [
          ...(ids.length > 1 ? [each.to] : []),
          sentSentence(each),
          { text: shortId(each.message_id, ids), style: "dim" },
        ],
      }),
    );
  printTable(io, rows, [{ gap: 3 }, { gap: 3 }]);
  for (const each of sent.filter(({ stage }) => isOver(stage))) failure(io, failureOf(each, ids));
  for (const { to, error } of refused) {
    failure(io, { message: `${to}: ${error.message}`, hint: error.hint });
  }
}

function failureOf({ to, stage, reason, message_id }: Sent, ids: readonly string[]) {
  const isUnsubscribed = reason === "unknown" && to.includes("/@");
  const why = isUnsubscribed
    ? `refused by ${machineOf(to)}: no subscriber is there`
    : stageText({ stage, reason, peer: to });
  const message = `${to}: ${why}`;
  const hint = reason === "unknown" ? `peernet ask ${machineOf(to)}` : null;
  return { message, hint: hint ?? `peernet receipts ${shortId(message_id, ids)}` };
}
