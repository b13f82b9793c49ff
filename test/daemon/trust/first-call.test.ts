/** A machine that has met another one calls first; until then the other one makes no call of it. */

import { expect, test } from "bun:test";
import { machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { connectTo, newIdentity } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { aboutOf, someToken } from "../attack/pairing.ts";
import { helloAnswer } from "../attack/reverse.ts";
import { liar, replyOf } from "../attack/server.ts";

test("a machine that answered a meeting makes no call before it was called", async () => {
  const time = moved();
  await using mini = await machine("mini", time);
  const identity = newIdentity();
  await using server = await liar(identity, ({ socket }) => {
    socket.write(replyOf(helloAnswer));
  });
  const { fingerprint } = identity;
  const entries = [{ scope: "ask" as const, names: null }];
  const trusted = { fingerprint, name: "laptop", to: null, entries, mine: false };
  await mini.calls.trust({ machines: [trusted] });
  using connection = await connectTo(mini.address, { identity });
  const about = aboutOf(identity, { name: "laptop", port: server.port });
  const met = await connection.post("meet", { about, token: someToken });
  expect(met?.status).toBe(200);
  expect((await mini.calls.peers({})).peers).toMatchObject([
    { name: "laptop", acknowledged: false },
  ]);
  // The other machine may not have the reply yet: it would answer every call with 401.
  for (let minute = 0; minute < 10; minute += 1) {
    time.pass(60_000);
    time.sweep();
    await mini.calls.ask({ handle: null, question: null, thread_id: null });
  }
  expect([server.seen.connections, server.seen.lines]).toEqual([0, []]);
  const { token } = JSON.parse(met?.body ?? "{}");
  using later = await connectTo(mini.address, { identity });
  const said = await later.post("hello", { ...helloAnswer, port: server.port }, { token });
  expect(said?.status).toBe(200);
  await until("it calls", () => {
    time.pass(1_000);
    time.sweep();
    return server.seen.lines.length > 0;
  });
  expect(server.seen.lines[0]).toBe("POST /v1/hello");
  expect((await mini.calls.peers({})).peers).toMatchObject([{ acknowledged: true }]);
});
