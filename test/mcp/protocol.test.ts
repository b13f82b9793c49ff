/** The server's protocol: with clients of every era, with garbage, and when its client goes. */

import { expect, setDefaultTimeout } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { mcpMessageBytesMax } from "../../src/contract/limits.ts";
import { canSeeProcesses, noProcesses, processesOf } from "../scenario/processes.ts";
import { executable, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { toolCount } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { hello, pipes, request } from "./support.ts";

const test = skipUnless(isBuilt, notBuilt);
const testSeeing = skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(30_000);

const resultOf = (message: Readonly<Record<string, unknown>>) => Object(message.result);
const codeOf = (message: Readonly<Record<string, unknown>>) => Object(message.error).code;

test("initialize is answered in the client's own version, and else in the newest", async () => {
  await using place = home("mini");
  for (const [asked, answered] of [
    ["2025-11-25", "2025-11-25"],
    ["2025-06-18", "2025-06-18"],
    ["2025-03-26", "2025-03-26"],
    ["2024-11-05", "2024-11-05"],
    ["2099-01-01", "2025-11-25"],
  ] as const) {
    await using server = pipes(place);
    const result = resultOf(await server.ask(hello(asked)));
    expect(result).toMatchObject({
      protocolVersion: answered,
      serverInfo: { name: "peernet", version: "0.1.0" },
      capabilities: { tools: {}, resources: {}, prompts: {} },
    });
    expect(result.instructions).toContain("before you edit");
    const { tools } = resultOf(await server.ask(request(1, "tools/list")));
    expect(tools).toHaveLength(toolCount);
  }
});

test("a client that asks for server/discover first gets an error, then says hello", async () => {
  await using place = home("mini");
  await using server = pipes(place);
  const discover = await server.ask(request("probe-1", "server/discover", { _meta: {} }));
  expect(discover.error).toEqual({ code: -32_601, message: "Method not found" });
  expect(resultOf(await server.ask(hello("2025-11-25"))).protocolVersion).toBe("2025-11-25");
  expect(resultOf(await server.ask(request(1, "ping")))).toEqual({});
});

test("without a home it says hello, lists its tools, and says in each what is wrong", async () => {
  await using place = home("mini");
  for (const [environment, message] of [
    [{ HOME: null, PEERNET_HOME: null }, "HOME is not set"],
    [{ PEERNET_HOME: "relative" }, "PEERNET_HOME is not an absolute path"],
    [{ PEERNET_HOME: "/proc/nowhere" }, "/proc/nowhere"],
  ] as const) {
    await using server = pipes(place, { environment });
    await server.ask(hello());
    expect(resultOf(await server.ask(request(1, "tools/list"))).tools).toHaveLength(toolCount);
    const status = resultOf(await server.ask(call(2, "peernet_status")));
    expect(status.isError).toBeUndefined();
    for (const [id, name, given] of [
      [3, "ask_peer", { handle: "mini/x" }],
      [4, "activate_session", {}],
    ] as const) {
      const { isError, structuredContent } = resultOf(await server.ask(call(id, name, given)));
      expect(isError).toBe(true);
      expect(structuredContent.error.message).toContain(message);
    }
  }
});

const call = (id: number, name: string, given: object = {}) =>
  request(id, "tools/call", { name, arguments: given });

test("nothing is read or made before a tool is called", async () => {
  await using place = home("mini");
  rmSync(place.folder, { recursive: true });
  await using server = pipes(place, { cwd: "/" });
  await server.ask(hello());
  await server.ask(request(1, "tools/list"));
  await server.ask(request(2, "resources/list"));
  await server.ask(call(3, "peernet_status"));
  await server.ask(call(4, "list_peers"));
  expect(existsSync(place.folder)).toBe(false);
});

test("a message that is none is answered with an error, and the next one is served", async () => {
  await using place = home("mini");
  await using server = pipes(place);
  await server.ask(hello());
  const garbage = [
    ["{", -32_700],
    [Uint8Array.of(0x22, 0xff, 0xfe, 0x22), -32_700],
    ["null", -32_600],
    ["[]", -32_600],
    ["5", -32_600],
    ['"text"', -32_600],
    ['{"id":1}', -32_600],
    ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32_600],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32_600],
    ['{"jsonrpc":"2.0","id":1,"method":5}', -32_600],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', -32_600],
    [
      `{"jsonrpc":"2.0","id":1,"method":"x","params":{"x":"${"y".repeat(mcpMessageBytesMax)}"}}`,
      -32_600,
    ],
    [`${"[".repeat(100_000)}`, -32_700],
  ] as const;
  for (const [index, [line, code]] of garbage.entries()) {
    const before = server.received.length;
    server.write(line);
    server.write("\n");
    await until(`${index} is answered`, () => server.received.length > before);
    const [answer = {}] = server.received.slice(before);
    expect([index, answer.id, codeOf(answer)]).toEqual([index, null, code]);
    expect(resultOf(await server.ask(request(100 + index, "ping")))).toEqual({});
  }
});

