/** Connections that say nothing, or little, or never read: each is closed at its deadline. */

import { expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import {
  connectionsPerPeerMax,
  connectionsUnknownMax,
  headerDeadlineMs,
  idleMs,
  lingerMs,
  requestDeadlineMs,
} from "../../../src/contract/limits.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { connectTo, newIdentity, type RawConnection, requestOf } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";

const hello = { version: "1", protocols: [1], scopes: [], checkpoint: null, witness: null };

/** True when the daemon has done all work for the earlier input. */
async function settled(on: Machine): Promise<void> {
  using connection = await connectTo(on.address, { from: "127.0.0.99" });
  expect((await connection.post("window", {}))?.status).toBe(200);
}

/** Holds a connection to be open until the last millisecond of its deadline, and closed then. */
async function expectDeadline(
  { on, time }: { readonly on: Machine; readonly time: Moved },
  connection: Pick<RawConnection, "isClosed" | "closed">,
  deadlineMs: number,
): Promise<void> {
  await settled(on);
  time.pass(deadlineMs - 1);
  time.sweep();
  await settled(on);
  expect(connection.isClosed()).toBe(false);
  time.pass(1);
  time.sweep();
  await connection.closed;
}

async function withTime(): Promise<{ on: Machine; time: Moved } & AsyncDisposable> {
  const time = moved();
  const on = await machine("on", time);
  return { on, time, [Symbol.asyncDispose]: () => on[Symbol.asyncDispose]() };
}

/** A TCP connection on which no handshake is begun. */
async function silent(to: string): Promise<Pick<RawConnection, "isClosed" | "closed">> {
  const socket: Socket = connect(Number(to.slice(to.lastIndexOf(":") + 1)), "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => socket.destroy());
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return { isClosed: () => socket.destroyed, closed };
}

test("a connection that begins no handshake ends after 5 s", async () => {
  await using given = await withTime();
  await expectDeadline(given, await silent(given.on.address), headerDeadlineMs);
});

test("a connection without a request ends after 5 s, also with a certificate", async () => {
  for (const identity of [null, newIdentity()]) {
    await using given = await withTime();
    using connection = await connectTo(given.on.address, { identity });
    await expectDeadline(given, connection, headerDeadlineMs);
  }
});

test("a header that comes byte by byte gains no time", async () => {
  await using given = await withTime();
  using connection = await connectTo(given.on.address);
  const bytes = requestOf("window", "{}");
  for (let second = 0; second < 4; second += 1) {
    connection.write(bytes.slice(second * 10, second * 10 + 10));
    await settled(given.on);
    given.time.pass(1_000);
    given.time.sweep();
  }
  await expectDeadline(given, connection, headerDeadlineMs - 4_000);
});

test("a body that comes byte by byte gains no time", async () => {
  await using given = await withTime();
  using connection = await connectTo(given.on.address);
  const bytes = requestOf("window", `{${" ".repeat(100)}}`);
  connection.write(bytes.slice(0, -90));
  for (let second = 0; second < 9; second += 1) {
    await settled(given.on);
    given.time.pass(1_000);
    given.time.sweep();
    connection.write(" ");
  }
  await expectDeadline(given, connection, requestDeadlineMs - 9_000);
});

test("a stranger's connection is kept for 5 s after a reply, a peer's for 120 s", async () => {
  await using given = await withTime();
  using stranger = await connectTo(given.on.address);
  expect((await stranger.post("window", {}))?.status).toBe(200);
  await expectDeadline(given, stranger, headerDeadlineMs);
  const peer = await enrol(given.on);
  using known = await peer.connect();
  expect((await known.post("hello", hello, { token: peer.token }))?.status).toBe(200);
  await expectDeadline(given, known, idleMs);
});

test("what was refused while it still sends gets the reply and 1 s", async () => {
  await using given = await withTime();
  using connection = await connectTo(given.on.address);
  const headers = "content-type: application/json\r\ncontent-length: 9999999\r\n";
  connection.write(`POST /v1/window HTTP/1.1\r\nhost: peernet\r\n${headers}\r\n`);
  expect((await connection.reply())?.status).toBe(413);
  given.time.pass(lingerMs);
  given.time.sweep();
  await connection.closed;
});

test("300 silent strangers hold 128 places, and a peer is answered meanwhile", async () => {
  await using given = await withTime();
  const { on, time } = given;
  await on.calls.activate(session());
  const peer = await enrol(on);
  using known = await peer.connect();
  const silents: RawConnection[] = [];
  for (let number = 0; number < 300; number += 1) {
    const from = `127.0.${1 + (number >> 7)}.${1 + (number & 127)}`;
    silents.push(await connectTo(on.address, { from }));
    if (number % 2 === 0) silents.at(-1)?.write("POST /v1/window HTTP/1.1\r\nhost: ");
  }
  const open = (): number => silents.filter((connection) => !connection.isClosed()).length;
  await until("the others are displaced", () => open() <= connectionsUnknownMax);
  expect(open()).toBe(connectionsUnknownMax);
  // Their handshakes are done: the newest were not yet old enough to yield.
  expect(silents.slice(-connectionsUnknownMax / 2).some(({ isClosed }) => isClosed())).toBe(false);
  const ask = {
    ask_id: Bun.randomUUIDv7(),
    thread_id: Bun.randomUUIDv7(),
    handle: "hydrate",
    question: null,
  };
  expect((await known.post("ask", ask, { token: peer.token }))?.status).toBe(200);
  using newcomer = await connectTo(on.address);
  expect((await newcomer.post("window", {}))?.body).toBe('{"open":false}');
  time.pass(headerDeadlineMs);
  time.sweep();
  await until("all of them are closed", () => open() === 0);
  expect(known.isClosed()).toBe(false);
});

test("a crowd from one address does not displace one connection from another", async () => {
  await using given = await withTime();
  using lonely = await connectTo(given.on.address, { from: "127.0.0.88" });
  const crowd: RawConnection[] = [];
  for (let number = 0; number < 200; number += 1) {
    crowd.push(await connectTo(given.on.address, { from: "127.0.0.77" }));
  }
  expect((await lonely.post("window", {}))?.body).toBe('{"open":false}');
  for (const connection of crowd) connection[Symbol.dispose]();
});

test("a peer holds eight connections, and its ninth ends its oldest", async () => {
  await using given = await withTime();
  const peer = await enrol(given.on);
  const held: RawConnection[] = [];
  for (let number = 0; number <= connectionsPerPeerMax; number += 1)
    held.push(await peer.connect());
  await held[0]?.closed;
  for (const connection of held.slice(1)) {
    expect((await connection.post("hello", hello, { token: peer.token }))?.status).toBe(200);
    connection[Symbol.dispose]();
  }
});

test("a caller that never reads is closed at its deadline", async () => {
  await using given = await withTime();
  using connection = await connectTo(given.on.address);
  connection.socket.pause();
  connection.write(requestOf("window", "{}").repeat(50));
  await settled(given.on);
  given.time.pass(requestDeadlineMs);
  given.time.sweep();
  connection.socket.resume();
  await connection.closed;
});
