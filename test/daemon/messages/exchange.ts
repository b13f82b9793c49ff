/** Two paired machines with a session each, and the calls by which tests send and read mail. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Scope } from "../../../src/contract/terms.ts";
import { type Machine, type MachineOptions, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

/** A process of a session that is not the test's own. */
const elsewhere = (start_time: string) => ({ pid: process.pid, start_time });

/** Two machines: `mini` holds `hydrate`, `laptop` holds `web`, both for agents. */
export interface Two extends AsyncDisposable {
  readonly laptop: Machine;
  readonly mini: Machine;
}

/** The rights of laptop on mini. */
export interface Rights {
  readonly scopes?: readonly Scope[];
  readonly mine?: boolean;
  readonly hold?: boolean;
}

/** A session of an agent that holds a name. */
export const agent = (name: string, more: { readonly cwd?: string } = {}) =>
  session({
    ...{ name, harness: "claude-code", session_id: `id-${name}`, process: elsewhere(name) },
    ...more,
  });

/** The sender of a model's message. */
export const model = (name: string) =>
  ({ session: { session_id: `id-${name}` }, by: "session" }) as const;
/** The sender of a person's message. */
export const person = { by: "person" } as const;

type Author = typeof person | ReturnType<typeof model>;

/** Starts and pairs both, and gives laptop its rights on mini. */
export async function two(
  { scopes = ["ask", "message", "wake"], mine = false, hold = false }: Rights = {},
  options: { readonly laptop?: MachineOptions; readonly mini?: MachineOptions } = {},
): Promise<Two> {
  const laptop = await machine("laptop", { writes: ["mini"], ...options.laptop });
  const mini = await machine("mini", { writes: ["laptop"], ...options.mini });
  await pair(mini, laptop);
  const entries = scopes.map((scope) => ({ scope, names: null }));
  await mini.calls["peers/revoke"]({ name: "laptop", scopes: null });
  await mini.calls["peers/grant"]({ name: "laptop", entries, mine, hold });
  await mini.calls.activate(agent("hydrate"));
  await laptop.calls.activate(agent("web"));
  await until("laptop knows its rights on mini", async () => {
    const { grants } = await laptop.calls["peers/show"]({ name: "mini" });
    return grants.ours.join() === scopes.join() || mine;
  });
  await until("mini sees laptop", async () => {
    const { link } = await mini.calls["peers/show"]({ name: "laptop" });
    return link === "up";
  });
  return {
    ...{ laptop, mini },
    [Symbol.asyncDispose]: async () => {
      await laptop[Symbol.asyncDispose]();
      await mini[Symbol.asyncDispose]();
    },
  };
}

/** A port that nobody listens on. */
export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = server;
  server.stop(true);
  return port;
}

/** The only message that was sent. */
export async function sent(
  on: Machine,
  to: string,
  { text = "hello", from = person }: { readonly text?: string; readonly from?: Author } = {},
) {
  const output = await on.calls.send({ to, text, from });
  const [only] = output.sent;
  if (only === undefined) throw new Error("nothing was sent");
  return only;
}

/** The mail of a machine, all of it. */
export const mailOf = async (on: Machine) => (await on.calls.inbox({ all: true })).messages;

/** The stages of a message with their evidence, `stored: reply`. */
export async function stagesOf(on: Machine, id: string): Promise<readonly string[]> {
  const { stages } = await on.calls.receipts({ id });
  return stages.map(
    ({ stage, evidence }) => `${stage}: ${evidence.replace(id, "ID").replace(/ at \d+$/, "")}`,
  );
}

/** Rows of a home's database, read by another connection. */
export function rows<T>(on: Pick<Machine, "home">, sql: string): readonly T[] {
  const database = new Database(join(on.home, "state.db"), { readonly: true });
  try {
    return database.query<T, []>(sql).all();
  } finally {
    database.close();
  }
}
