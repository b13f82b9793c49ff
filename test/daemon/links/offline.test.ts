/** Machines that were away for long, and machines that can be reached from one side alone. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../../src/client.ts";
import type { Peer } from "../../../src/contract/peer.ts";
import { startDaemon } from "../../../src/daemon/daemon.ts";
import { bootClocks } from "../../../src/platform/clock/boot-clock.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { realEffects } from "../../../src/platform/real.ts";
import { type Machine, machine, opened, pair, session } from "../../support/daemon.ts";
import { rowsOf } from "../attack/disk.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { refusalOf } from "../attack/refusal.ts";

const dayMs = 86_400_000;

/** A machine that listens on nothing: it can dial, and nobody can dial it. */
async function deaf(name: string, time: Moved) {
  const home = mkdtempSync(join(tmpdir(), `peernet-${name}-`));
  const real = realEffects(stateFiles(home), bootClocks());
  const daemon = await startDaemon({
    effects: time.effects(real),
    config: {
      machine: { name },
      listen: { addresses: [], port: 0 },
      discovery: { tailnet: false, addresses: [] },
      tailnet: { sameUserOnly: true },
      sessions: { activate: "none", folders: [], exclude: [], headless: false },
      messages: { to: ["mine"], wake: "always", wakeUnattended: [] },
      notify: { desktop: false, bell: false },
    },
    environment: {},
    tailscaledSockets: [],
    version: "0.1.0",
    defer: time.defer,
  });
  return {
    home,
    calls: connect(join(home, "control.sock"), { timers }).calls,
    stop: daemon.stop,
    [Symbol.asyncDispose]: async () => rmSync(home, { recursive: true, force: true }),
  };
}

type Asking = Pick<Machine, "calls">;

const ask = (from: Asking, handle: string) =>
  from.calls.ask({ handle, question: null, thread_id: null });

const linkUp = (from: Asking) => from.calls.ask({ handle: null, question: null, thread_id: null });

async function peerOf(on: Asking): Promise<Peer | undefined> {
  return (await on.calls.peers({})).peers[0];
}

const bearerOf = ({ home }: Pick<Machine, "home">) => rowsOf(home, "SELECT bearer FROM peer");

test("two machines ask each other after 40 days in which neither ran", async () => {
  const time = moved();
  await using shows = await machine("shows", time);
  await using types = await machine("types", time);
  await pair(shows, types);
  const before = [bearerOf(shows), bearerOf(types)];
  time.pass(40 * dayMs);
  for (const on of [shows, types]) await on.calls.activate(session());
  expect(await ask(types, "shows/hydrate")).toMatchObject({ status: "ok" });
  expect(await ask(shows, "types/hydrate")).toMatchObject({ status: "ok" });
  expect(bearerOf(shows)).not.toEqual(before[0] ?? []);
  expect(bearerOf(types)).not.toEqual(before[1] ?? []);
});

test("two machines ask each other though one's wall clock went 40 days ahead alone", async () => {
  const time = moved();
  await using shows = await machine("shows", time);
  await using types = await machine("types");
  await pair(shows, types);
  for (const on of [shows, types]) await on.calls.activate(session());
  time.move({ wallMs: 40 * dayMs });
  expect(await ask(types, "shows/hydrate")).toMatchObject({ status: "ok" });
  expect(await ask(shows, "types/hydrate")).toMatchObject({ status: "ok" });
});

test("one reachable direction renews the credentials of both", async () => {
  const time = moved();
  await using shows = await machine("shows", time);
  await using types = await deaf("types", time);
  const window = await opened(shows);
  const { fingerprint } = shows.daemon;
  const to = shows.address;
  await types.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] });
  await window.ended;
  await shows.calls.activate(session());
  expect(await ask(types, "shows/hydrate")).toMatchObject({ status: "ok" });
  const refused = await refusalOf(ask(shows, "types/hydrate"));
  expect(refused.body).toMatchObject({
    code: "peer_unreachable",
    message:
      "types has no address this machine could dial; " +
      "it reaches this machine, this machine cannot reach it",
    hint: "on types run: peernet doctor",
  });
  const before = [bearerOf(shows), bearerOf(types)];
  time.move({ wallMs: 21 * dayMs });
  await linkUp(types);
  expect(bearerOf(shows)).not.toEqual(before[0] ?? []);
  expect(bearerOf(types)).not.toEqual(before[1] ?? []);

  // With a listener at last, the next exchange tells where it is.
  await types.stop();
  await using heard = await machine("types", { ...time, home: types.home });
  await heard.calls.activate(session());
  // A hello that is under way already is over before the days pass.
  await linkUp(heard);
  time.move({ wallMs: 21 * dayMs });
  await linkUp(heard);
  expect(await ask(shows, "types/hydrate")).toMatchObject({ status: "ok" });
  expect(await ask(heard, "shows/hydrate")).toMatchObject({ status: "ok" });
});

test("a link that can be dialled from one side alone is shown as one-way on both", async () => {
  const time = moved();
  await using shows = await machine("shows", time);
  await using types = await deaf("types", time);
  const window = await opened(shows);
  const { fingerprint } = shows.daemon;
  const to = shows.address;
  await types.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] });
  await window.ended;
  for (const on of [shows, types, shows, types]) await linkUp(on);
  expect(await peerOf(shows)).toMatchObject({ name: "types", link: "one-way" });
  expect(await peerOf(types)).toMatchObject({ name: "shows", link: "one-way" });
  await types.stop();
});
