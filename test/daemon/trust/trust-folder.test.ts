/** The machines that root trusts for each user, as the built executable reads them at its start. */

import { expect, setDefaultTimeout } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, home, isBuilt, notBuilt } from "../../support/executable.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

const canMount =
  process.geteuid?.() === 0 &&
  Bun.spawnSync(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).exitCode === 0;
const test = skipUnless(isBuilt && canMount, isBuilt ? "a folder of root needs root" : notBuilt);
setDefaultTimeout(120_000);

/** Runs a command on a machine with one file in its folder of trusted machines. */
const inFolder = (file: string, mode: string): readonly string[] => [
  ...["unshare", "--mount", "/bin/sh", "-c"],
  `umask 022; mount -t tmpfs -o mode=755 tmpfs /etc && mkdir -p /etc/peernet/trust.d &&
    cp '${file}' /etc/peernet/trust.d/10-fleet.conf &&
    chmod ${mode} /etc/peernet/trust.d/10-fleet.conf && exec "$0" "$@"`,
];

const fingerprintOf = async (on: Home): Promise<string> =>
  Object(await on.json(["id"])).fingerprint;
const peersOf = async (on: Home) => Object(await on.json(["peers"]));

test("a line of root's file lets a machine meet, with its rights, once", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "fleet");
  await using hub = home("hub");
  await hub.json(["start"]);
  writeFileSync(file, `# the fleet\n${await fingerprintOf(hub)} hub mine\n`);
  const before = inFolder(file, "644");
  await using mini = home("mini", before);
  await mini.json(["start"]);
  expect((await peersOf(mini)).expected).toMatchObject([{ name: "hub", mine: true }]);
  const ran = await mini.run(["ask", "hub/api"]);
  expect([ran.code, ran.err]).toEqual([
    1,
    expect.stringMatching(/hub is expected, not met yet: it was trusted by root's file .* ago/),
  ]);
  const { machine } = Object(await mini.json(["status"]));
  const words = ["trust", await fingerprintOf(mini), "--name", "mini", "--to", machine.listen[0]];
  expect((await hub.run(words)).code).toBe(0);
  await until("they have met", async () => (await peersOf(mini)).peers?.[0]?.link === "up", 60_000);
  expect((await peersOf(mini)).peers).toMatchObject([
    { name: "hub", named_by: "person", grants: { mine: true } },
  ]);
  // The line has acted: a machine that was unpaired stays unpaired.
  expect((await mini.run(["unpair", "hub", "--yes"])).code).toBe(0);
  await mini.json(["stop"]);
  await mini.json(["start"]);
  expect(await peersOf(mini)).toEqual({ peers: [] });
});

test("a file that another user could write is passed over", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "fleet");
  await using hub = home("hub");
  await hub.json(["start"]);
  writeFileSync(file, `${await fingerprintOf(hub)} hub mine\n`);
  await using mini = home("mini", inFolder(file, "666"));
  await mini.json(["start"]);
  expect(await peersOf(mini)).toEqual({ peers: [] });
});
