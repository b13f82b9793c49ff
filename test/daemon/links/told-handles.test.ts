/** The time until a peer knows the live handles, without asking. */

import { expect, test } from "bun:test";
import { base64url } from "../../../src/contract/text/encoding.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { newIdentity } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { aboutOf, enrol, someToken } from "../attack/pairing.ts";
import { type Incoming, liar, replyOf, tcpServer } from "../attack/server.ts";

const handlesOf = async (on: Machine): Promise<readonly string[]> => {
  const { peers } = await on.calls.peers({});
  return peers.flatMap(({ handles }) => handles.map(({ handle }) => handle));
};

const shows = (on: Machine, wanted: readonly string[]): Promise<void> =>
  until(`${wanted.join(" ") || "nothing"} is shown`, async () =>
    Bun.deepEquals([...(await handlesOf(on))], wanted),
  );

test("a handle is shown on a paired machine soon after it is taken, and goes as soon", async () => {
  // On clocks that stand still no hello of either side comes in its own time.
  const time = moved();
  await using mini = await machine("mini", time);
  await using laptop = await machine("laptop", moved());
  await pair(mini, laptop);
  await shows(laptop, []);
  await mini.calls.activate(session());
  time.sweep();
  await shows(laptop, ["mini/hydrate"]);
  await mini.calls.activate(session({ name: "other", session_id: "other" }));
  time.sweep();
  await shows(laptop, ["mini/hydrate", "mini/other"]);
  await mini.calls.deactivate({ name: "hydrate" });
  time.sweep();
  await shows(laptop, ["mini/other"]);
});

test("a peer that may not ask receives no handle, in either direction of a hello", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await pair(mini, laptop);
  await mini.calls.activate(session());
  await shows(laptop, ["mini/hydrate"]);
  await mini.calls["peers/revoke"]({ name: "laptop", scopes: null });
  await mini.calls.activate(session({ name: "other", session_id: "other" }));
  await shows(laptop, []);
});

/** A token that is past its life at once: this machine exchanges it before each hello. */
const agedToken = ["{}", '{"iat":1,"exp":2,"jti":"x"}', "x"]
  .map((part) => base64url(Buffer.from(part)))
  .join(".");

test("a peer that lets an exchange wait receives no handles once it may not ask", async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  const identity = newIdentity();
  const hellos: string[] = [];
  const held: Incoming[] = [];
  await using fake = await liar(identity, (incoming) => {
    if (incoming.line === "POST /v1/token") held.push(incoming);
    else {
      hellos.push(incoming.body);
      incoming.socket.write(replyOf({}));
    }
  });
  const about = aboutOf(identity, { port: fake.port });
  const peer = await enrol(on, { identity, port: fake.port });
  await until("a hello tells the handle", () => hellos.some((each) => each.includes("hydrate")));
  using connection = await peer.connect();
  const input = { token: agedToken, about };
  expect((await connection.post("token", input, { token: peer.token }))?.status).toBe(200);
  await on.calls.activate(session({ name: "other", session_id: "other" }));
  await until("the exchange waits", () => held.length > 0);
  const before = hellos.length;
  await on.calls["peers/revoke"]({ name: "mallory", scopes: null });
  held[0]?.socket.write(replyOf({ token: someToken, about }));
  await until("the hello that waited has come", () => hellos.length > before);
  expect(JSON.parse(hellos[before] ?? "")).toMatchObject({ scopes: [], handles: null });
});

test("a hello that is tried again tells no handle once the peer may not ask", async () => {
  // Only where it can be looked for is it tried again.
  await using nobody = await tcpServer((socket) => socket.destroy());
  await using on = await machine("on", { searched: [nobody.address] });
  await on.calls.activate(session());
  const identity = newIdentity();
  const hellos: string[] = [];
  let isDeaf = false;
  await using fake = await liar(identity, ({ line, body, socket }) => {
    if (line === "POST /v1/hello") hellos.push(body);
    if (isDeaf) socket.destroy();
    else socket.write(replyOf({}));
  });
  await enrol(on, { identity, port: fake.port });
  await until("a hello tells the handle", () => hellos.some((each) => each.includes("hydrate")));
  isDeaf = true;
  const first = hellos.length;
  const asking = on.calls.ask({ handle: "mallory/", question: null, thread_id: null });
  const isOver = asking.then(
    () => true,
    () => true,
  );
  await until("it was tried", () => hellos.length > first);
  await on.calls["peers/revoke"]({ name: "mallory", scopes: null });
  await until("a try tells no handle", () => !hellos.at(-1)?.includes("hydrate"));
  // The same that told it before, and not the next one in its turn.
  expect(await Promise.race([isOver, false])).toBe(false);
  expect(JSON.parse(hellos.at(-1) ?? "")).toMatchObject({ scopes: [], handles: null });
  isDeaf = false;
  expect(await asking).toMatchObject({ answered: 0 });
});
