/** The tailnet by way of the `tailscale` command, where there is no socket to ask. */

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tailscaledMs } from "../../src/contract/limits.ts";
import type { Tailnet, TailnetOptions } from "../../src/discovery/tailscale.ts";
import { fakeClock, fakeTimers } from "../support/effects.ts";
import { type Folder, temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { ada, bob, int64, json, peer, status, whois } from "./shapes.ts";
import { tailnetOf } from "./tailscaled.ts";

/** A folder with a `tailscale` that runs a script. */
function command(folder: Folder, body: string): void {
  folder.script("bin/tailscale", body);
}

/** A tailnet without a socket, and the programs on the path. */
const without = (folder: Folder, options: Partial<TailnetOptions> = {}): Tailnet =>
  tailnetOf(
    { socketPath: join(folder.path, "none.sock") },
    { environment: { PATH: `${join(folder.path, "bin")}:/usr/bin:/bin` }, ...options },
  );

test("status() and whois() read what the command prints, ids whole", async () => {
  using folder = temporaryFolder();
  const text = json(status([peer(), peer({ ID: "n2", UserID: int64(bob) })]));
  folder.write("status.json", text);
  folder.write("whois.json", json(whois({ User: int64(bob) }, "bob@example.com")));
  command(folder, `echo "$@" >>${folder.path}/words; cat ${folder.path}/"$1".json`);
  const tailnet = without(folder);
  expect(await tailnet.status()).toMatchObject({
    state: "running",
    nodes: [
      { userId: bob, refusal: "other_user" },
      { userId: ada, refusal: null },
    ],
  });
  expect(await tailnet.whois("fd7a:115c:a1e0::b", 7)).toMatchObject({ refusal: "other_user" });
  const words = readFileSync(join(folder.path, "words"), "utf8").trim().split("\n").sort();
  expect(words).toEqual([
    "status --json",
    "status --json --peers=false",
    "whois --json [fd7a:115c:a1e0::b]:7",
  ]);
});

test("status() says that tailscaled does not run when the command fails", async () => {
  using folder = temporaryFolder();
  command(folder, "echo 'failed to connect to local tailscaled' >&2; exit 1");
  expect(await without(folder).status()).toEqual({
    state: "stopped",
    why: "tailscaled does not run",
  });
});

test("originOf() refuses when the command fails, and does not say at what", async () => {
  using folder = temporaryFolder();
  folder.write("status.json", json(status()));
  command(folder, `test "$1" = status && cat ${folder.path}/status.json`);
  const ends = { localAddress: "100.88.4.20", remoteAddress: "100.101.7.3", remotePort: 1 };
  expect(await without(folder).originOf(ends)).toEqual({ refused: "origin_unverified" });
});

/** A command's output, and a person's message about it. */
const prints: readonly (readonly [string, string, string])[] = [
  ["nothing", ":", "its answer is not JSON"],
  ["text", "echo hello", "its answer is not JSON"],
  ["null", "echo null", "its answer is no status"],
  ["5 MB", "head -c 5000000 /dev/zero", "it sent too much"],
  ["without end", "exec yes", "tailscale could not be run"],
];

for (const [what, body, why] of prints) {
  test(`status() is unanswered and whois() silent when the command prints ${what}`, async () => {
    using folder = temporaryFolder();
    command(folder, body);
    const tailnet = without(folder);
    expect(await tailnet.status()).toEqual({ state: "unanswered", why });
    expect(await tailnet.whois("100.101.7.3", 1)).toBe("silent");
  });
}

test("status() ends a command that hangs at its deadline", async () => {
  using folder = temporaryFolder();
  const pid = join(folder.path, "pid");
  command(folder, `echo $$ >${pid}.new; mv ${pid}.new ${pid}; exec sleep 1000`);
  const timers = fakeTimers(fakeClock());
  const asking = without(folder, { timers }).status();
  await until("the command runs", () => existsSync(pid));
  await timers.advance(2 * tailscaledMs);
  expect(await asking).toEqual({ state: "unanswered", why: "no answer within 1000 ms" });
  const child = Number(readFileSync(pid, "utf8"));
  await until("the command is gone", () => !existsSync(`/proc/${child}`));
});

test("status() gives the command its path and home, and nothing else of ours", async () => {
  using folder = temporaryFolder();
  folder.write("status.json", json(status()));
  command(folder, `/usr/bin/env >${folder.path}/seen; cat ${folder.path}/status.json`);
  const environment = {
    PATH: `bin::.:relative/bin:${folder.path}/bin:/usr/bin:/bin`,
    HOME: folder.path,
    LD_PRELOAD: "/nonexistent.so",
    TS_DEBUG_X: "1",
    SECRET: "s3cret",
  };
  expect(await without(folder, { environment }).status()).toMatchObject({ state: "running" });
  const seen = readFileSync(join(folder.path, "seen"), "utf8");
  const names = seen.match(/^[A-Z_a-z]+(?==)/gm)?.sort();
  // The shell of the script adds its own.
  const shells = ["OLDPWD", "PWD", "SHLVL", "_"];
  expect(names?.filter((name) => !shells.includes(name))).toEqual(["HOME", "PATH"]);
  expect(seen).toContain(`PATH=${folder.path}/bin:/usr/bin:/bin\n`);
});

/** Search paths on which no command is to be found by a program that may be anywhere. */
const relative = ["", ".", "bin", "./bin:", "::", "../bin:~/bin"];

for (const PATH of relative) {
  test(`status() runs nothing when the path is '${PATH}'`, async () => {
    using folder = temporaryFolder();
    command(folder, `touch ${folder.path}/ran`);
    const before = process.cwd();
    process.chdir(folder.path);
    try {
      expect(await without(folder, { environment: { PATH } }).status()).toEqual({
        state: "missing",
        why: "there is neither tailscaled nor tailscale",
      });
      expect(existsSync(join(folder.path, "ran"))).toBe(false);
    } finally {
      process.chdir(before);
    }
  });
}
