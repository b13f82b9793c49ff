import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { costOf, fleets, fleetTable } from "../../scripts/fleet.ts";
import { asksPerSecondMax, peersMax } from "../../src/contract/limits.ts";

const document = readFileSync(join(import.meta.dir, "../../docs/fleet.md"), "utf8");

test("docs/fleet.md has the table that the simulation makes", () => {
  const ran = Bun.spawnSync([process.execPath, join(import.meta.dir, "../../scripts/fleet.ts")]);
  expect(document).toContain(ran.stdout.toString().trim());
  expect(fleetTable().split("\n")).toHaveLength(fleets.length + 2);
});

test("a machine of each fleet stays far below the limits that its peers keep", () => {
  for (const fleet of fleets) {
    expect(fleet.peersEach).toBeLessThanOrEqual(peersMax);
    const { peakPerSecond } = costOf(fleet);
    // Its own hellos and those of its peers: each peer sends a thirtieth of its rate.
    expect(peakPerSecond / fleet.peersEach).toBeLessThan(asksPerSecondMax / 10);
  }
});
