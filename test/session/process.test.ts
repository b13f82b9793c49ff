import { expect, test } from "bun:test";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ancestorsMax } from "../../src/contract/limits.ts";
import {
  type Ancestor,
  ancestorsOf,
  isAlive,
  processOf,
  sessionProcess,
} from "../../src/session/process.ts";
import { parseRow } from "../../src/session/process-macos.ts";
import { type Folder, temporaryFolder } from "../support/repository.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";

const onLinux = skipUnless(process.platform === "linux", "there is no /proc");
const environment = { PATH: process.env.PATH ?? "" };

interface Started extends AsyncDisposable {
  readonly pid: number;
  /** Its output, once it has printed a line. */
  readonly line: string;
}

/** Starts a program and waits for its first line; ends its whole session afterwards. */
async function started(command: readonly string[], argv0?: string): Promise<Started> {
  const child = Bun.spawn([...command], {
    env: environment,
    stdin: "ignore",
    stdout: "pipe",
    detached: true,
    ...(argv0 === undefined ? {} : { argv0 }),
  });
  const reader = child.stdout.getReader();
  let printed = "";
  for (let ended = false; !ended && !printed.includes("\n"); ) {
    const chunk = await reader.read();
    ended = chunk.done;
    printed += new TextDecoder().decode(chunk.value);
  }
  return {
    pid: child.pid,
    line: printed.split("\n")[0] ?? "",
    [Symbol.asyncDispose]: async () => {
      endGroup(child.pid);
      await child.exited;
    },
  };
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // A test has ended all of it already.
  }
}

/** A copy of the shell under another name: the system's name for it. */
function shellCalled(folder: Folder, name: string): string {
  const file = join(folder.path, name);
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync("/bin/sh", file);
  return file;
}

/** A shell script that prints the number of a child and waits for it. */
const parent = "sleep 600 & echo $!; wait";

test("processOf() identifies a process, the same way each time", () => {
  const own = processOf(process.pid);
  expect(own).toEqual({ pid: process.pid, start_time: expect.stringMatching(/./) });
  expect(processOf(process.pid)).toEqual(own);
});

test("processOf() says null for a number that no process has", () => {
  expect([processOf(0), processOf(2 ** 30), processOf(-1)]).toEqual([null, null, null]);
});

test("isAlive() tells a process from a later one of the same number", async () => {
  await using shell = await started(["sh", "-c", "echo; sleep 600"]);
  const known = processOf(shell.pid);
  if (known === null) throw new Error("the shell is not seen");
  expect(isAlive(known)).toBe(true);
  expect(isAlive({ ...known, start_time: `${known.start_time}1` })).toBe(false);
  process.kill(shell.pid, "SIGKILL");
  await until("it is gone", () => !isAlive(known));
});

test("isAlive() takes a zombie for gone", async () => {
  // The shell becomes a program that never waits for the child the shell had.
  await using shell = await started(["sh", "-c", "sleep 600 & echo $!; exec sleep 600"]);
  const known = processOf(Number(shell.line));
  if (known === null) throw new Error("the child is not seen");
  await until("it did", () => ancestorsOf(known.pid)[0]?.name === "sleep");
  expect(isAlive(known)).toBe(true);
  process.kill(known.pid, "SIGKILL");
  await until("it is gone", () => !isAlive(known));
  expect(process.kill(known.pid, 0)).toBe(true);
});

onLinux("processOf() and ancestorsOf() read a name of spaces and parentheses", async () => {
  using folder = temporaryFolder();
  const name = "a) R 1 (2 3) b";
  await using shell = await started([shellCalled(folder, name), "-c", parent]);
  expect(readFileSync(`/proc/${shell.pid}/stat`, "utf8")).toContain(`(${name})`);
  const [first] = ancestorsOf(Number(shell.line));
  expect(first).toMatchObject({ name, pid: shell.pid, ...processOf(shell.pid) });
  expect(processOf(shell.pid)?.start_time).toMatch(/^[1-9][0-9]+$/);
});

