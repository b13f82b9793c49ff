/** A daemon that nobody asks anything: its idle work is bounded. */

import { expect, setDefaultTimeout } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { temporaryFolder } from "../support/repository.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

/**
 * The number of runs of the `tailscale` command in 6 s, on a machine whose tailscaled is stopped.
 */
async function runsOfTailscale(settings: Readonly<Record<string, string>>): Promise<number> {
  using programs = temporaryFolder();
  await using mini = home("mini");
  const mark = `${programs.path}/ran`;
  programs.script("tailscale", `echo ran >> ${mark}\nexit 1`);
  const environment = { PATH: `${programs.path}:/usr/bin:/bin`, ...settings };
  await mini.json(["start"], { environment });
  const endMs = performance.now() + 6_000;
  await until("some time has passed", () => performance.now() > endMs);
  return existsSync(mark) ? readFileSync(mark, "utf8").split("\n").length - 1 : 0;
}

test("a daemon whose tailnet is stopped does not run its command over and over", async () => {
  const [unsaid, named] = await Promise.all([
    runsOfTailscale({}),
    runsOfTailscale({ PEERNET_LISTEN_ADDRESSES: "127.0.0.1" }),
  ]);
  expect(unsaid).toBeLessThanOrEqual(2);
  // A daemon with named addresses does not need a tailnet.
  expect(named).toBe(0);
});
