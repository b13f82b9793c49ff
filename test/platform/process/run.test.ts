import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { timers as realTimers } from "../../../src/platform/clock/timers.ts";
import { runner } from "../../../src/platform/process/run.ts";
import { describe } from "../../../src/session/describe.ts";
import { processOf } from "../../../src/session/process.ts";
import { fakeEffects } from "../../support/effects.ts";
import {
  canary,
  plainEnvironment,
  type Repository,
  repository,
  temporaryFolder,
} from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

const environment = { PATH: "/usr/bin:/bin" };
const quiet = new AbortController().signal;
const outputBytesMax = 16_777_216;

test("runner() tells the exit code and the output of a command", async () => {
  const run = runner(environment, quiet);
  const ran = await run(["sh", "-c", "echo $WORD; exit 3"], { WORD: "water" });
  expect([ran?.exit, Buffer.from(ran?.output ?? []).toString()]).toEqual([3, "water\n"]);
});

test("runner() says null for a command that cannot be started", async () => {
  expect(await runner(environment, quiet)(["no-such-command"])).toBeNull();
  expect(await runner(environment, quiet)(["true"], { LONG: "x".repeat(300_000) })).toBeNull();
});

test("runner() starts nothing once the signal was given", async () => {
  using folder = temporaryFolder();
  const { program, ran } = canary(folder);
  expect(await runner(environment, AbortSignal.abort())([program])).toBeNull();
  expect(ran()).toBe(false);
  expect(await runner(environment, quiet)([program])).not.toBeNull();
  expect(ran()).toBe(true);
});

test("runner() holds output up to its bound, and ends what prints more", async () => {
  const run = runner(environment, quiet);
  const most = await run(["head", "-c", String(outputBytesMax), "/dev/zero"]);
  expect(most?.output.length).toBe(outputBytesMax);
  expect(await run(["head", "-c", String(outputBytesMax + 1), "/dev/zero"])).toBeNull();
  expect(await run(["cat", "/dev/zero"])).toBeNull();
});

