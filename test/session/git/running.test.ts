import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe } from "../../../src/session/describe.ts";
import { processOf } from "../../../src/session/process.ts";
import { fakeEffects } from "../../support/effects.ts";
import {
  describing,
  type Repository,
  repository,
  temporaryFolder,
} from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

const git = Bun.which("git") ?? "git";

/** A git that hangs with a child where it is given a word, and else is git. */
function hangingGit(repo: Repository, word: string) {
  const file = join(repo.path, "pids");
  const hang = `sleep 600 & echo $$ $! > ${file}.new; mv ${file}.new ${file}; wait`;
  const program = repo.script(
    "bin/git",
    `for each; do if [ "$each" = ${word} ]; then ${hang}; fi; done; exec ${git} "$@"`,
  );
  const pids = (): readonly number[] =>
    existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").map(Number) : [];
  return { program, pids };
}

test("describe() gives up a git that hangs after 2 s, and leaves no process behind", async () => {
  using repo = repository();
  const { program, pids } = hangingGit(repo, "log");
  const { timers } = fakeEffects();
  let ended = false;
  const described = describe(repo.tree, { ...describing(repo.path, program), timers });
  void described.finally(() => {
    ended = true;
  });
  await until("git hangs", () => pids().length === 2);
  await timers.advance(1_999);
  expect([ended, ...pids().map((pid) => processOf(pid) !== null)]).toEqual([false, true, true]);
  await timers.advance(1);
  const late = { root: repo.tree, project: "hydrate", git: null, why: "late", recent: [] } as const;
  expect(await described).toEqual(late);
  await until("both are gone", () => pids().every((pid) => processOf(pid) === null));
});

test("describe() tells commit and branch when the count of changed files is late", async () => {
  using repo = repository();
  const { program, pids } = hangingGit(repo, "status");
  const { timers } = fakeEffects();
  const described = describe(repo.tree, { ...describing(repo.path, program), timers });
  await until("status hangs", () => pids().length === 2);
  await timers.advance(2_000);
  expect((await described).git).toMatchObject({
    sha: repo.git("rev-parse", "HEAD"),
    subject: "Add water",
    branch: "main",
    dirty: null,
    why: { dirty: "late" },
  });
  await until("both are gone", () => pids().every((pid) => processOf(pid) === null));
});

test("describe() tells the other facts when the upstream's history is late", async () => {
  using repo = repository();
  repo.git("remote", "add", "origin", "/nowhere");
  repo.git("update-ref", "refs/remotes/origin/main", "HEAD");
  repo.git("config", "branch.main.remote", "origin");
  repo.git("config", "branch.main.merge", "refs/heads/main");
  const { program, pids } = hangingGit(repo, "rev-list");
  const { timers } = fakeEffects();
  const described = describe(repo.tree, { ...describing(repo.path, program), timers });
  await until("rev-list hangs", () => pids().length === 2);
  await timers.advance(2_000);
  const { git: told } = await described;
  expect(told?.ahead).toBeNull();
  expect(told?.why?.ahead).toBe("late");
});

test("describe() gives up a git whose child holds its output open", async () => {
  using repo = repository();
  const file = join(repo.path, "pid");
  const program = repo.script(
    "bin/git",
    `sleep 600 & echo $! > ${file}.new; mv ${file}.new ${file}`,
  );
  const { timers } = fakeEffects();
  const described = describe(repo.tree, { ...describing(repo.path, program), timers });
  await until("git has ended", () => existsSync(file));
  const child = Number(readFileSync(file, "utf8"));
  await timers.advance(2_000);
  expect(await described).toMatchObject({ git: null, why: "late" });
  await until("its child is gone", () => processOf(child) === null);
});

test("describe() leaves no timer and no file behind", async () => {
  using repo = repository();
  using home = temporaryFolder();
  const { timers } = fakeEffects();
  const { git: told } = await describe(repo.tree, { ...describing(home.path), timers });
  expect([told?.subject, timers.pending(), readdirSync(home.path)]).toEqual(["Add water", 0, []]);
});