test("a line without an end is dropped as it comes, and what follows it is served", async () => {
  await using place = home("mini");
  await using server = pipes(place);
  await server.ask(hello());
  const piece = "x".repeat(1 << 20);
  for (let round = 0; round < 64; round += 1) server.write(piece);
  server.write("\n");
  expect(resultOf(await server.ask(request(1, "ping")))).toEqual({});
  expect(server.received.filter((message) => codeOf(message) === -32_600)).toHaveLength(1);
});

test("messages are read however they are cut and joined", async () => {
  await using place = home("mini");
  await using server = pipes(place);
  await server.ask(hello());
  const name = "tool-é-✓-𝄞";
  const bytes = new TextEncoder().encode(`${JSON.stringify(call(1, name))}\n`);
  for (const byte of bytes) {
    server.write(Uint8Array.of(byte));
    await Bun.sleep(0);
  }
  await until("it is answered", () => server.received.some(({ id }) => id === 1));
  expect(JSON.stringify(server.received.at(-1))).toContain(`there is no tool ${name}`);
  const lines = [2, 3, 4].map((id) => JSON.stringify(request(id, "ping")));
  server.write(`\r\n\n${lines.join("\r\n")}\n`);
  server.write(`[${[5, 6].map((id) => JSON.stringify(request(id, "ping"))).join(",")}]\n`);
  for (const id of [2, 3, 4, 5, 6]) {
    await until(`${id} is answered`, () => server.received.some((each) => each.id === id));
  }
});

test("what was asked is answered though the input ends at once", async () => {
  await using place = home("mini");
  await using server = pipes(place);
  const lines = [
    hello(),
    request(1, "tools/list"),
    call(2, "list_peers"),
    call(3, "peernet_status"),
  ];
  server.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  server.close();
  expect(await server.ended).toBe(0);
  expect(server.received.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3]);
  expect(await server.complaints).toBe("");
});

test("it ends at the end of its input, at SIGINT and at SIGTERM", async () => {
  await using place = home("mini");
  for (const end of ["input", "SIGINT", "SIGTERM"] as const) {
    await using server = pipes(place);
    await server.ask(hello());
    if (end === "input") server.close();
    else server.kill(end);
    const code = await server.ended;
    expect([end, code]).toEqual([end, { input: 0, SIGINT: 130, SIGTERM: 143 }[end]]);
  }
});

testSeeing("a client that is killed in a call leaves nothing behind", async () => {
  await using place = home("mini");
  await place.json(["start"]);
  const call = request(1, "tools/call", { name: "ask_peer", arguments: { handle: "mini/x" } });
  const script = join(import.meta.dir, "hanging-client.ts");
  const lines = [hello(), call].map((line) => JSON.stringify(line));
  const client = Bun.spawn([process.execPath, script, executable, ...lines], {
    env: { ...place.environment },
    stdout: "pipe",
  });
  const servers = () => processesOf(place).filter(({ mode }) => mode === "mcp");
  const { value } = await client.stdout.getReader().read();
  const pid = Number(new TextDecoder().decode(value).split("\n")[0]);
  expect(servers().map((each) => each.pid)).toEqual([pid]);
  client.kill("SIGKILL");
  await until("the server is gone", () => servers().length === 0);
  expect(await place.json(["status"])).toMatchObject({ handles: [] });
});
