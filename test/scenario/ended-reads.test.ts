/**
 * Readings that end or cannot begin: no keeper, root, a killed reader, an unpaired machine; and
 * those that a session's handle or a rule's history opens. By the built executable.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { home, isBuilt } from "../support/executable.ts";
import { canBeOrdinary, giveTo } from "../support/ordinary.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { commit, type Machine, machine, paired } from "./ordinary.ts";

const test = skipUnless(canBeOrdinary && isBuilt, "needs the built executable, and Linux");
setDefaultTimeout(60_000);

let mini: Machine;
let laptop: Machine;
let repository: string;

if (canBeOrdinary && isBuilt) {
  beforeAll(async () => {
    [mini, laptop] = await Promise.all([machine("mini"), machine("laptop")]);
    repository = mini.repository("hydrate", { "a.txt": "first\n" });
    await paired(mini, laptop);
    const ran = await mini.run(["policy", "allow", "laptop", "read", repository, "--yes"]);
    if (ran.code !== 0) throw new Error(ran.err);
  });
  afterAll(async () => {
    await mini[Symbol.asyncDispose]();
    await laptop[Symbol.asyncDispose]();
  });
}

const cat = (target: string, ...words: readonly string[]) => laptop.run(["cat", target, ...words]);

/** The processes of a command line on mini, by number. */
const processes = (form: RegExp): readonly number[] =>
  mini
    .does("ps", "-eo", "pid,args")
    .split("\n")
    .flatMap((line) => {
      const [, pid, args = ""] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
      return form.test(args) ? [Number(pid)] : [];
    });
const readers = /^peernet reader$/;

test("a reader that is killed is replaced by the next reading", async () => {
  expect((await cat("mini:hydrate", "a.txt")).out).toBe("first\n");
  const [pid = 0] = processes(readers);
  process.kill(pid, "SIGKILL");
  await until("it has ended", () => !processes(readers).includes(pid));
  const ran = await cat("mini:hydrate", "a.txt");
  // The keeper finds it gone; the caller opens another.
  expect([0, 5]).toContain(ran.code);
  expect((await cat("mini:hydrate", "a.txt")).out).toBe("first\n");
});

test("a session's handle stands for the repository of its work tree", async () => {
  const before = mini.command.slice(0, -1);
  const session = Bun.spawn([...before, "sleep", "60"], { cwd: repository });
  const process = ["--pid", String(session.pid)];
  const activate = [...mini.command, "activate", "worker", ...process];
  const taking = Bun.spawn(activate, { cwd: repository, env: { ...mini.environment } });
  expect(await taking.exited).toBe(0);
  expect(await cat("mini/worker", "a.txt")).toMatchObject({ code: 0, out: "first\n" });
  // A session in no readable repository, and none at all, are answered alike.
  const nobody = await cat("mini/nobody", "a.txt");
  expect(nobody).toMatchObject({ code: 1, out: "" });
  expect(nobody.err).toContain("mini lets this machine read no repository mini/nobody");
  session.kill();
  await session.exited;
});

test("an ancestor is read where the rule says so, and nowhere else", async () => {
  const first = mini.does("git", "-C", repository, "rev-parse", "HEAD");
  writeFileSync(join(repository, "a.txt"), "second\n");
  mini.does("git", "-C", repository, "add", "-A");
  commit(mini.does, repository, "second");
  expect((await cat("mini:hydrate", "a.txt", "--at", first)).code).toBe(4);
  const policy = join(mini.folder, ".p/policy.toml");
  const text = await Bun.file(policy).text();
  writeFileSync(policy, `${text}history = true\n`);
  expect(await cat("mini:hydrate", "a.txt", "--at", first)).toMatchObject({ out: "first\n" });
  // A commit that no ref leads to stays closed.
  const loose = mini.does(
    ...["git", "-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.org"],
    ...["commit-tree", "-m", "loose", `${first}^{tree}`],
  );
  expect((await cat("mini:hydrate", "a.txt", "--at", loose)).code).toBe(4);
  writeFileSync(policy, text);
  giveTo(policy);
});

test("without a keeper nothing is read, and the hint starts one", async () => {
  for (const pid of processes(/peernet keeper$/)) process.kill(pid, "SIGKILL");
  await until("no keeper runs", () => processes(/peernet keeper$/).length === 0);
  await until("its readers have ended with it", () => processes(readers).length === 0);
  const ran = await cat("mini:hydrate", "a.txt");
  expect(ran).toMatchObject({ code: 5, out: "" });
  expect(ran.err).toContain("mini cannot read now: its keeper does not answer");
  expect(ran.err).toContain("on mini run: peernet start");
  await mini.run(["start"]);
  await until("a keeper runs", () => processes(/peernet keeper$/).length === 1);
  await until("it can be read", async () => (await cat("mini:hydrate", "a.txt")).code === 0);
});

const asRoot = skipUnless(process.getuid?.() === 0 && isBuilt, "needs root");
asRoot("a machine of root serves no read, and says so to its owner", async () => {
  await using root = home("root");
  await root.run(["start"]);
  writeFileSync(join(root.folder, "policy.toml"), "version = 1\n", { mode: 0o600 });
  const { out } = await root.run(["doctor"]);
  expect(out).toContain("the walls hold no process of root");
  expect(out).toContain("fix: run peernet as an ordinary user");
});

test("an unpairing ends a reading and its reader", async () => {
  expect((await cat("mini:hydrate", "a.txt")).code).toBe(0);
  expect(processes(readers).length).toBeGreaterThan(0);
  const ran = await mini.run(["unpair", "laptop", "--yes"]);
  expect(ran.code).toBe(0);
  expect(ran.err).toContain(
    "in the policy, laptop of laptop-read-hydrate: no machine is called so",
  );
  await until("no reader is left", () => processes(readers).length === 0);
  expect((await cat("mini:hydrate", "a.txt")).code).not.toBe(0);
});
