import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lock, takeLock, takeLockSoon } from "../../src/store/lock.ts";
import { fakeClock, fakeTimers, settled } from "../support/effects.ts";
import { folder, thrown } from "./opened.ts";

interface Holder {
  /** Its message about the lock. */
  readonly said: string;
  /** Ends it: by itself, or at once. */
  end(how: "release" | "kill"): Promise<void>;
}

/** Starts a process that tries to take the lock. */
async function holder(path: string): Promise<Holder> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "holder.ts"), path], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const first = await child.stdout.getReader().read();
  return {
    said: new TextDecoder().decode(first.value).trim(),
    end: async (how) => {
      if (how === "kill") child.kill("SIGKILL");
      else child.stdin.end();
      await child.exited;
    },
  };
}

const lockOf = (path: string): Lock => {
  const lock = takeLock(path);
  if (lock === null) throw new Error("the lock is held");
  return lock;
};

test("takeLock() gives the lock to one, here and in other processes", async () => {
  using home = folder();
  const path = join(home.path, "lock.db");
  const lock = lockOf(path);
  expect(takeLock(path)).toBeNull();
  const refused = await holder(path);
  expect(refused.said).toBe("busy");
  await refused.end("release");
  lock.release();
  lockOf(path).release();
});

for (const how of ["release", "kill"] as const) {
  test(`takeLock() gives the lock on after another process ends by ${how}`, async () => {
    using home = folder();
    const path = join(home.path, "lock.db");
    const other = await holder(path);
    expect(other.said).toBe("held");
    expect(takeLock(path)).toBeNull();
    await other.end(how);
    lockOf(path).release();
  });
}

test("takeLock() gives one of several processes the lock that start at once", async () => {
  using home = folder();
  const path = join(home.path, "lock.db");
  const holders = await Promise.all(Array.from({ length: 5 }, () => holder(path)));
  expect(holders.filter(({ said }) => said === "held").length).toBe(1);
  await Promise.all(holders.map((one) => one.end("kill")));
});

test("takeLock() leaves a file alone that is no lock", () => {
  using home = folder();
  const text = "not a database\n".repeat(100);
  writeFileSync(home.database, text);
  expect(thrown(() => takeLock(home.database))).toBeInstanceOf(Error);
  expect(readFileSync(home.database, "utf8")).toBe(text);
});

/** The time to wait for a lock here. */
const forMs = 5_000;

/** Waits for a lock that is held, with time that a test moves. */
function waiting(path: string) {
  const held = lockOf(path);
  const timers = fakeTimers(fakeClock());
  let outcome: Lock | null | "waiting" = "waiting";
  takeLockSoon(path, { timers, forMs }).then((lock) => {
    outcome = lock;
  });
  return { held, timers, outcome: () => outcome };
}

test("takeLockSoon() takes a free lock at once", async () => {
  using home = folder();
  const timers = fakeTimers(fakeClock());
  const lock = await takeLockSoon(home.database, { timers, forMs });
  expect(timers.pending()).toBe(0);
  expect(takeLock(home.database)).toBeNull();
  lock?.release();
});

test("takeLockSoon() takes a lock that becomes free, the last time at the end", async () => {
  using home = folder();
  for (const afterMs of [0, 2_000, forMs - 1]) {
    const { held, timers, outcome } = waiting(home.database);
    await timers.advance(afterMs);
    expect(outcome()).toBe("waiting");
    held.release();
    await timers.advance(100);
    const lock = outcome();
    if (lock === null || lock === "waiting") throw new Error(`no lock after ${afterMs} ms`);
    expect(takeLock(home.database)).toBeNull();
    lock.release();
  }
});

test("takeLockSoon() gives up after forMs", async () => {
  using home = folder();
  const { held, timers, outcome } = waiting(home.database);
  await timers.advance(forMs - 1);
  expect(outcome()).toBe("waiting");
  await timers.advance(1);
  await settled();
  expect([outcome(), timers.pending()]).toEqual([null, 0]);
  held.release();
});
