/** Two machines that leave messages for each other's sessions, and models that read and answer. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import { z } from "zod";
import { connect } from "../../../src/client.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import { pairTwo } from "../../scenario/pairing.ts";
import { claude, seedClaude } from "./claude.ts";
import type { Client } from "./clients.ts";
import { codex, seedCodex, trustHooks } from "./codex.ts";
import { type Machine, machine } from "./machine.ts";
import type { Model, Reply, Turn } from "./model.ts";
import { setUp } from "./peernet.ts";
import { keys, type Terminal } from "./terminal.ts";

/** A client whose sessions are woken. */
export type Woken = Extract<Client, "claude" | "codex">;

/** The tools that a person lets its agent use without a question. */
const allowed = ["read_messages", "message_peer"].map((tool) => `mcp__peernet__${tool}`);

/** Makes a machine on which a client runs with peernet, and may read and leave messages. */
export async function mailMachine(name: string, client: Woken, stub: Model): Promise<Machine> {
  const made = machine(name, [client]);
  if (client === "claude") seedClaude(made);
  else seedCodex(made, stub);
  await setUp(made);
  if (client === "claude") {
    const path = ".claude/settings.json";
    const settings = JSON.parse(made.read(path) ?? "{}");
    made.write(path, JSON.stringify({ ...settings, permissions: { allow: allowed } }, null, 2));
  }
  return made;
}

/** Pairs two machines of one person. */
export async function pairAsMine(one: Machine, other: Machine): Promise<void> {
  await pairTwo(one, other);
  for (const [on, name] of [
    [one, other.name],
    [other, one.name],
  ] as const) {
    const socket = join(on.folder, ".peernet", "control.sock");
    const { calls } = connect(socket, { timers, attends: async () => true });
    await calls["peers/grant"]({ name, entries: [], mine: true, hold: false });
  }
}

/** Starts a client's session at its prompt; a first one of Codex trusts its hooks. */
export async function opened(
  on: Machine,
  client: Woken,
  { stub, words = [], first = true }: Opening,
): Promise<Terminal> {
  if (client === "codex") {
    const session = codex(on, ...words);
    if (first) await trustHooks(session);
    else await session.sees("Ask Codex to do anything");
    return session;
  }
  const session = claude(on, stub, ...words);
  await session.sees("❯");
  return session;
}

interface Opening {
  readonly stub: Model;
  readonly words?: readonly string[];
  readonly first?: boolean;
}

/** Lets a session take its handle and be idle: Codex does so at its first prompt. */
export async function greeted(session: Terminal, stub: Model): Promise<void> {
  await session.prompt("hello there", stub);
}

/** The newest parts of a request, behind the model's last words, as JSON. */
export function freshOf({ body }: Pick<Turn, "body">): string {
  const { messages, input } = Conversation.parse(JSON.parse(body));
  const parts = messages ?? input ?? [];
  const last = parts.findLastIndex(
    (part) => part.role === "assistant" || part.type === "function_call",
  );
  return JSON.stringify(parts.slice(last + 1));
}

const Part = z.looseObject({ role: z.string().optional(), type: z.string().optional() });
const Conversation = z.looseObject({
  messages: z.array(Part).optional(),
  input: z.array(Part).optional(),
});

/** The number of times that a text stands in a request. */
export const timesIn = ({ body }: Pick<Turn, "body">, text: string): number =>
  body.split(text).length - 1;

/** Reads when a notice says so, and answers the first message of what it read if it is to. */
export function mailModel(
  stub: Model,
  answers: (text: string) => string | null = () => null,
  hears: (turn: Turn) => void = () => {},
): void {
  /** The call that it makes until its result comes: a client may first search for the tool. */
  let wanted: Reply | null = null;
  stub.by((turn): Reply | null => {
    hears(turn);
    const fresh = freshOf(turn);
    const given = givenIn(fresh);
    if (given !== null) {
      const text = answers(given.text);
      const input = { to: given.from, text, reply_to: given.message_id };
      wanted = text === null ? null : { call: "message_peer", with: input };
      return wanted ?? { say: "It is read." };
    }
    if (/Call the peernet tool read_messages/.test(fresh)) {
      wanted = { call: "read_messages", with: {} };
    } else if (!/tool_reference|Tool loaded/.test(fresh)) wanted = null;
    return wanted;
  });
}

const Given = z.object({ message_id: z.string(), from: z.string(), text: z.string() });
type Given = z.infer<typeof Given>;

/** The first message of a tool's result, however often its JSON was quoted on the way. */
function givenIn(fresh: string): Given | null {
  const plain = fresh.replaceAll(/\\+"/g, '"');
  const field = (name: string): string | undefined =>
    new RegExp(`"messages":\\s*\\[\\s*\\{[^\\]]*?"${name}":\\s*"([^"]*)"`).exec(plain)?.[1];
  const found = Given.safeParse({
    ...{ message_id: field("message_id"), from: field("from"), text: field("text") },
  });
  return found.success ? found.data : null;
}

/** The stages of a message that a machine sent, as its receipts show them. */
export async function stagesOf(on: Machine, id: string): Promise<readonly string[]> {
  const shown = Receipts.parse(await on.json(["receipts", id]));
  return shown.stages.map(({ stage }) => stage);
}

const Receipts = z.object({ stages: z.array(z.object({ stage: z.string() })) });

/** Leaves a message as the person of a machine; returns its id. */
export async function left(on: Machine, to: string, text: string): Promise<string> {
  const output = Sent.parse(await on.json(["send", to, text]));
  const [one] = output.sent;
  if (one === undefined) throw new Error("nothing was sent");
  return one.message_id;
}

const Sent = z.object({ sent: z.array(z.object({ message_id: z.string() })) });

/** Rows of a machine's database. */
export function rowsOf<T>(on: Machine, sql: string): readonly T[] {
  const path = join(on.folder, ".peernet", "state.db");
  const database = new Database(path, { readonly: true });
  try {
    return database.query<T, []>(sql).all();
  } finally {
    database.close();
  }
}

/** Ends a session as its user does. */
export const leaves = (session: Terminal): Promise<void> =>
  session.press(keys.interrupt, async () => session.ended());
