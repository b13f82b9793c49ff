/** Paths without a row of the wire table: one answer to all, whoever asks. */

import { expect, test } from "bun:test";
import { wire } from "../../../src/contract/wire.ts";
import { machine } from "../../support/daemon.ts";
import { connectTo, newIdentity, type RawConnection, type Reply } from "../attack/connection.ts";
import { enrol } from "../attack/pairing.ts";

const paths = [
  "/",
  "*",
  "/v1",
  "/v1/",
  "/v2/window",
  "/v1/nothing",
  "/v1/status",
  "/v1/activate",
  "/v1/pair/open",
  "/v1/pair",
  "/v1/audit",
  "/v1/window/",
  "/v1/window?open=true",
  "/v1/Window",
  "/v1/%77indow",
  "//v1/window",
  "/v1//window",
  "/v1/hello/../window",
  "/v1/./window",
  "http://127.0.0.1/v1/window",
  "/v1/__proto__",
  "/v1/constructor",
  "/v1/toString",
];

const methods = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "BREW"];

/** All of a reply but its date and what becomes of the connection. */
const plain = (reply: Reply | null): string =>
  reply === null
    ? "nothing"
    : `${reply.head.replace(/^date: .*$/im, "").replace(/^connection: .*$/im, "")}${reply.body}`;

/** Asks each as nobody, as a stranger and as a peer; what was answered, and to what. */
async function answersTo(
  asked: readonly (readonly [method: string, path: string])[],
): Promise<Map<string, string[]>> {
  await using on = await machine("on");
  const peer = await enrol(on);
  const callers: [string, () => Promise<RawConnection>, string | undefined][] = [
    ["nobody", () => connectTo(on.address), undefined],
    ["a stranger", () => connectTo(on.address, { identity: newIdentity() }), undefined],
    ["a peer", () => peer.connect(), peer.token],
  ];
  const answers = new Map<string, string[]>();
  for (const [who, connect, token] of callers) {
    for (const [method, path] of asked) {
      using connection = await connect();
      const sending = { method, ...(token === undefined ? {} : { token }) };
      const answer = plain(await connection.post(path, {}, sending));
      answers.set(answer, [...(answers.get(answer) ?? []), `${who}: ${method} ${path}`]);
    }
  }
  expect((await on.calls.peers({})).peers).toHaveLength(1);
  return answers;
}

const texts = '"message":"there is no such operation","hint":"peernet version"';
const unknown = `{"error":{"code":"operation_unknown",${texts}}}`;

/** Holds every answer to be one and the same 404. */
function expectUnknown(answers: ReadonlyMap<string, readonly string[]>): void {
  const isUnknown = (answer: string): boolean =>
    answer.startsWith("HTTP/1.1 404 Not Found\r\n") && answer.endsWith(unknown);
  expect([...answers].filter(([answer]) => !isUnknown(answer))).toEqual([]);
  expect(answers.size).toBe(1);
}

test("an unlisted path is 404 for every caller", async () => {
  expectUnknown(await answersTo(paths.map((path) => ["POST", path])));
}, 30_000);

test("a listed path by another method is 404 for every caller", async () => {
  const rows = Object.keys(wire).map((row) => `/v1/${row}`);
  const asked = methods.flatMap((method) => rows.map((row) => [method, row] as const));
  expectUnknown(await answersTo(asked));
}, 30_000);

test("what asks for another protocol gets nothing", async () => {
  await using on = await machine("on");
  for (const start of [
    "CONNECT 127.0.0.1:22 HTTP/1.1\r\n",
    "POST /v1/window HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n",
    "GET /v1/window HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n",
  ]) {
    using connection = await connectTo(on.address);
    connection.write(`${start}host: peernet\r\n\r\n`);
    await connection.closed;
    expect([start, connection.received()]).toEqual([start, 0]);
  }
  using connection = await connectTo(on.address);
  expect((await connection.post("window", {}))?.body).toBe('{"open":false}');
});

test("an expectation that is not met is refused in the one shape, or not answered", async () => {
  await using on = await machine("on");
  using connection = await connectTo(on.address);
  const headers = "content-type: application/json\r\nexpect: banana\r\n";
  const reply = await connection.post("window", {}, { headers });
  if (reply !== null) expect(JSON.parse(reply.body || "{}")).toHaveProperty("error");
});

test("a caller that asks for the end of the connection gets it after the reply", async () => {
  await using on = await machine("on");
  using connection = await connectTo(on.address);
  const headers = "content-type: application/json\r\nconnection: close\r\n";
  const reply = await connection.post("window", {}, { headers });
  expect(reply?.body).toBe('{"open":false}');
  expect(reply?.head).toMatch(/^connection: close$/im);
  await connection.closed;
}, 5_000);
