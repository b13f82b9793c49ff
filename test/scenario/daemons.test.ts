/** One daemon a home: however it is started, stopped, killed, or kept from its port. */

import { expect, setDefaultTimeout } from "bun:test";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { longWanted, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { failed } from "./failing.ts";
import { canSeeProcesses, noProcesses, processesOf, processOf } from "./processes.ts";

const test = skipUnless(isBuilt, notBuilt);
const testSeeing = skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(30_000);

const socketOf = ({ folder }: Home): string => join(folder, "control.sock");

const daemonsOf = (home: Home): readonly number[] =>
  processesOf(home)
    .filter(({ mode }) => mode === "daemon")
    .map(({ pid }) => pid);

test("start says which port is used by another program, and starts once it is free", async () => {
  await using mini = home("mini");
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const environment = { PEERNET_LISTEN_PORT: String(other.port) };
  const used = failed(
    3,
    `the daemon cannot start: 127.0.0.1:${other.port} is used by another program`,
    "set listen.port = 0 in config.toml",
  );
  for (const words of [["start"], ["peers"], ["ask", "x"], ["daemon"]]) {
    expect(await mini.run(words, { environment })).toEqual(used);
  }
  expect(existsSync(socketOf(mini))).toBe(false);
  other.stop(true);
  expect(await mini.json(["start"], { environment })).toMatchObject({
    machine: { listen: [`127.0.0.1:${other.port}`] },
  });
});

test("two homes cannot listen on one port, and the second says so", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  const started = (await mini.json(["start"])) as { machine: { listen: string[] } };
  const [address = ""] = started.machine.listen;
  const environment = { PEERNET_LISTEN_PORT: address.slice(address.indexOf(":") + 1) };
  const { code, err } = await laptop.run(["start"], { environment });
  expect(code).toBe(3);
  expect(err).toContain(`${address} is used by another program`);
});

test("start says which setting of config.toml is wrong, and mends nothing", async () => {
  await using mini = home("mini");
  const path = join(mini.folder, "config.toml");
  const hint = "mend config.toml in the state folder";
  for (const [text, message] of [
    ["colour = true\n", "config.toml: colour is not known"],
    ["[listen]\naddresses = ['wlan']\n", "config.toml: listen.addresses.0: "],
    ["[listen]\naddresses = '127.0.0.1'\n", "config.toml: listen.addresses: "],
    ["listen = 7337\n", "config.toml: listen: "],
    ["[machine\n", "config.toml: "],
  ] as const) {
    writeFileSync(path, text);
    const { code, out, err } = await mini.run(["start"]);
    expect({ text, code, out }).toEqual({ text, code: 2, out: "" });
    expect(err).toStartWith(`peernet: error: ${message}`);
    expect(err).toEndWith(`\npeernet: hint: ${hint}\n`);
    expect(err.trim().split("\n")).toHaveLength(2);
    expect(readFileSync(path, "utf8")).toBe(text);
  }
});

test("start listens nowhere, and says so, while this machine has not the address", async () => {
  await using mini = home("mini");
  writeFileSync(join(mini.folder, "config.toml"), "[listen]\naddresses = ['192.0.2.1']\n");
  expect(await mini.run(["start"])).toEqual({
    code: 0,
    out: "mini runs and listens nowhere\n",
    err: "",
  });
});

test("a second daemon is refused, and the first one's socket stays as it is", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  const before = lstatSync(socketOf(mini));
  for (let round = 0; round < 3; round++) {
    expect(await mini.run(["daemon"])).toEqual(
      failed(3, "another daemon runs on this home", "peernet status"),
    );
    expect(await mini.json(["start"])).toMatchObject({ already_running: true });
  }
  const after = lstatSync(socketOf(mini));
  expect([after.ino, after.ctimeMs]).toEqual([before.ino, before.ctimeMs]);
  expect((await mini.run(["status"])).code).toBe(0);
});

