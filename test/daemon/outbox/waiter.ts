/** A peer by hand that waits for a session, and answers as a test likes when it is told. */

import { connect, type Socket } from "node:net";
import type { z } from "zod";
import type { HelloInput } from "../../../src/contract/peer.ts";
import { type Machine, type MachineOptions, machine, session } from "../../support/daemon.ts";
import { hello } from "../attack/asking.ts";
import { newIdentity, type Reply } from "../attack/connection.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";
import { type FakeServer, type Incoming, liar, replyOf, tcpServer } from "../attack/server.ts";

/** The way in which the peer answers what is told to it; null is no reply. */
export type Answering = (body: Told) => string | null;

/** A call of `/v1/reached` as it came. */
export interface Told {
  readonly wait_id: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly answer: {
    readonly session: { readonly state: string | null };
    readonly git: { readonly branch: string | null } | null;
  } | null;
}

/** The path to the peer, which a test may hold up. */
export interface Path {
  /** Ends the connections to the peer, and holds up new ones. */
  hold(): void;
  /** The number of connections that are held up. */
  held(): number;
  /** Lets the held connections go on. */
  release(): void;
}

/** A machine, and a peer of it that waits. */
export interface Waiter extends AsyncDisposable {
  readonly path: Path;
  readonly on: Machine;
  readonly peer: HandPeer;
  /** The calls of `/v1/reached`, as they came. */
  readonly told: Told[];
  /** The hellos, as they came. */
  readonly hellos: z.infer<typeof HelloInput>[];
  /** Paths that were called, in order. */
  readonly lines: readonly string[];
  answering: Answering;
  /** Waits for the machine's session; returns the reply. */
  wait(more?: object): Promise<Reply | null>;
}

/** The reply that takes in whatever is told. */
export const taken: Answering = () => replyOf({});

const friendly = { ...hello, features: ["grants", "waits"], dialled: true, handles: null };

/** Answers hellos as a daemon, and what is told as the test says. */
function answerOf(
  waiter: Pick<Waiter, "told" | "answering" | "hellos">,
  { line, body, socket }: Incoming,
) {
  if (line === "POST /v1/hello") {
    waiter.hellos.push(JSON.parse(body));
    return void socket.write(replyOf(friendly));
  }
  if (line !== "POST /v1/reached") return void socket.write(replyOf({}));
  const told: Told = JSON.parse(body);
  waiter.told.push(told);
  const reply = waiter.answering(told);
  if (reply === null) socket.destroy();
  else socket.write(reply);
}

/** A path to a port whose new connections wait while it is held. */
async function pathTo(port: number): Promise<Path & { readonly server: FakeServer }> {
  const through = new Set<Socket>();
  const waiting = new Set<Socket>();
  let isHeld = false;
  const join = (near: Socket): void => {
    const far = connect(port, "127.0.0.1");
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on("error", end).once("close", end);
    near.pipe(far).pipe(near);
    through.add(near);
  };
  const server = await tcpServer((near) => {
    if (isHeld) waiting.add(near.pause());
    else join(near);
  });
  return {
    server,
    hold: () => {
      isHeld = true;
      for (const near of through) near.destroy();
      through.clear();
    },
    held: () => waiting.size,
    release: () => {
      isHeld = false;
      for (const near of waiting) join(near);
      waiting.clear();
    },
  };
}

/** Makes a machine with a session, and a peer that may wait for it. */
export async function waiter(options: MachineOptions = {}): Promise<Waiter> {
  const on = await machine("on", options);
  const identity = newIdentity();
  const made: Pick<Waiter, "told" | "answering" | "hellos"> = {
    ...{ told: [], hellos: [] },
    answering: taken,
  };
  const fake = await liar(identity, (incoming) => answerOf(made, incoming));
  const path = await pathTo(fake.port);
  const peer = await enrol(on, { identity, port: path.server.port });
  await on.calls.activate(session({ name: "hydrate" }));
  const wait = async (more: object = {}): Promise<Reply | null> => {
    using connection = await peer.connect();
    const asked = { wait_id: Bun.randomUUIDv7(), handle: "hydrate", until: "commit" };
    const body = { ...asked, for_ms: 600_000, since: { lease_id: null }, ...more };
    return await connection.post("wait", body, { token: peer.token });
  };
  return Object.assign(made, {
    on,
    peer,
    path,
    lines: fake.seen.lines,
    wait,
    [Symbol.asyncDispose]: async () => {
      await on[Symbol.asyncDispose]();
      await path.server[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  });
}

let commits = 0;
/** Has the session of a machine commit, so that what waits for that is reached. */
export async function commit({ calls }: Machine): Promise<void> {
  commits += 1;
  const sha = commits.toString(16).padStart(40, "c");
  const git = { sha, subject: "a", branch: "main", dirty: 0 };
  await calls.activate(session({ name: "hydrate", git }));
}
