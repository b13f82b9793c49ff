/** The pairing code leaves no trace: in no file, log, argument or core file; and it is random. */

import { expect, test as plain, setDefaultTimeout } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { codesCount } from "../../src/core/pairing.ts";
import { random } from "../../src/platform/real.ts";
import { executable, type Home, home } from "../support/executable.ts";
import { temporaryFolder } from "../support/repository.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { opening, type Place } from "./pairing.ts";
import { canSeeProcesses, noProcesses, processOf } from "./processes.ts";

const test = skipUnless(canSeeProcesses, noProcesses);
const testTracing = canSeeProcesses ? skipUnless(hasProgram("strace"), "no strace here") : test;
setDefaultTimeout(30_000);

/** The written forms of a code. */
const writtenAs = (code: string): readonly string[] => [
  code,
  `${code.slice(0, 3)}-${code.slice(3)}`,
  Buffer.from(code, "utf16le").toString("latin1"),
];

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);

/** The files below a folder in which a code stands. */
const filesWith = (folder: string, code: string): readonly string[] =>
  filesBelow(folder).filter((path) => {
    const bytes = readFileSync(path).toString("latin1");
    return writtenAs(code).some((text) => bytes.includes(text));
  });

/** The processes of this machine in whose arguments or environment a code stands. */
const processesWith = (code: string): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
    .filter((path) => writtenAs(code).some((text) => readOrNothing(path).includes(text)));

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** The words that make a command write down everything it executes. */
const tracing = (log: string): readonly string[] => [
  ...["strace", "--follow-forks", "--string-limit=4096", "--trace=execve,execveat"],
  `--output=${log}`,
];

testTracing(
  "P4: The pairing code is in no file, no log and no argument of any process.",
  async () => {
    using traces = temporaryFolder();
    await using mini = home("mini");
    await using laptop = home("laptop");
    for (const each of [mini, laptop]) await each.json(["start"]);
    const shows: Place = { ...mini, before: tracing(join(traces.path, "shows")) };
    const window = await opening(shows);
    const found: string[] = [];
    const look = (): void => {
      found.push(...filesWith(mini.folder, window.code), ...filesWith(laptop.folder, window.code));
      found.push(...processesWith(window.code));
    };
    look();
    const words = ["pair", "-", "--to", window.address];
    const types = { stdin: window.code, before: tracing(join(traces.path, "types")) };
    let isDone = false;
    const joining = laptop.run(words, types).finally(() => {
      isDone = true;
    });
    await until("both have paired", () => {
      look();
      return isDone;
    });
    expect((await joining).code).toBe(0);
    expect(await window.ended).toBe(0);
    look();
    for (const each of [mini, laptop]) await each.run(["stop"]);
    look();
    const executed = filesBelow(traces.path).map((path) => readFileSync(path, "utf8"));
    expect(executed.map((text) => text.includes("execve("))).toEqual([true, true]);
    expect([...found, ...filesWith(traces.path, window.code)]).toEqual([]);
  },
);

/** Runs the executable so that a crash would leave a core file where it runs. */
const crashing = (home: Home, folder: string, ...words: readonly string[]) =>
  Bun.spawn(["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", executable, ...words], {
    cwd: folder,
    env: { ...home.environment },
    stdio: ["ignore", "pipe", "ignore"],
  });

/** True when a crash leaves a core file in the crashed program's folder, on this machine. */
function leavesCore(): boolean {
  using folder = temporaryFolder();
  const script = "ulimit -c unlimited; kill -SEGV $$";
  Bun.spawnSync(["sh", "-c", script], { cwd: folder.path });
  return readdirSync(folder.path).length > 0;
}

const testCrash =
  canSeeProcesses && hasProgram("sh")
    ? skipUnless(leavesCore(), "core files are not written to the folder of what crashed here")
    : test;

testCrash("the daemon leaves no core file when it crashes", async () => {
  using folder = temporaryFolder();
  await using mini = home("mini");
  const child = crashing(mini, folder.path, "daemon");
  await until("it answers", async () => (await mini.run(["status"])).code === 0);
  process.kill(processOf(mini, "daemon") ?? 0, "SIGSEGV");
  expect(await child.exited).not.toBe(0);
  expect(readdirSync(folder.path)).toEqual([]);
});

testCrash("pair leaves no core file when it crashes while it shows a code", async () => {
  using folder = temporaryFolder();
  await using mini = home("mini");
  await mini.json(["start"]);
  const child = crashing(mini, folder.path, "pair", "--open", "--json");
  await child.stdout.getReader().read();
  child.kill("SIGSEGV");
  expect(await child.exited).not.toBe(0);
  expect(readdirSync(folder.path)).toEqual([]);
  await until("its window is closed", async () => {
    const { window } = (await mini.json(["status"])) as { window: { open: boolean } };
    return !window.open;
  });
});

plain("codes are drawn uniformly: a million of them, in a hundred classes", () => {
  const classes = 100;
  const draws = 1_000_000;
  const expected = draws / classes;
  for (const classOf of [(code: number) => code % classes, (code: number) => code / 10_000]) {
    const counts = new Uint32Array(classes);
    for (let draw = 0; draw < draws; draw++) {
      const at = Math.floor(classOf(random.integer(codesCount)));
      counts[at] = (counts[at] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99 degrees of freedom: outside of this once in 10⁹ runs.
    expect(chiSquare).toBeLessThan(210);
    expect(chiSquare).toBeGreaterThan(35);
  }
});
