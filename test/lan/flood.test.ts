/** Checks that a flood of multicast DNS crashes nothing, fills nothing, and drowns nobody. */

import { expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { candidatesMax } from "../../src/contract/limits.ts";
import type { Browsed } from "../../src/discovery/browse.ts";
import { canLab, type Lab, lab, noLab } from "../network/lab.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import type { FlooderOptions } from "./flooder.ts";
import { announcer, fingerprintOf } from "./programs.ts";

setDefaultTimeout(60_000);

const test = skipUnless(canLab, noLab);
const seed = Number(process.env.PEERNET_TEST_SEED ?? 20_260_102);
const growthBytesMax = 20_000_000;

interface Round extends Browsed {
  readonly resident: number;
}

const program = (name: string, ...words: readonly string[]): readonly string[] => [
  process.execPath,
  join(import.meta.dir, name),
  ...words,
];

/** A machine on host b, with all the rounds it has browsed so far. */
function machine(hosts: Lab): readonly Round[] {
  const words = program("machine.ts", "near", fingerprintOf("Near"));
  const child = Bun.spawn([...hosts.on("b"), ...words]);
  const rounds: Round[] = [];
  void (async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      rounds.push(...lines.map((line) => JSON.parse(line)));
    }
  })();
  return rounds;
}

const hears = (round: Round | undefined, prefix: string): boolean =>
  round?.announced.some((one) => one.prefix === prefix) === true;

/** Floods from host c, by four addresses. */
async function flood(hosts: Lab, seconds: number): Promise<unknown> {
  const addresses = [3, 31, 32, 33].map((last) => `10.77.0.${last}`);
  hosts.readdress("c", ...addresses);
  const rate = { malformedPerSecond: 20_000, advertisedPerSecond: 10_000 };
  const options: FlooderOptions = { seed, addresses, seconds, ...rate };
  const words = program("flooder.ts", JSON.stringify(options));
  const flooder = Bun.spawn([...hosts.on("c"), ...words]);
  return JSON.parse(await new Response(flooder.stdout).text());
}

const most = (numbers: readonly number[]): number => Math.max(...numbers);

test("browse() and announce() stand 100,000 malformed packets and 10,000 a second", async () => {
  console.log(`seed ${seed}`);
  using hosts = lab();
  const far = { name: "far", port: 7337, fingerprint: fingerprintOf("Far") };
  await using _ = announcer(hosts, "a", far);
  const [farPrefix, nearPrefix] = ["Far0000000000000", "Near000000000000"];
  const rounds = machine(hosts);
  await until("it hears the other and itself", () => {
    const last = rounds.at(-1);
    return hears(last, farPrefix) && hears(last, nearPrefix);
  });
  // A socket of the runtime that reads nothing takes as much, once, for the packets themselves.
  await flood(hosts, 1);
  const before = rounds.length;
  const sent = await flood(hosts, 5);
  const after = rounds.length;
  await until("it hears the other after the flood", () => hears(rounds[after + 1], farPrefix));
  const flooded = rounds.slice(before, after);
  const tables = flooded.map(({ announced }) => announced.flatMap((one) => one.addresses).length);
  const resident = rounds.map((round) => round.resident);
  const grown = most(resident.slice(before)) - most(resident.slice(0, before));
  console.log(JSON.stringify({ tables, grown, resident }));
  expect(sent).toEqual({ broken: 100_000, advertised: 50_000, failed: 0 });
  expect(most(tables)).toBeWithin(64, candidatesMax + 1);
  expect(grown).toBeLessThan(growthBytesMax);
  // Nobody is drowned: while it is flooded it still hears the other. Not in every round, since a
  // machine that has no time to read loses packets of everybody.
  const heard = flooded.filter((round) => hears(round, farPrefix)).length;
  console.log(`flooded rounds=${flooded.length} in which it heard the other=${heard}`);
  expect(heard).toBeGreaterThan(0);
});
