/** A tailscaled that hangs, lies or goes: asks from elsewhere go on, and no process is started. */

import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../../src/client.ts";
import { tailscaledMs } from "../../../src/contract/limits.ts";
import { startDaemon } from "../../../src/daemon/daemon.ts";
import { bootClocks } from "../../../src/platform/clock/boot-clock.ts";
import { defer, timers } from "../../../src/platform/clock/timers.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { realEffects } from "../../../src/platform/real.ts";
import { json, status, whois } from "../../discovery/shapes.ts";
import { ok, type Reply, type StandIn, standIn } from "../../discovery/tailscaled.ts";
import { type Machine, session } from "../../support/daemon.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { daemonUmask } from "../../support/umask.ts";
import { askOnce } from "../attack/asking.ts";
import { moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";

/** A daemon on whose path there is a `tailscale` that tells that it ran. */
async function watched({ socketPath }: Pick<StandIn, "socketPath">) {
  const umask = daemonUmask();
  const folder = temporaryFolder();
  const ran = join(folder.path, "ran");
  folder.script("bin/tailscale", `echo "$@" >> ${ran}; echo '{}'`);
  const home = join(folder.path, "home");
  const time = moved();
  const daemon = await startDaemon({
    effects: time.effects(realEffects(stateFiles(home), bootClocks())),
    config: {
      machine: { name: "laptop" },
      listen: { addresses: ["127.0.0.1"], port: 0 },
      discovery: { tailnet: false, addresses: [] },
      tailnet: { sameUserOnly: true },
      sessions: { activate: "none", folders: [], exclude: [], headless: false },
      messages: { to: ["mine"], wake: "always", wakeUnattended: [] },
      notify: { desktop: false, bell: false },
    },
    environment: { PATH: join(folder.path, "bin") },
    tailscaledSockets: [socketPath],
    version: "0.1.0",
    defer,
  });
  const { calls } = connect(join(home, "control.sock"), { timers });
  const on: Machine = {
    name: "laptop",
    home,
    daemon,
    calls,
    address: daemon.listen[0] ?? "",
    restart: () => Promise.reject(new Error("it is started once")),
    [Symbol.asyncDispose]: () => daemon.stop(),
  };
  await calls.activate(session());
  return {
    peer: await enrol(on),
    time,
    hasRun: () => existsSync(ran),
    [Symbol.asyncDispose]: async () => {
      await on[Symbol.asyncDispose]();
      umask[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

const silences: Readonly<Record<string, Reply>> = {
  "says nothing": "hang",
  "never ends": "endless",
  "sends garbage": ok("garbage"),
  "sends no status": ok("[1,2,3]"),
  fails: { status: 500, body: "" },
  "begins and stops": { open: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" },
};

describe("P18: Answering an ask starts no process and opens no file outside the state folder.", () => {
  for (const [what, reply] of Object.entries(silences)) {
    test(`asks from elsewhere are answered while tailscaled ${what}`, async () => {
      using tailscaled = await standIn();
      tailscaled.status = reply;
      tailscaled.whois = reply;
      await using laptop = await watched(tailscaled);
      const startedMs = performance.now();
      for (let times = 0; times < 10; times += 1) {
        // What tailscaled said, or did not, is believed no longer.
        laptop.time.pass(3_000);
        expect(await askOnce(laptop.peer)).toBe("200");
      }
      // It was waited for once, when the first connection came, and by no ask since.
      expect(performance.now() - startedMs).toBeLessThan(tailscaledMs);
      expect(tailscaled.asked.some(({ path }) => path.includes("/whois?"))).toBe(false);
      expect(laptop.hasRun()).toBe(false);
    });
  }

  test("no command is run for an ask when tailscaled goes, though it was just there", async () => {
    const tailscaled = await standIn();
    tailscaled.status = ok(json(status([], { TUN: false })));
    tailscaled.whois = ok(json(whois()));
    await using laptop = await watched(tailscaled);
    expect(await askOnce(laptop.peer)).toBe("200");
    tailscaled[Symbol.dispose]();
    // For a moment it is still known that the tailnet arrives by loopback.
    expect(await askOnce(laptop.peer)).toBe("origin_unverified");
    expect(laptop.hasRun()).toBe(false);
  });
});
