import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Creation, creatingCalls, creations, openFromTheStart } from "./creations.ts";
import { isRoot, notPrivate } from "./folders.ts";
import { home } from "./home.ts";

const promise =
  "P1: The state folder is 0700, everything in it is 0600, from the moment it is created, whatever the umask.";

for (const umask of ["000", "022", "077"]) {
  test(`${promise} (after the fact, umask ${umask})`, () => {
    using state = home(umask);
    for (const wantsAll of [true, false]) {
      state.run("start");
      state.run("activate", "hydrate", "--pid", String(process.pid));
      expect(notPrivate(state.path)).toEqual([]);
      const names = readdirSync(state.path);
      for (const name of ["control.sock", "state.db-wal", "state.db-shm", "lock.db", "keys"]) {
        expect(names).toContain(name);
      }
      state.run("stop");
      expect(notPrivate(state.path)).toEqual([]);
      // Once more, with all files to make again; then with those left over.
      if (wantsAll) rmSync(state.path, { recursive: true });
    }
  }, 60_000);
}

// Nobody else may look into a process that forbids its core files.
const canTrace = hasProgram("strace") && isRoot;
const withStrace = skipUnless(canTrace, "strace by root is not there");

withStrace(
  `${promise} (as the system sees it made)`,
  async () => {
    using state = home("000");
    const trace = join(state.outside, "trace");
    const child = state.daemon("strace", "-f", "-o", trace, "-e", creatingCalls);
    await until("it listens", () => existsSync(join(state.path, "control.sock")));
    state.run("activate", "hydrate", "--pid", String(process.pid));
    state.run("stop");
    expect(await child.exited).toBe(0);
    const text = readFileSync(trace, "utf8");
    const made = creations(text, 0).filter(({ path }) => path.startsWith(state.path));
    const ofKind = (kind: Creation["kind"]): string[] =>
      made.filter((creation) => creation.kind === kind).map(({ path }) => path);
    expect(ofKind("folder")).toContain(state.path);
    expect(ofKind("socket")).toContain(join(state.path, "control.sock"));
    for (const name of ["state.db", "state.db-wal", "lock.db", "keys/identity.pem.next"]) {
      expect(ofKind("file")).toContain(join(state.path, name));
    }
    expect(openFromTheStart(made)).toEqual([]);
  },
  60_000,
);

test("stop makes nothing that is open to others where no daemon ever ran", () => {
  using state = home("022");
  state.run("stop");
  expect(notPrivate(state.path)).toEqual([]);
  state.run("start");
}, 60_000);

test("start makes a folder that its owner can use, under a umask that takes from owners", () => {
  using state = home("177");
  state.run("start");
  expect(notPrivate(state.path)).toEqual([]);
}, 60_000);
