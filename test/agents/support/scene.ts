/** A session that reads its mail, and comes back after each of its client's deaths. */

import { join } from "node:path";
import { binOf } from "./clients.ts";
import { type Blind, blindKeeper, type Kills, killable, killClient } from "./kills.ts";
import type { Machine } from "./machine.ts";
import {
  greeted,
  mailMachine,
  mailModel,
  opened,
  pairAsMine,
  rowsOf,
  timesIn,
  type Woken,
} from "./mail.ts";
import { type Model, model } from "./model.ts";
import { says, soon } from "./peernet.ts";
import type { Terminal } from "./terminal.ts";

/** A session on mini that reads its mail, and a machine that leaves some. */
export interface Scene extends AsyncDisposable {
  readonly client: Woken;
  readonly stub: Model;
  readonly mini: Machine;
  readonly laptop: Machine;
  readonly kills: Kills;
  session: Terminal;
}

/** Starts both machines and the session; `blind` is the answer to every search of its record. */
export async function scene(client: Woken, blind: Blind | null): Promise<Scene> {
  const all = new AsyncDisposableStack();
  const stub = all.use(model());
  const mini = all.use(await mailMachine("mini", client, stub));
  const laptop = all.use(await mailMachine("laptop", "claude", all.use(model())));
  const kills = killable(mini, join(binOf("node"), "node"));
  await pairAsMine(mini, laptop);
  const session = await opened(mini, client, { stub });
  await greeted(session, stub);
  await says(mini, "idle");
  if (blind !== null) all.use(await blindKeeper(mini, blind));
  mailModel(stub);
  return {
    ...{ client, stub, mini, laptop, kills, session },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Kills the client, and comes back to the same conversation. */
export async function resumed(at: Scene): Promise<void> {
  const { client, mini, stub } = at;
  const [last] = rowsOf<{ session_id: string }>(mini, "SELECT session_id FROM reader");
  await killClient(mini);
  const words = client === "claude" ? ["--continue"] : ["resume", last?.session_id ?? ""];
  at.session = await opened(mini, client, { stub, words, first: false });
  // Codex says that it is back with its first prompt.
  if (client === "codex") await at.session.prompt("here again", stub);
}

const open = `SELECT
  (SELECT count(*) FROM handover WHERE state IN ('given', 'handed') OR doubt IS NOT NULL) +
  (SELECT count(*) FROM message WHERE direction = 'in' AND unread = 1) AS left`;

/** Prompts until nothing is unread or doubtful; returns how often a text is in the last request. */
export async function settled(at: Scene): Promise<(text: string) => number> {
  const { mini, stub } = at;
  const isOver = async (): Promise<boolean> =>
    rowsOf<{ left: number }>(mini, open)[0]?.left === 0 && (await isIdle(mini));
  for (let turn = 0; turn < 6 && !(await within(6_000, isOver)); turn += 1) {
    await at.session.prompt(`anything new ${turn}?`, stub);
  }
  await soon("nothing is left", isOver);
  await at.session.prompt("so what is it?", stub);
  await says(mini, "idle");
  const last = stub.turns.at(-1);
  return (text) => (last === undefined ? 0 : timesIn(last, text));
}

const isIdle = async (mini: Machine): Promise<boolean> =>
  (await mini.handles()).every(({ state }) => state !== "working");

/** True when a condition came to hold within a time. */
async function within(ms: number, condition: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) if (await condition()) return true;
  return false;
}