test("stop is remembered: no command and no daemon starts until start does", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  expect((await mini.run(["stop"])).code).toBe(0);
  for (const words of [["ask", "x"], ["peers"], ["activate", "x", "--pid", `${process.pid}`]]) {
    expect(await mini.run(words)).toEqual(
      failed(3, "the daemon is stopped: you ran `peernet stop` just now", "peernet start"),
    );
  }
  const { code, err } = await mini.run(["daemon"]);
  expect(code).toBe(3);
  expect(err).toContain("peernet: hint: peernet start\n");
  expect(existsSync(socketOf(mini))).toBe(false);
  writeFileSync(join(mini.folder, "stopped"), String(Date.now() - 2 * 3_600_000), { mode: 0o600 });
  expect(await mini.run(["ask", "x"])).toEqual(
    failed(3, "the daemon is stopped: you ran `peernet stop` 2 h ago", "peernet start"),
  );
  expect((await mini.run(["start"])).code).toBe(0);
  expect((await mini.run(["peers"])).code).toBe(0);
});

test("PEERNET_AUTOSTART=0 and status start nothing", async () => {
  await using mini = home("mini");
  const none = failed(3, "the daemon is not running", "peernet start");
  const environment = { PEERNET_AUTOSTART: "0" };
  for (const words of [["ask", "x"], ["peers"], ["pair", "--open"]]) {
    expect(await mini.run(words, { environment })).toEqual(none);
  }
  expect(await mini.run(["audit"])).toEqual(none);
  // Nothing was ever set up here.
  const first = failed(3, "the daemon is not running", "peernet setup");
  expect(await mini.run(["status"])).toEqual(first);
  const bare = await mini.run([]);
  expect(bare.code).toBe(0);
  expect(bare.out.split("\n")).toContain("next: peernet setup");
  expect((await mini.run(["version"])).code).toBe(0);
  expect(existsSync(socketOf(mini))).toBe(false);
});

testSeeing("a daemon that was killed leaves a socket that the next one replaces", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  const [first = 0] = daemonsOf(mini);
  process.kill(first, "SIGKILL");
  await until("it is gone", () => daemonsOf(mini).length === 0);
  expect(existsSync(socketOf(mini))).toBe(true);
  expect(await mini.run(["status"])).toEqual(
    failed(3, "the daemon is not running", "peernet start"),
  );
  expect((await mini.run(["peers"])).code).toBe(0);
  expect(daemonsOf(mini)).toHaveLength(1);
  expect(await mini.json(["audit", "verify"])).toMatchObject({ ok: true });
});

testSeeing("20 commands at once start one daemon, and all are answered", async () => {
  await using mini = home("mini");
  const ran = await Promise.all(Array.from({ length: 20 }, () => mini.run(["peers"])));
  expect(new Set(ran.map(({ code, err }) => `${code} ${err}`))).toEqual(new Set(["0 "]));
  await until("the others gave up", () => daemonsOf(mini).length === 1);
});

const p3 =
  "P3: One daemon runs in a home however many are started at once, and the socket of a live one is never unlinked.";
testSeeing(
  p3,
  async () => {
    await using mini = home("mini");
    const rounds = longWanted ? 200 : 40;
    for (let round = 0; round < rounds; round++) {
      const children = [0, 1].map(() => daemon(mini));
      const losers = children.map((child) => child.exited);
      const code = await Promise.race(losers);
      expect({ round, code }).toEqual({ round, code: 3 });
      const winner = children.find((child) => child.exitCode === null);
      await until("the winner answers", async () => (await mini.run(["status"])).code === 0);
      expect(daemonsOf(mini)).toEqual([winner?.pid ?? 0]);
      // Half of the rounds leave a stale socket to the next one.
      winner?.kill(round % 2 === 0 ? "SIGKILL" : "SIGTERM");
      await winner?.exited;
    }
  },
  { timeout: 300_000 },
);

/** Starts a daemon in the foreground; its starter ends it. */
const daemon = (home: Home) =>
  Bun.spawn([executable, "daemon"], {
    cwd: home.folder,
    env: { ...home.environment },
    stdio: ["ignore", "ignore", "ignore"],
  });

testSeeing("a daemon that a signal ends closes its trail and its socket", async () => {
  await using mini = home("mini");
  const child = daemon(mini);
  await until("it answers", async () => (await mini.run(["status"])).code === 0);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(existsSync(socketOf(mini))).toBe(false);
  expect(processOf(mini, "daemon")).toBeUndefined();
});
