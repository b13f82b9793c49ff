/** The programs that show a notification, each against a real bus; on macOS, its words alone. */

import { test as always, expect } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Desktop, showNotification } from "../../src/keeper/notification.ts";
import { systemProgram } from "../../src/session/git/program.ts";
import { bus, canBus, noBus } from "../support/bus.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";

const shown = { summary: "peernet: 2 sessions wait", body: "1 here, 1 on another machine" };
const signal = (): AbortSignal => new AbortController().signal;
const none: Desktop["find"] = async () => null;

/** A desktop whose system has one program alone. */
const desktop = (more: Partial<Desktop> & { readonly address?: string }): Desktop => ({
  platform: "linux",
  environment: { DBUS_SESSION_BUS_ADDRESS: more.address },
  uid: process.getuid?.() ?? 0,
  find: none,
  ...more,
});
const only =
  (name: string): Desktop["find"] =>
  async (program) =>
    program === name ? systemProgram(name) : null;

for (const name of ["gdbus", "busctl"]) {
  const test = skipUnless(canBus && hasProgram(name), `${noBus}; here ${name}`);

  test(`showNotification() hands the texts to the desktop by ${name}`, async () => {
    using on = await bus();
    await using _service = await on.serve("echo");
    const at = desktop({ address: on.address, find: only(name) });
    expect(await showNotification(shown, at, signal())).toEqual({});
    await until("it is seen", () => on.shown().length > 0);
    expect(on.shown()).toEqual([["peernet", "", shown.summary, shown.body]]);
  });

  test(`showNotification() by ${name} fails where no desktop takes notifications`, async () => {
    using on = await bus();
    const at = desktop({ address: on.address, find: only(name) });
    await expect(showNotification(shown, at, signal())).rejects.toThrow(`${name} ended with`);
  });

  test(`showNotification() ends ${name} on its signal`, async () => {
    using on = await bus();
    await using _service = await on.serve("black-hole");
    const ending = new AbortController();
    const at = desktop({ address: on.address, find: only(name) });
    const showing = showNotification(shown, at, ending.signal);
    await until("it is asked for", () => on.shown().length > 0);
    ending.abort();
    await expect(showing).rejects.toThrow(`${name} ended with no exit code`);
  });

  test(`showNotification() gives ${name} no address that would start a program`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "peernet-notify-"));
    const witness = join(folder, "started");
    const exec = `unixexec:path=/usr/bin/touch,argv1=${witness}`;
    try {
      for (const address of [exec, `unix:path=/nowhere;${exec}`, "autolaunch:"]) {
        const at = desktop({ address, find: only(name), uid: 4_294_967_294 });
        await expect(showNotification(shown, at, signal())).rejects.toThrow();
      }
      expect(existsSync(witness)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

always("showNotification() tells that this machine has no program for it", async () => {
  for (const platform of ["linux", "darwin"]) {
    expect(await showNotification(shown, desktop({ platform }), signal())).toBeNull();
  }
});

always("showNotification() hands the texts to osascript as arguments, not as script", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peernet-notify-"));
  const program = join(folder, "osascript");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n--\\n' "$@" >${join(folder, "words")}\n`);
  chmodSync(program, 0o755);
  try {
    const find = async (name: string) => (name === "osascript" ? program : null);
    expect(await showNotification(shown, desktop({ platform: "darwin", find }), signal())).toEqual(
      {},
    );
    const [option, script, ...texts] = readFileSync(join(folder, "words"), "utf8").split("\n--\n");
    expect([option, ...texts]).toEqual(["-e", shown.summary, shown.body, ""]);
    expect(script).toContain("display notification (item 2 of texts)");
    expect(script).not.toContain("session");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
