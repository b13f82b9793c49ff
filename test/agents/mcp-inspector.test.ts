/** The MCP Inspector's command line against the built executable: an outside client of it. */

import { expect, setDefaultTimeout } from "bun:test";
import { activate, pairTwo } from "../scenario/pairing.ts";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { ranOf } from "../support/ran.ts";
import { skipUnless } from "../support/skip.ts";
import { binOf, missing } from "./support/clients.ts";

setDefaultTimeout(120_000);
const why = isBuilt ? missing("inspector") : notBuilt;
const test = skipUnless(why === null, why ?? "");

/** Runs the Inspector once; returns its output and its exit code. */
async function inspect(place: Home, ...words: readonly string[]) {
  // The Inspector passes only named variables to a server.
  const told = Object.entries(place.environment)
    .filter(([name]) => name.startsWith("PEERNET_"))
    .flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const command = [`${binOf("inspector")}/inspector`, "--cli", ...told, executable, "mcp"];
  const child = Bun.spawn([...command, ...words], {
    cwd: place.folder,
    env: { ...place.environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  return ranOf(child);
}

const tool = (name: string, ...given: readonly string[]): readonly string[] => [
  ...["--method", "tools/call", "--tool-name", name],
  ...given.flatMap((each) => ["--tool-arg", each]),
];

test("the Inspector lists and calls every tool, the resource and the prompt", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await mini.json(["start"]);
  await laptop.json(["start"]);
  using _session = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
  const listed = await inspect(laptop, "--method", "tools/list");
  expect(listed.code).toBe(0);
  expect(listed.err).toContain("Schema portability: 0 errors");
  const { tools } = JSON.parse(listed.out);
  expect(tools.map(({ name }: { name: string }) => name)).toEqual([
    "ask_peer",
    "list_peers",
    "wait_for_peer",
    "message_peer",
    "read_messages",
    "read_peer_file",
    "search_peer_files",
    "list_peer_files",
    "delegate_task",
    "get_task",
    "stop_task",
    "activate_session",
    "deactivate_session",
    "set_summary",
    "peernet_status",
  ]);
  const asked = await inspect(laptop, ...tool("ask_peer", "handle=mini/hydrate", "question=free?"));
  expect(asked.code).toBe(0);
  expect(JSON.parse(asked.out).structuredContent.summary.text).toBe("at work on hydrate");
  for (const name of ["list_peers", "peernet_status", "activate_session"]) {
    expect([name, (await inspect(laptop, ...tool(name))).code]).toEqual([name, 0]);
  }
  for (const words of [
    ["--method", "resources/list"],
    ["--method", "resources/read", "--uri", "peernet://peers"],
    ["--method", "prompts/list"],
    ["--method", "prompts/get", "--prompt-name", "ask", "--prompt-args", "handle=mini/hydrate"],
  ]) {
    expect([words, (await inspect(laptop, ...words)).code]).toEqual([words, 0]);
  }
});

test("the Inspector exits with 5 for a tool that was refused, and shows why", async () => {
  await using mini = home("mini");
  const { code, out } = await inspect(mini, ...tool("ask_peer", "handle=laptop/web"));
  expect(code).toBe(5);
  expect(JSON.parse(out).structuredContent.error).toMatchObject({
    code: "peer_unknown",
    message: "no machine is paired with this one",
  });
});