test("describe() removes the folder that a killed reading left a minute ago", async () => {
  using repo = repository();
  using home = temporaryFolder();
  const left = { "reading-old001": 61_000, "reading-new001": 30_000, "readings-kept": 3_600_000 };
  const nowMs = Date.now();
  for (const [name, ageMs] of Object.entries(left)) {
    home.write(`${name}/config`, "");
    utimesSync(join(home.path, name), (nowMs - ageMs) / 1_000, (nowMs - ageMs) / 1_000);
  }
  await describe(repo.tree, describing(home.path));
  expect(readdirSync(home.path).sort()).toEqual(["reading-new001", "readings-kept"]);
});

test("describe() says that git was not read where its home is not there", async () => {
  using repo = repository();
  const given = { ...describing(repo.path), home: join(repo.path, "nowhere") };
  expect(await describe(repo.tree, given)).toMatchObject({ git: null, why: "unread" });
});

/** A git that writes down how it was called, and then is git. */
function recordedGit(repo: Repository) {
  const file = join(repo.path, "calls");
  const program = repo.script(
    "bin/git",
    `{ printf '%s\\0' "$@"; printf '\\1'; cat /proc/$$/environ; printf '\\1'; ulimit -d; ulimit -t
printf '\\2'; } >> ${file}.$$; mv ${file}.$$ ${file}-$$; exec ${git} "$@"`,
  );
  const calls = () =>
    readdirSync(repo.path)
      .filter((name) => name.startsWith("calls-"))
      .map((name) => {
        const parts = readFileSync(join(repo.path, name), "utf8").split("\x01");
        const [command = [], variables = []] = parts.map((part) =>
          part.split("\0").filter((word) => word !== ""),
        );
        return { command, variables: variables.sort(), limits: parts[2]?.split("\n").slice(0, 2) };
      });
  return { program, calls };
}

const onLinux = skipUnless(process.platform === "linux", "there is no /proc");

onLinux("describe() gives git nothing of our environment, and no config of its own", async () => {
  using repo = repository();
  using home = temporaryFolder();
  repo.configure('[filter "lfs"]\n clean = a\n required = true');
  const { program, calls } = recordedGit(repo);
  const ours = { GIT_DIR: "/x", GIT_EXTERNAL_DIFF: "/x", LD_PRELOAD: "/x", TOKEN: "secret" };
  const given = describing(home.path, program);
  await describe(repo.tree, { ...given, environment: { ...given.environment, ...ours } });
  const seen = calls();
  const words = seen.map(({ command }) => command.find((word) => /^[a-z]/.test(word)));
  expect(words.sort()).toEqual(["config", "config", "log", "status"]);
  const names = (variables: readonly string[]) =>
    variables.map((variable) => variable.replace(/=.*/s, ""));
  const plain = [
    ...["GIT_ALLOW_PROTOCOL", "GIT_DIR", "GIT_NO_LAZY_FETCH", "GIT_NO_REPLACE_OBJECTS"],
    ...["GIT_OPTIONAL_LOCKS", "GIT_TERMINAL_PROMPT", "HOME", "LC_ALL", "PATH"],
  ];
  const frozen = [
    ...["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_INDEX_FILE"],
    ...["GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"],
  ];
  for (const { command, variables, limits } of seen) {
    const isPlain = command.includes("config");
    // The shell that records sets PWD and OLDPWD for itself.
    const told = names(variables).filter((name) => !/^(OLD)?PWD$/.test(name));
    expect(told).toEqual([...plain, ...(isPlain ? [] : frozen)].sort());
    expect(variables.find((each) => each.startsWith("GIT_DIR="))).toContain(home.path);
    expect(command.slice(0, 2)).toEqual(["--no-pager", "--no-optional-locks"]);
    expect(limits).toEqual(["524288", "5"]);
  }
});

test("describe() runs no git outside a work tree", async () => {
  using repo = repository();
  using elsewhere = temporaryFolder();
  const { program, calls } = recordedGit(repo);
  await describe(elsewhere.path, describing(repo.path, program));
  expect(calls()).toEqual([]);
});

onLinux("36: describe() holds a git that a repository makes allocate to 512 MiB", async () => {
  using repo = repository();
  // A sparse file that takes no room, and that git reads whole into memory.
  repo.write("hydrate/.gitignore", "");
  Bun.spawnSync(["truncate", "-s", "600M", join(repo.tree, ".gitignore")]);
  expect(repo.git("status", "--porcelain")).toBe("?? .gitignore");
  const { git: told } = await describe(repo.tree, describing(repo.path));
  expect([told?.subject, told?.dirty, told?.why?.dirty]).toEqual(["Add water", null, "broken"]);
});