test("ancestorsOf() goes up from the nearest to the first process", async () => {
  await using shell = await started(["sh", "-c", `sh -c '${parent}; true'; true`]);
  const ancestors = ancestorsOf(Number(shell.line));
  expect(ancestors[1]).toMatchObject({ ...processOf(shell.pid), sessionLeader: true });
  expect(ancestors[2]).toMatchObject({ ...processOf(process.pid) });
  expect(ancestors[0]).toMatchObject({ sessionLeader: false, terminal: false });
  expect(ancestors.slice(2)).toEqual([expect.anything(), ...ancestorsOf(process.pid)]);
});

test("ancestorsOf() names at most 64", async () => {
  using folder = temporaryFolder();
  const deep = folder.script(
    "deep",
    `if [ $1 -gt 0 ]; then "$0" $(($1 - 1)); else ${parent}; fi; true`,
  );
  const depth = async (shells: number): Promise<number> => {
    await using shell = await started([deep, String(shells)]);
    return ancestorsOf(Number(shell.line)).length;
  };
  const above = ancestorsOf(process.pid).length + 1;
  expect(await depth(ancestorsMax - above - 2)).toBe(ancestorsMax - 1);
  expect(await depth(ancestorsMax - above - 1)).toBe(ancestorsMax);
  expect(await depth(ancestorsMax - above)).toBe(ancestorsMax);
});

const unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork"];
const canUnshare = process.platform === "linux" && Bun.spawnSync([...unshare, "true"]).success;

skipUnless(canUnshare, "a namespace cannot be made")(
  "ancestorsOf() says none where the numbers are another namespace's",
  () => {
    using folder = temporaryFolder();
    const module = join(import.meta.dir, "../../src/session/process.ts");
    const script = folder.write(
      "script.ts",
      `import { ancestorsOf } from ${JSON.stringify(module)};
console.log(ancestorsOf(${process.pid}).length);`,
    );
    const print = (...command: string[]): number =>
      Number(Bun.spawnSync([...command, process.execPath, script]).stdout.toString());
    expect([print("env"), print(...unshare)]).toEqual([ancestorsOf(process.pid).length, 0]);
  },
);

test("sessionProcess() finds the shell of a terminal, and no shell without one", async () => {
  const printed = Promise.withResolvers<string>();
  let text = "";
  const child = Bun.spawn(["sh", "-c", parent], {
    env: environment,
    terminal: {
      data: (_, bytes) => {
        text += new TextDecoder().decode(bytes);
        if (text.includes("\n")) printed.resolve(text);
      },
    },
  });
  try {
    const ancestors = ancestorsOf(Number(await printed.promise));
    expect(ancestors[0]).toMatchObject({ sessionLeader: true, terminal: true });
    const found = sessionProcess(ancestors.slice(0, 1), { CLAUDE_CODE_SESSION_ID: "left-over" });
    expect(found).toMatchObject({ harness: "shell", session_id: null });
    expect(found?.process ?? null).toEqual(processOf(child.pid));
  } finally {
    endGroup(child.pid);
    await child.exited;
  }
  await using transient = await started(["sh", "-c", parent]);
  const [leader] = ancestorsOf(Number(transient.line));
  expect(leader).toMatchObject({ sessionLeader: true, terminal: false });
  expect(sessionProcess(leader === undefined ? [] : [leader], {})).toBeNull();
});

for (const [called, argv0, harness] of [
  ["claude", undefined, "claude-code"],
  ["claude.exe", undefined, "claude-code"],
  ["node", "/opt/bin/claude", "claude-code"],
  ["lib/claude-code/cli", undefined, "claude-code"],
  ["claude/versions/2.1.329", undefined, "claude-code"],
  ["codex", undefined, "codex"],
  ["codex-linux-sandbox", undefined, null],
  ["claude-helper", undefined, null],
  ["node", undefined, null],
] as const) {
  onLinux(`sessionProcess() takes ${called} called ${argv0 ?? "so"} for ${harness}`, async () => {
    using folder = temporaryFolder();
    await using shell = await started([shellCalled(folder, called), "-c", parent], argv0);
    const [first] = ancestorsOf(Number(shell.line));
    const found = sessionProcess(first === undefined ? [] : [first], {});
    expect([found?.harness ?? null, found?.session_id ?? null]).toEqual([harness, null]);
    expect(found?.process ?? null).toEqual(harness === null ? null : processOf(shell.pid));
  });
}

