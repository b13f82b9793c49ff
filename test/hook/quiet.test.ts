/** A hook's behaviour when something is wrong: nothing that its agent could notice. */

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hookBytesMax } from "../../src/contract/limits.ts";
import claudeCodePayloads from "../harness/payloads/claude-code.json";
import codexPayloads from "../harness/payloads/codex.json";
import { processOf } from "../scenario/processes.ts";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { configure, everywhere } from "../support/hooks.ts";
import type { Ran } from "../support/ran.ts";
import { temporaryFolder } from "../support/repository.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { agent, attended, workTree } from "./agent.ts";

const test = skipUnless(
  isBuilt && process.platform === "linux",
  isBuilt ? "a stand-in for an agent needs /proc" : notBuilt,
);

const silent: Ran = { code: 0, out: "", err: "" };

async function running(): Promise<Home> {
  const mini = home("mini");
  configure(mini.folder, everywhere);
  await mini.json(["start"]);
  return mini;
}

const logOf = (mini: Home): readonly { readonly event: string }[] =>
  readFileSync(join(mini.folder, "daemon.log"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

const start = (cwd: string) => ({
  session_id: "session-a",
  cwd,
  hook_event_name: "SessionStart",
  source: "startup",
});

test("a hook says nothing to garbage, and logs a line at most", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  await using claude = agent({ home: mini, cwd });
  const whole = JSON.stringify(start(cwd));
  const garbage: readonly (string | Uint8Array)[] = [
    ...["", "\n", "\0", "{", "[]", "null", "1", `"${whole}"`, whole.slice(0, -1), whole + whole],
    Uint8Array.of(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00),
    "[".repeat(500_000),
    `{"a":`.repeat(100_000),
  ];
  const before = logOf(mini).length;
  for (const bytes of garbage) expect(await claude.hook(bytes)).toEqual(silent);
  const logged = logOf(mini).slice(before);
  expect(logged.map(({ event }) => event)).toEqual(garbage.map(() => "hook_unreadable"));
  const odd = [{}, { ...start(cwd), session_id: 7 }, { ...start(cwd), cwd: "x" }];
  const newer = [{ ...start(cwd), hook_event_name: "SessionPaused" }, { hook_event_name: ["a"] }];
  for (const payload of [...odd, ...newer]) expect(await claude.hook(payload)).toEqual(silent);
  expect(logOf(mini).length).toBe(before + garbage.length);
  expect(await mini.json(["status"])).toMatchObject({ handles: [] });
  const known = { ...start(cwd), unheard_of: { deep: [1] } };
  expect((await claude.hook(known)).out).toContain("peernet: live as mini/hydrate");
});

test("a hook takes all of a payload that is too large, and says nothing to it", async () => {
  await using mini = await running();
  await using claude = agent({ home: mini, cwd: workTree(mini, "hydrate") });
  const huge = Buffer.alloc(hookBytesMax + 1, " ");
  expect(await claude.hook(huge)).toEqual(silent);
  expect(logOf(mini).at(-1)?.event).toBe("hook_unreadable");
  // A writer that is cut short would see it.
  const writer = `head -c ${2 * hookBytesMax} /dev/zero; echo $? >&3`;
  const script = `{ { ${writer}; } | '${executable}' hook claude-code; } 3>&1`;
  const written = await mini.run([], { before: ["/bin/sh", "-c", script] });
  expect(written).toEqual({ ...silent, out: "0\n" });
  // One that is just not too large is a payload.
  const large = { output: "x".repeat(hookBytesMax - 1_024) };
  expect((await claude.on("SessionStart", large)).out).toContain("mini/hydrate");
});

test("a hook starts no daemon and makes no home", async () => {
  await using mini = home("mini");
  const cwd = workTree(mini, "hydrate");
  const stdin = JSON.stringify(start(cwd));
  const before = readdirSync(mini.folder);
  expect(await mini.run(["hook", "claude-code"], { stdin })).toEqual(silent);
  expect(await mini.run(["hook", "claude-code"], { stdin: "{" })).toEqual(silent);
  expect(readdirSync(mini.folder)).toEqual(before);
  const absent = { PEERNET_HOME: join(mini.folder, "absent") };
  expect(await mini.run(["hook", "codex"], { stdin, environment: absent })).toEqual(silent);
  expect(await mini.run(["hook", "codex"], { stdin: "{", environment: absent })).toEqual(silent);
  expect(readdirSync(mini.folder)).toEqual(before);
  await mini.json(["start"]);
  await mini.json(["stop"]);
  await using claude = agent({ home: mini, cwd });
  expect(await claude.on("SessionStart", { source: "startup" })).toEqual(silent);
  expect((await mini.run(["status"])).code).toBe(3);
});

test("a hook prints nothing when its home or its agent is not given", async () => {
  const run = async (words: readonly string[], env: Readonly<Record<string, string>>) => {
    const child = Bun.spawn([executable, "hook", ...words], {
      env: { ...env },
      stdin: Buffer.from(JSON.stringify(start("/"))),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  };
  expect(await run(["claude-code"], {})).toEqual(silent);
  expect(await run(["codex"], { PEERNET_HOME: "not/absolute", HOME: "/" })).toEqual(silent);
  for (const words of [[], ["gemini"], ["constructor"], ["claude-code", "more"], ["--json"]]) {
    expect([words, await run(words, {})]).toEqual([words, silent]);
  }
});

test("a hook ends well where its input or its output is broken", async () => {
  await using mini = await running();
  const stdin = JSON.stringify(start(workTree(mini, "hydrate")));
  const environment = { ...attended, CLAUDE_PID: String(process.pid) };
  for (const broken of ["< /", "<&-", ">&-", "> /dev/full", "2>&-", "| true"]) {
    const script = `'${executable}' hook claude-code ${broken}`;
    const { code, out, err } = await mini.run([], {
      stdin,
      environment,
      before: ["/bin/sh", "-c", script],
    });
    expect([broken, code, err, out === "" || broken === "2>&-"]).toEqual([broken, 0, "", true]);
  }
});

test("a hook tells a person at a terminal that it is not theirs", async () => {
  await using mini = home("mini");
  let shown = "";
  const child = Bun.spawn([executable, "hook", "claude-code"], {
    env: mini.environment,
    terminal: {
      cols: 120,
      data: (_, bytes) => {
        shown += new TextDecoder().decode(bytes);
      },
    },
  });
  expect(await child.exited).toBe(2);
  await until("it is shown", () => shown.includes("hint"));
  expect(shown.replaceAll("\r", "")).toBe(
    "peernet: error: a coding agent runs this, and hands it what happened in a session\n" +
      "peernet: hint: peernet setup\n",
  );
});

test("a hook's pipes close when it ends, and its keeper has nothing of the agent's", async () => {
  await using mini = await running();
  using folder = temporaryFolder();
  const cwd = workTree(mini, "hydrate");
  const held = folder.write("held", "");
  const secret = { ...attended, CLAUDE_PID: String(process.pid), AGENT_SECRET: "hunter2" };
  const child = Bun.spawn(
    ["/bin/sh", "-c", `exec 9> '${held}'; '${executable}' hook claude-code`],
    {
      env: { ...mini.environment, ...secret },
      stdin: Buffer.from(JSON.stringify(start(cwd))),
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect([out.includes("mini/hydrate"), err, await child.exited]).toEqual([true, "", 0]);
  await until("the keeper runs", () => processOf(mini, "keeper") !== undefined);
  const keeper = processOf(mini, "keeper");
  expect(readFileSync(`/proc/${keeper}/environ`, "utf8")).not.toContain("hunter2");
  expect(readlinkSync(`/proc/${keeper}/cwd`)).toBe("/");
  const open = readdirSync(`/proc/${keeper}/fd`).map((fd) => linkOf(`/proc/${keeper}/fd/${fd}`));
  expect(open.filter((path) => path === held || path.startsWith("pipe:"))).toEqual([]);
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** A payload in which every unread field is a canary, and so is every field's name. */
const planted = (payload: object): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(
    Object.entries(payload).map(([key, value]) => [key, told.has(key) ? value : canary]),
  ),
  ...Object.fromEntries(
    ["prompt", "transcript_path", "tool_input", "tool_response", "last_assistant_message"].map(
      (key) => [key, { [canary]: canary }],
    ),
  ),
  // An edit names files: the daemon learns of digests alone.
  tool_input: {
    [canary]: canary,
    file_path: `/home/someone/hydrate/${canary}`,
    command: `*** Add File: ${canary}`,
  },
  [canary]: canary,
});
const canary = "canary-8d1f";
const digest = expect.stringMatching(/^[\w-]{43}$/);
const told = new Set(["session_id", "cwd", "hook_event_name", "source", "reason", "agent_id"]);

test("P26: Nothing that was said in a session leaves a hook.", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  const recorded = { "claude-code": claudeCodePayloads, codex: codexPayloads };
  for (const [harness, payloads] of Object.entries(recorded)) {
    await using one = agent({
      home: mini,
      cwd,
      harness: harness === "codex" ? "codex" : "claude-code",
      words: ["app-server"],
    });
    for (const payload of payloads) {
      const { code, out, err } = await one.hook({ ...planted(payload), cwd });
      expect([code, err, out.includes(canary)]).toEqual([0, "", false]);
      await one.hook(JSON.stringify({ ...planted(payload), cwd }).slice(0, -1));
    }
  }
  const files = readdirSync(mini.folder, { withFileTypes: true }).filter((file) => file.isFile());
  const names = files.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["daemon.log", "state.db", "state.db-wal"]));
  const bytes = names.map((name) => readFileSync(join(mini.folder, name), "latin1")).join("");
  // The searched fields are those of a session.
  const known = claudeCodePayloads[0]?.session_id ?? "";
  expect([bytes.includes(known), bytes.includes(canary)]).toEqual([true, false]);
});

test("nothing that was said in a session is on the socket", async () => {
  await using mini = home("mini");
  const received: { readonly head: string; readonly body: string }[] = [];
  using server = Bun.serve({
    unix: join(mini.folder, "control.sock"),
    fetch: async (request) => {
      const head = `${request.url} ${JSON.stringify(request.headers)}`;
      received.push({ head, body: await request.text() });
      const tree = { root: "/home/someone/hydrate", identity: "a".repeat(40) };
      if (request.url.endsWith("/edit")) return Response.json({ tree, warning: null });
      return Response.json({ handle: null, refused: null, taken: false, visible_to: [], live: [] });
    },
  });
  for (const payload of claudeCodePayloads) {
    const stdin = JSON.stringify(planted(payload));
    expect(await mini.run(["hook", "claude-code"], { stdin })).toEqual(silent);
  }
  expect(received.length).toBeGreaterThan(8);
  expect(received.filter(({ head, body }) => `${head}${body}`.includes(canary))).toEqual([]);
  const edits = received.filter(({ head }) => head.includes("/v1/overlap/edit "));
  expect(edits.map(({ body }) => JSON.parse(body))).toEqual(
    [0, 1].map((paths) => ({ session: expect.anything(), paths: new Array(paths).fill(digest) })),
  );
  for (const { body } of received.filter((each) => !edits.includes(each))) {
    const { turn, ...told } = JSON.parse(body);
    expect(Object.keys(told).sort()).toEqual([
      ...["cwd", "event", "excluded", "harness", "headless", "process", "project", "root"],
      ...["session_id", "sole", "state"],
    ]);
    // The words of a turn are a moment, three signs, nonces of ours, a mode and a record's size.
    expect(Object.keys(turn ?? {}).sort()).toEqual(
      turn === undefined
        ? []
        : ["asks", "continued", "moment", "nonces", "own", "record", "subagent"],
    );
  }
  await server.stop(true);
  rmSync(join(mini.folder, "control.sock"), { force: true });
  expect(existsSync(join(mini.folder, "daemon.log"))).toBe(false);
});
