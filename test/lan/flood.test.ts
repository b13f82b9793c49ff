/** Checks that a flood of multicast DNS crashes nothing, fills nothing, and drowns nobody. */

import { expect, setDefaultTimeout } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { candidatesMax } from "../../src/contract/limits.ts";
import { canLab, lab, noLab } from "../network/lab.ts";
import { skipUnless } from "../support/skip.ts";
import type { FlooderOptions } from "./flooder.ts";
import { announcer, browsing, fingerprintOf, heard } from "./programs.ts";

setDefaultTimeout(60_000);

const test = skipUnless(canLab, noLab);
const seed = Number(process.env.PEERNET_TEST_SEED ?? 20_260_102);
const growthBytesMax = 20_000_000;

/** What a process holds in memory. */
const residentBytes = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
};

test("browse() and announce() stand 100,000 malformed packets and 10,000 a second", async () => {
  console.log(`seed ${seed}`);
  using hosts = lab();
  const mini = { name: "mini", port: 7337, fingerprint: fingerprintOf("Mini") };
  const announced = announcer(hosts, "a", mini);
  await using _ = announced;
  await heard(hosts, "b", { name: "mini", at: "10.77.0.1" });
  const before = residentBytes(announced.pid);
  const flood: FlooderOptions = {
    seed,
    address: hosts.address("c"),
    malformed: 100_000,
    perSecond: 10_000,
    seconds: 3,
  };
  const program = [join(import.meta.dir, "flooder.ts"), JSON.stringify(flood)];
  const flooder = Bun.spawn([...hosts.on("c"), process.execPath, ...program]);
  const rounds = [];
  do rounds.push(await browsing(hosts, "b", { ms: 1_000 }));
  while (flooder.exitCode === null && rounds.length < 30);
  const sent = JSON.parse(await new Response(flooder.stdout).text());
  console.log(JSON.stringify({ ...sent, rounds: rounds.length }));
  const addresses = rounds.map((round) => round.announced.flatMap((one) => one.addresses).length);
  expect(Math.max(...addresses)).toBe(candidatesMax);
  const grown = rounds.map(({ grownBytes }) => grownBytes);
  const announcerGrown = residentBytes(announced.pid) - before;
  console.log(JSON.stringify({ grown, announcerGrown }));
  expect(Math.max(...grown)).toBeLessThan(growthBytesMax);
  expect(announcerGrown).toBeLessThan(growthBytesMax);
  const hearing = rounds.filter((round) => round.announced.some(({ name }) => name === "mini"));
  console.log(`mini was heard in ${hearing.length} of ${rounds.length} rounds`);
  expect(sent).toMatchObject({ failed: 0 });
  // It was not ended by the flood, and answers after it.
  await heard(hosts, "b", { name: "mini", at: "10.77.0.1" });
});