const ancestor = (pid: number, known: Partial<Ancestor> = {}): Ancestor => ({
  pid,
  start_time: String(1_000 - pid),
  name: "sh",
  executable: null,
  calledAs: null,
  sessionLeader: false,
  terminal: false,
  ...known,
});

test("sessionProcess() prefers the process that Claude Code names, if it is an ancestor", () => {
  const line = [ancestor(3), ancestor(2, { name: "claude" }), ancestor(1)];
  const found = (CLAUDE_PID: string) => sessionProcess(line, { CLAUDE_PID })?.process.pid;
  expect([found("1"), found("3"), found("2"), found("4"), found("")]).toEqual([1, 3, 2, 2, 2]);
});

test("sessionProcess() takes the nearest of two harnesses", () => {
  const claude = { name: "claude" };
  const codex = { name: "codex" };
  const harness = (line: Ancestor[], CLAUDE_PID?: string) => {
    const found = sessionProcess(line, { CLAUDE_PID, CLAUDE_CODE_SESSION_ID: "c" });
    return [found?.harness, found?.process.pid, found?.session_id];
  };
  expect(harness([ancestor(2, codex), ancestor(1, claude)])).toEqual(["codex", 2, null]);
  expect(harness([ancestor(2, codex), ancestor(1, claude)], "1")).toEqual(["codex", 2, null]);
  expect(harness([ancestor(2, claude), ancestor(1, codex)])).toEqual(["claude-code", 2, "c"]);
  expect(harness([ancestor(2, claude), ancestor(1, claude)])).toEqual(["claude-code", 2, "c"]);
});

test("sessionProcess() takes a harness before the shell of a nearer terminal", () => {
  const shell = { sessionLeader: true, terminal: true };
  const line = [ancestor(3, shell), ancestor(2, { name: "claude" }), ancestor(1, shell)];
  expect(sessionProcess(line, {})?.process).toEqual({ pid: 2, start_time: "998" });
});

test("sessionProcess() passes over leaders without a terminal and others in one", () => {
  const line = [
    ancestor(4, { sessionLeader: true }),
    ancestor(3, { terminal: true }),
    ancestor(2, { sessionLeader: true, terminal: true }),
  ];
  expect(sessionProcess(line, {})?.process.pid).toBe(2);
  expect(sessionProcess(line.slice(0, 2), {})).toBeNull();
  expect(sessionProcess([], {})).toBeNull();
});

test("sessionProcess() takes a session id of 1 to 128 bytes and no other", () => {
  const id = (CLAUDE_CODE_SESSION_ID: string | undefined) =>
    sessionProcess([ancestor(1, { name: "claude" })], { CLAUDE_CODE_SESSION_ID })?.session_id;
  expect(id("é".repeat(64))).toBe("é".repeat(64));
  expect([id(`${"é".repeat(64)}a`), id(""), id(undefined)]).toEqual([null, null, null]);
});

test("parseRow() reads what macOS prints", () => {
  const start = "Tue Nov  4 20:29:16 2026";
  expect(parseRow(`  501   1 Ss   ttys003  ${start}     /Users/a b/.local/claude`)).toEqual({
    pid: 501,
    parent: 1,
    start_time: "Tue Nov 4 20:29:16 2026",
    name: "claude",
    executable: "/Users/a b/.local/claude",
    calledAs: "/Users/a b/.local/claude",
    sessionLeader: true,
    terminal: true,
  });
  expect(parseRow(`501 1 S+ ?? ${start} -zsh`)).toMatchObject({
    name: "-zsh",
    sessionLeader: false,
    terminal: false,
  });
  expect(parseRow(`501 1 Z ?? ${start} (zsh)`)).toBeNull();
  expect(parseRow("")).toBeNull();
});

onLinux("parseRow() reads the same columns of another system's ps", async () => {
  await using shell = await started(["sh", "-c", "echo; sleep 600"]);
  const columns = "pid=,ppid=,stat=,tty=,lstart=,comm=";
  const { stdout } = Bun.spawnSync(["ps", "-p", String(shell.pid), "-o", columns]);
  expect(parseRow(stdout.toString().trimEnd())).toMatchObject({
    pid: shell.pid,
    parent: process.pid,
    name: "sh",
    sessionLeader: true,
    terminal: false,
  });
});
