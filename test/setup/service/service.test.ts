/** The service's files, by what reads them. */

import { expect } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Registered } from "../../../src/harness/events.ts";
import { keeperServiceOf } from "../../../src/setup/service/keeper.ts";
import { serviceAt, serviceOf } from "../../../src/setup/service/service.ts";
import { hasProgram, skipUnless } from "../../support/skip.ts";

const places = { home: "/home/a b", environment: {} };
const usual: Registered = { command: ["/home/a b/.local/bin/peernet"], home: null };
const other: Registered = { command: ["/opt/100%/$x/peernet"], home: '/srv/a "b" 50%' };

const testVerify = skipUnless(hasProgram("systemd-analyze"), "systemd-analyze is not installed");
const testPlist = skipUnless(hasProgram("python3"), "python3 is not installed");
const test = skipUnless(true, "");

testVerify("the unit passes systemd-analyze verify, with paths of every kind", () => {
  const folder = mkdtempSync(join(tmpdir(), "peernet-unit-"));
  try {
    for (const [registered, made] of [usual, other].flatMap((each) => [
      [each, serviceOf] as const,
      [each, keeperServiceOf] as const,
    ])) {
      const program = join(folder, registered.command[0] ?? "");
      mkdirSync(join(program, ".."), { recursive: true });
      rmSync(program, { force: true });
      symlinkSync("/bin/true", program);
      const here = { ...registered, command: [program] };
      const service = made("systemd", here, { places, folder: registered.home ?? "/h" });
      const unit = join(folder, `${service.name}.service`);
      writeFileSync(unit, service.text);
      const ran = Bun.spawnSync(["systemd-analyze", "--user", "verify", unit], {
        env: { PATH: process.env.PATH ?? "", HOME: folder, XDG_RUNTIME_DIR: folder },
      });
      expect([ran.exitCode, ran.stderr.toString()]).toEqual([0, ""]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the unit stays stopped when it was stopped, and is restarted when it crashed", () => {
  const { text, path } = serviceOf("systemd", usual, { places, folder: "/home/a b/.peernet" });
  expect(path).toBe("/home/a b/.config/systemd/user/peernet.service");
  for (const line of [
    'ExecStart="/home/a b/.local/bin/peernet" daemon',
    "ConditionPathExists=!/home/a b/.peernet/stopped",
    "Restart=on-failure",
    "RestartPreventExitStatus=3",
    "UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN",
    "MemoryDenyWriteExecute=no",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});

test("the keeper's unit ends the keeper alone, and restricts nothing that it starts", () => {
  const { text, path } = keeperServiceOf("systemd", usual, {
    places,
    folder: "/home/a b/.peernet",
  });
  expect(path).toBe("/home/a b/.config/systemd/user/peernet-keeper.service");
  for (const line of [
    'ExecStart="/home/a b/.local/bin/peernet" keeper',
    "ConditionPathExists=!/home/a b/.peernet/stopped",
    "After=peernet.service",
    "KillMode=process",
    "Restart=on-failure",
    "WantedBy=default.target",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  // A filter of system calls, or a forbidden namespace, would hold for a sandbox, too.
  expect(text).not.toMatch(/Restrict|SystemCall|NoNewPrivileges|MemoryDeny|Private|Protect/);
});

test("the keeper's service of a home of its own has another name than the daemon's", () => {
  for (const manager of ["systemd", "launchd"] as const) {
    const daemon = serviceOf(manager, other, { places, folder: "/srv" });
    const keeper = keeperServiceOf(manager, other, { places, folder: "/srv" });
    expect(keeper.name).toBe(daemon.name.replace("peernet-", "peernet-keeper-"));
    expect(serviceAt(keeper.path)).toEqual({ manager, name: keeper.name });
  }
});

testPlist("the keeper's property list leaves what the keeper started", () => {
  const service = keeperServiceOf("launchd", other, { places, folder: "/srv" });
  const print = "import sys,plistlib,json;print(json.dumps(plistlib.load(sys.stdin.buffer)))";
  const ran = Bun.spawnSync(["python3", "-c", print], { stdin: Buffer.from(service.text) });
  const list = JSON.parse(ran.stdout.toString());
  expect(list).toMatchObject({ Label: service.name, AbandonProcessGroup: true, RunAtLoad: true });
  expect(list.ProgramArguments[2]).toEndWith("'/opt/100%/$x/peernet' keeper");
});

test("a home of its own has a service of its own, which knows it", () => {
  const { name, text } = serviceOf("systemd", other, { places, folder: "/srv" });
  expect(name).toMatch(/^peernet-[0-9a-f]{8}$/);
  expect(text).toContain('Environment="PEERNET_HOME=/srv/a \\"b\\" 50%%"\n');
  expect(text).toContain("ExecStart=/opt/100%%/$x/peernet daemon\n");
  for (const manager of ["systemd", "launchd"] as const) {
    const service = serviceOf(manager, other, { places, folder: "/srv" });
    expect(serviceAt(service.path)).toEqual({ manager, name });
  }
});

testPlist("the property list is one, and its command line is what a shell runs", () => {
  const service = serviceOf("launchd", other, { places, folder: "/srv/it's" });
  const print = "import sys,plistlib,json;print(json.dumps(plistlib.load(sys.stdin.buffer)))";
  const ran = Bun.spawnSync(["python3", "-c", print], { stdin: Buffer.from(service.text) });
  const list = JSON.parse(ran.stdout.toString());
  expect(list).toMatchObject({
    Label: service.name,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    EnvironmentVariables: { PATH: expect.stringContaining(":/usr/bin"), PEERNET_HOME: other.home },
  });
  expect(list.ProgramArguments).toEqual([
    "/bin/sh",
    "-c",
    "[ -e '/srv/it'\\''s/stopped' ] || exec env -u BUN_OPTIONS -u BUN_BE_BUN " +
      "'/opt/100%/$x/peernet' daemon",
  ]);
});
