/** Wall clocks that jump under a running daemon: they date records, and decide nothing. */

import { expect, setDefaultTimeout } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { trail } from "./failing.ts";
import { activate, opening, pairTwo } from "./pairing.ts";

/** The library that moves the clocks of a program it is loaded into. */
const library = process.env.PEERNET_TEST_FAKETIME ?? installed();
const test = isBuilt
  ? skipUnless(library !== undefined, "libfaketime is not here: apt-get install libfaketime")
  : skipUnless(isBuilt, notBuilt);
setDefaultTimeout(60_000);

function installed(): string | undefined {
  const found = new Glob("/usr/lib/*/faketime/libfaketime.so.1").scanSync({ absolute: true });
  return [...found][0];
}

/** A daemon in the foreground whose wall clock can be set; ended with the block. */
async function daemonWithClock(home: Home) {
  const file = join(home.folder, "clock");
  const setTo = (clock: string): void => writeFileSync(file, `${clock}\n`);
  setTo("+0");
  const child = Bun.spawn([executable, "daemon"], {
    cwd: home.folder,
    env: {
      ...home.environment,
      LD_PRELOAD: library ?? "",
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const isUp = async (): Promise<boolean> => (await home.run(["status"])).code === 0;
  await until("the daemon answers", isUp);
  return {
    setTo,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

const year = async (home: Home): Promise<number> =>
  new Date((await trail(home)).at(-1)?.at_ms ?? 0).getUTCFullYear();

test("asks are answered both ways while the wall clock jumps a day, to 1970 and back", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await using clock = await daemonWithClock(mini);
  using _working = await activate(mini, "hydrate");
  using _other = await activate(laptop, "sync");
  await pairTwo(mini, laptop);
  for (const setting of ["+0", "+1d", "-1d", "@1970-01-02 00:00:00", "+40d", "+0"]) {
    clock.setTo(setting);
    const there = await laptop.run(["ask", "mini/hydrate"]);
    const back = await mini.run(["ask", "laptop/sync"]);
    expect({ setting, there: there.code, back: back.code }).toEqual({ setting, there: 0, back: 0 });
    const { handles } = (await mini.json(["status"])) as { handles: { expires_in_ms: number }[] };
    expect(handles[0]?.expires_in_ms).toBeWithin(1, 75_001);
    if (setting.startsWith("@")) expect(await year(mini)).toBe(1970);
  }
  expect(await mini.json(["audit", "verify"])).toMatchObject({ ok: true });
});

test("a pairing made in 1970 holds when the clock is right; a window keeps its time", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await using clock = await daemonWithClock(mini);
  using _working = await activate(mini, "hydrate");
  clock.setTo("@1970-01-02 00:00:00");
  const window = await opening(mini);
  clock.setTo("+1d");
  expect(await mini.json(["status"])).toMatchObject({ window: { open: true } });
  const words = ["pair", "-", "--to", window.address];
  expect((await laptop.run(words, { stdin: window.code })).code).toBe(0);
  expect(await window.ended).toBe(0);
  clock.setTo("@1970-01-02 00:00:00");
  await pairTwo(mini, laptop);
  expect((await laptop.run(["ask", "mini/hydrate"])).code).toBe(0);
  clock.setTo("+0");
  expect((await laptop.run(["ask", "mini/hydrate"])).code).toBe(0);
});