/** A git that hangs, as one does whose filter or file system does, and that has a child. */
function hangingGit(repo: Repository): { readonly path: string; pids(): readonly number[] } {
  const file = join(repo.path, "pids");
  repo.script("bin/git", `sleep 600 & echo $$ $! > ${file}.new; mv ${file}.new ${file}; wait`);
  return {
    path: `${join(repo.path, "bin")}:${process.env.PATH}`,
    pids: () => (existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").map(Number) : []),
  };
}

test("describe() gives up a git that hangs after 2 s, and leaves no process behind", async () => {
  using repo = repository();
  const { path, pids } = hangingGit(repo);
  const { timers } = fakeEffects();
  const given = { ...plainEnvironment(repo.path), PATH: path };
  let ended = false;
  const described = describe(repo.tree, { environment: given, timers }).finally(() => {
    ended = true;
  });
  await until("git hangs", () => pids().length === 2);
  await timers.advance(1_999);
  expect([ended, ...pids().map((pid) => processOf(pid) !== null)]).toEqual([false, true, true]);
  await timers.advance(1);
  expect(await described).toEqual({ root: repo.tree, project: "hydrate", git: null, late: true });
  await until("both are gone", () => pids().every((pid) => processOf(pid) === null));
});

test("describe() gives up a git whose child holds its output open", async () => {
  using repo = repository();
  const file = join(repo.path, "pid");
  repo.script("bin/git", `sleep 600 & echo $! > ${file}.new; mv ${file}.new ${file}`);
  const { timers } = fakeEffects();
  const given = { ...plainEnvironment(repo.path), PATH: `${repo.path}/bin:${process.env.PATH}` };
  const described = describe(repo.tree, { environment: given, timers });
  await until("git has ended", () => existsSync(file));
  const child = Number(readFileSync(file, "utf8"));
  await timers.advance(2_000);
  expect(await described).toMatchObject({ git: null, late: true });
  await until("its child is gone", () => processOf(child) === null);
});

test("describe() leaves no timer behind", async () => {
  using repo = repository();
  const { timers } = fakeEffects();
  const given = plainEnvironment(repo.path);
  expect((await describe(repo.tree, { environment: given, timers })).git).not.toBeNull();
  expect(timers.pending()).toBe(0);
});

/** A git that writes down how it was called, and then is git. */
function recordedGit(repo: Repository) {
  const file = join(repo.path, "calls");
  const real = Bun.which("git");
  repo.script(
    "bin/git",
    `{ printf '%s\\0' "$@"; printf '\\1'; cat /proc/$$/environ; printf '\\2'; } >> ${file}
exec ${real} "$@"`,
  );
  return {
    path: `${join(repo.path, "bin")}:${process.env.PATH}`,
    calls: () => {
      const text = existsSync(file) ? readFileSync(file, "utf8") : "";
      return text
        .split("\x02")
        .slice(0, -1)
        .map((call) => {
          const [command = [], variables = []] = call
            .split("\x01")
            .map((part) => part.split("\0").filter((word) => word !== ""));
          return { command, variables: variables.sort() };
        });
    },
  };
}

const onLinux = skipUnless(process.platform === "linux", "there is no /proc");

onLinux("describe() gives git three runs, each with all that makes it safe", async () => {
  using repo = repository();
  const { path, calls } = recordedGit(repo);
  const given = { ...plainEnvironment(repo.path), PATH: path };
  const { git } = await describe(repo.tree, { environment: given, timers: realTimers });
  expect(git?.subject).toBe("Add water");
  const safe = ["--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false"];
  safe.push("-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit");
  safe.push("-c", "log.showSignature=false", "-C", repo.tree);
  const log = ["log", "-1", "--no-show-signature", "--no-notes", "--encoding=UTF-8"];
  const status = ["status", "--porcelain=v2", "-z", "--branch", "--untracked-files=normal"];
  expect(calls().map(({ command }) => command)).toEqual([
    [...safe, "config", "-z", "--name-only", "--get-regexp", "^filter\\."],
    [...safe, ...log, "--format=%H%x00%s"],
    [...safe, ...status, "--ignore-submodules=all", "--no-renames"],
  ]);
});

onLinux("describe() gives git nothing of our environment but PATH and HOME", async () => {
  using repo = repository();
  repo.configure('[filter "lfs"]\n clean = a\n required = true');
  const { path, calls } = recordedGit(repo);
  const ours = { GIT_DIR: "/x", GIT_EXTERNAL_DIFF: "/x", LD_PRELOAD: "/x", TOKEN: "secret" };
  const given = { ...plainEnvironment(repo.path), ...ours, PATH: path };
  await describe(repo.tree, { environment: given, timers: realTimers });
  const fixed = [
    "GIT_ALLOW_PROTOCOL=none",
    "GIT_NO_LAZY_FETCH=1",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_TERMINAL_PROMPT=0",
    `HOME=${repo.path}`,
    "LC_ALL=C",
    `PATH=${path}`,
  ];
  const filters = [
    "GIT_CONFIG_COUNT=2",
    "GIT_CONFIG_KEY_0=filter.lfs.clean",
    "GIT_CONFIG_KEY_1=filter.lfs.required",
    "GIT_CONFIG_VALUE_0=",
    "GIT_CONFIG_VALUE_1=",
  ];
  const seen = calls().map(({ variables }) => variables);
  expect(seen).toEqual([fixed, fixed, [...fixed, ...filters].sort()]);
});

test("describe() runs no git outside a work tree", async () => {
  using repo = repository();
  using elsewhere = temporaryFolder();
  const { path, calls } = recordedGit(repo);
  const given = { ...plainEnvironment(repo.path), PATH: path };
  await describe(elsewhere.path, { environment: given, timers: realTimers });
  expect(calls()).toEqual([]);
});

test("describe() says git null for another user's work tree, and overrides nothing", async () => {
  using repo = repository();
  // What git itself uses in its tests, so that a test needs no second user.
  repo.script("bin/git", `GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${Bun.which("git")} "$@"`);
  const given = { ...plainEnvironment(repo.path), PATH: `${repo.path}/bin:${process.env.PATH}` };
  const nothing = { root: repo.tree, project: "hydrate", git: null, late: false };
  expect(await describe(repo.tree, { environment: given, timers: realTimers })).toEqual(nothing);
  repo.git("config", "--global", "safe.directory", repo.tree);
  const { git } = await describe(repo.tree, { environment: given, timers: realTimers });
  expect(git?.subject).toBe("Add water");
});
