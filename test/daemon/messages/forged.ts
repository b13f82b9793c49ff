/** A peer that a test plays, which forges messages; and a machine that it may write to. */

import type { Scope } from "../../../src/contract/terms.ts";
import { base64url } from "../../../src/contract/text/encoding.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { endOf, hello } from "../attack/asking.ts";
import { newIdentity } from "../attack/connection.ts";
import { rowsOf } from "../attack/disk.ts";
import { moved } from "../attack/moved.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";
import { liar, replyOf } from "../attack/server.ts";
import { agent, model } from "./exchange.ts";

const salt = base64url(new Uint8Array(16));

/** A message in the form of the wire. */
export const leaving = (more: object = {}) => ({
  message_id: Bun.randomUUIDv7(),
  thread_id: Bun.randomUUIDv7(),
  reply_to: null,
  from: "evil",
  to: "hydrate",
  by: "session",
  text: "hello",
  salt,
  age_ms: 0,
  expires_in_ms: 604_800_000,
  ...more,
});

interface Granted {
  readonly scopes?: readonly Scope[];
  readonly names?: readonly string[] | null;
  readonly hold?: boolean;
}

/** A machine with two sessions, and a peer that a test plays. */
export async function facing({ scopes = ["message"], names = null, hold = false }: Granted = {}) {
  const time = moved();
  const on = await machine("on", { ...time, writes: ["mallory"] });
  await on.calls.activate(agent("hydrate"));
  await on.calls.activate(agent("api", { cwd: "/src/api" }));
  const mallory = await granted(on, "mallory", { scopes, names, hold });
  return { on, mallory, time, [Symbol.asyncDispose]: () => on[Symbol.asyncDispose]() };
}

/** Enrols a peer by hand, and gives it its rights. */
export async function granted(on: Machine, name: string, { scopes = [], names, hold }: Granted) {
  const peer = await enrol(on, { name });
  const entries = scopes.map((scope) => ({
    scope,
    names: names === null ? null : [...(names ?? [])],
  }));
  await on.calls["peers/revoke"]({ name, scopes: null });
  await on.calls["peers/grant"]({ name, entries, hold: hold ?? false });
  return peer;
}

/** Makes one call of the wire as a peer. */
export async function post(peer: HandPeer, path: string, body: object) {
  using connection = await peer.connect();
  return await connection.post(path, body, { token: peer.token });
}

/** The end of a message that a peer leaves. */
export const left = async (peer: HandPeer, body: object): Promise<string> =>
  endOf(await post(peer, "message", body));

/** A stored message, as far as tests read it. */
export interface Row {
  readonly message_id: string;
  readonly text: string | null;
  readonly stage: string;
  readonly name: string;
  readonly hops: number;
  readonly quiet: number;
  readonly waking: string;
}

/** The messages that a machine took. */
export const stored = ({ home }: Machine): readonly Row[] =>
  // The columns are those of the row.
  rowsOf(home, "SELECT * FROM message WHERE direction = 'in' ORDER BY seq") as readonly Row[];

/** A machine that left a message at a peer that a test plays, and a second such peer. */
export async function sentTo() {
  const on = await machine("on", { writes: ["mallory"] });
  await on.calls.activate(agent("web"));
  const identity = newIdentity();
  const features = ["grants", "messages", "waits"];
  const fake = await liar(identity, ({ line, socket }) => {
    const told = {
      ...{ ...hello, features, dialled: true, handles: [] },
      ...{
        scopes: ["ask", "message"],
        grants: [{ scope: "message", names: null, expires_in_ms: null }],
      },
    };
    socket.write(replyOf(line === "POST /v1/hello" ? told : { stage: "stored", next: null }));
  });
  const mallory = await enrol(on, { identity, port: fake.port });
  const eve = await enrol(on, { name: "eve" });
  const { sent } = await on.calls.send({ to: "mallory/work", text: "hi", from: model("web") });
  const message_id = sent[0]?.message_id ?? "";
  const stages = async (): Promise<readonly string[]> =>
    (await on.calls.receipts({ id: message_id })).stages.map(({ stage }) => stage);
  await until("it is stored there", async () => (await stages()).includes("stored"));
  return {
    ...{ on, mallory, eve, message_id, stages },
    [Symbol.asyncDispose]: async () => {
      await on[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}
