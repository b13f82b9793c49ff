import { afterAll, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { sessionIdBytesMax } from "../../../src/contract/limits.ts";
import { ancestorsOf, processOf } from "../../../src/session/process.ts";
import { repository, temporaryFolder } from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { failed, noDaemon, run, type Scene, text } from "../support.ts";

const cleanups: (() => void)[] = [];
afterAll(() => {
  for (const cleanup of cleanups.reverse()) cleanup();
});

/** The environment of a test: Claude Code names its process to its children. */
const claude = {
  CLAUDE_PID: String(process.ppid),
  CLAUDE_CODE_SESSION_ID: "11111111-2222-4333-8444-555555555555",
  PATH: process.env.PATH,
};

const live = {
  handle: "hydrate",
  generation: 1,
  expires_in_ms: 75_000,
  renamed_from: null,
  visible_to: ["laptop"],
};

const scene = (changed: Partial<typeof live> | { readonly renamed_from: string } = {}): Scene => ({
  environment: claude,
  answers: { activate: async () => ({ ...live, ...changed }) },
});

test("activate takes a handle for the session it is typed in, and says how to leave", async () => {
  using folder = repository();
  const outcome = await run("activate", { ...scene(), cwd: folder.tree, home: folder.path });
  expect(outcome).toMatchObject({
    exit: 0,
    out: text("live as hydrate, laptop may ask"),
    err: text("to leave: peernet deactivate hydrate"),
    done: ["ensureKeeper"],
  });
  expect(outcome.calls).toEqual([
    [
      "activate",
      {
        harness: "claude-code",
        process: processOf(process.ppid),
        session_id: claude.CLAUDE_CODE_SESSION_ID,
        cwd: folder.tree,
        project: "hydrate",
        git: {
          sha: folder.git("rev-parse", "HEAD"),
          subject: "Add water",
          branch: "main",
          dirty: 0,
          ahead: null,
          behind: null,
          why: { ahead: "no_upstream" },
        },
      },
    ],
  ]);
});

test("activate leaves git to the keeper before a home has its folder", async () => {
  using folder = repository();
  const { calls } = await run("activate", { ...scene(), cwd: folder.tree });
  expect(Object.keys(Object(calls[0]?.[1]))).not.toContain("git");
});

test("activate hands a name, a summary and another folder on", async () => {
  using folder = temporaryFolder();
  folder.write("notes/a.txt", "a");
  const words = ["activate", "water", "--summary", "port the client", "--cwd", "notes"];
  const { calls } = await run(words, { ...scene(), cwd: folder.path });
  expect(calls[0]?.[1]).toMatchObject({
    name: "water",
    summary: "port the client",
    cwd: join(folder.path, "notes"),
    project: "notes",
    git: null,
  });
});

test("activate says which peers may ask, and what the handle was called before", async () => {
  const lines: readonly (readonly [Parameters<typeof scene>[0], string])[] = [
    [{ visible_to: [] }, "live as hydrate, no paired machine may ask yet"],
    [{ visible_to: ["a", "b"] }, "live as hydrate, a and b may ask"],
    [{ visible_to: ["a", "b", "c", "d"] }, "live as hydrate, a, b, c and d may ask"],
    [
      { visible_to: ["a", "b", "c", "d", "e", "f"] },
      "live as hydrate, a, b, c, d and 2 more may ask",
    ],
    [{ renamed_from: "water" }, "live as hydrate (was water), laptop may ask"],
    [{ handle: "mini/hydrate" }, "live as mini/hydrate, laptop may ask"],
  ];
  const outside = "/ is in no git repository: peers are shown its name, /";
  for (const [changed, line] of lines) {
    const { out, err } = await run("activate", scene(changed));
    expect([out, err]).toEqual([text(line), text("to leave: peernet deactivate hydrate", outside)]);
  }
});

test("activate starts a daemon, and no keeper for a lease it did not get", async () => {
  expect(
    await run("activate", { environment: claude, answers: { activate: noDaemon } }),
  ).toMatchObject({
    exit: 3,
    err: failed("the daemon is not running", "peernet start"),
    done: ["ensureDaemon"],
  });
});

test("activate prints the daemon's answer unchanged with --json", async () => {
  const { out, err } = await run("activate --json", scene());
  expect([out, err]).toEqual([text(JSON.stringify(live)), ""]);
});

test("activate --pid takes a process for the session", async () => {
  const { calls } = await run(`activate --pid ${process.pid}`, scene());
  expect(calls[0]?.[1]).toMatchObject({
    harness: "shell",
    session_id: null,
    process: processOf(process.pid),
  });
  // An ancestor that is a known harness stays what it is.
  const named = await run(`activate --pid ${process.ppid}`, scene());
  expect(named.calls[0]?.[1]).toMatchObject({
    harness: "claude-code",
    session_id: claude.CLAUDE_CODE_SESSION_ID,
    process: processOf(process.ppid),
  });
});

test("activate --pid exits 2 for a process that there is not", async () => {
  const child = Bun.spawn(["true"]);
  await child.exited;
  expect(await run(`activate --pid ${child.pid}`, scene())).toMatchObject({
    exit: 2,
    out: "",
    err: failed(`no process has the number ${child.pid}`, "peernet activate --pid PID"),
    calls: [],
    done: [],
  });
});

/** A process that sleeps below a program and, once that has ended, below none of ours. */
async function sleeper(program: string, command: string): Promise<number> {
  const child = Bun.spawn([program, "-c", command], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const reader = child.stdout.getReader();
  const first = await reader.read();
  const pid = Number(new TextDecoder().decode(first.value));
  cleanups.push(() => {
    process.kill(pid);
    child.kill();
  });
  return pid;
}

const linux = skipUnless(process.platform === "linux", "processes are named differently elsewhere");

linux("activate exits 2 where no session is above it, asking for a process", async () => {
  const orphan = await sleeper("/bin/sh", "sleep 60 & echo $!");
  const isOrphan = () => ancestorsOf(orphan).every(({ pid }) => pid !== process.pid);
  await until("the shell above it has ended", isOrphan);
  expect(ancestorsOf(orphan).length).toBeGreaterThan(0);
  expect(await run("activate", { pid: orphan, environment: {} })).toMatchObject({
    exit: 2,
    out: "",
    err: failed(
      "no coding agent and no terminal's shell is above this process",
      "name the session's process: peernet activate --pid PID",
    ),
    calls: [],
    done: [],
  });
});

linux("activate exits 3 in a sandbox, naming the tool that works there", async () => {
  using folder = temporaryFolder();
  const sandbox = join(folder.path, "codex-linux-sandbox");
  symlinkSync("/bin/bash", sandbox);
  const boxed = await sleeper(sandbox, "sleep 60 & echo $!; wait");
  expect(await run("activate", { pid: boxed, environment: {} })).toMatchObject({
    exit: 3,
    out: "",
    err: failed(
      "this session is in a sandbox, from which the daemon cannot be reached",
      "use the MCP tool activate_session",
    ),
    calls: [],
    done: [],
  });
});

const ancestors = () =>
  ancestorsOf(process.pid).map(({ pid, start_time }) => ({ pid, start_time }));

test("deactivate releases the lease of this session", async () => {
  const answers = { deactivate: async () => ({ handle: "hydrate" }) };
  expect(await run("deactivate", { environment: claude, answers })).toEqual({
    exit: 0,
    out: text("hydrate is no longer live"),
    err: "",
    calls: [["deactivate", { session_id: claude.CLAUDE_CODE_SESSION_ID, processes: ancestors() }]],
    done: [],
  });
});

test("deactivate NAME releases that one", async () => {
  const answers = { deactivate: async () => ({ handle: "water" }) };
  const { calls, out } = await run("deactivate water", { environment: claude, answers });
  expect([calls, out]).toEqual([
    [["deactivate", { name: "water" }]],
    text("water is no longer live"),
  ]);
  const asJson = await run("deactivate water --json", { answers });
  expect(asJson.out).toBe(text('{"handle":"water"}'));
});

test("deactivate goes by processes alone where no usable session is named", async () => {
  const answers = { deactivate: async () => ({ handle: "hydrate" }) };
  const fits = "x".repeat(sessionIdBytesMax);
  for (const [id, usable] of [
    [undefined, false],
    ["", false],
    [`${fits}x`, false],
    [fits, true],
  ] as const) {
    const environment = { CLAUDE_CODE_SESSION_ID: id };
    const { calls } = await run("deactivate", { environment, answers });
    expect(calls[0]?.[1]).toEqual({
      ...(usable ? { session_id: id } : {}),
      processes: ancestors(),
    });
  }
});

const said = { summary: async () => ({ handle: "hydrate", summary: "port the client" }) };

test("summary says what this session is doing, words joined", async () => {
  const outcome = await run("summary port the client", { environment: claude, answers: said });
  expect(outcome).toEqual({
    exit: 0,
    out: text("hydrate says: port the client"),
    err: "",
    calls: [
      [
        "summary",
        {
          selector: { session_id: claude.CLAUDE_CODE_SESSION_ID, processes: ancestors() },
          text: "port the client",
        },
      ],
    ],
    done: [],
  });
});

test("summary --name says it of another session of this machine", async () => {
  const { calls } = await run("summary done --name water", { answers: said });
  expect(calls).toEqual([["summary", { selector: { name: "water" }, text: "done" }]]);
  expect((await run("summary done --json", { answers: said })).out).toBe(
    text('{"handle":"hydrate","summary":"port the client"}'),
  );
});
