/** An announcement under the name of a machine that is paired: whose key is there decides. */

import { expect, test } from "bun:test";
import { createContext } from "../../../src/daemon/context/context.ts";
import { Finder, findingHandlers } from "../../../src/daemon/links/finder.ts";
import { newPeer } from "../../../src/daemon/peers/grants.ts";
import { addressOf } from "../../../src/discovery/sources.ts";
import type { LeadSource } from "../../../src/discovery/sweep.ts";
import { bootClocks } from "../../../src/platform/clock/boot-clock.ts";
import { type Effects, instantOf } from "../../../src/platform/effects.ts";
import { realEffects } from "../../../src/platform/real.ts";
import { folder, open } from "../../store/opened.ts";
import { fakeFiles } from "../../support/effects.ts";
import { holding } from "../../support/grants.ts";
import { newIdentity } from "../attack/connection.ts";
import { liar, replyOf } from "../attack/server.ts";

/** A daemon's context with one peer called mini. */
function contextWith(path: string, effects: Effects, peer: { readonly fingerprint: string }) {
  const store = open(path);
  store.tables.peers.put({
    ...newPeer,
    ...peer,
    name: "mini",
    certificate: "",
    grants: holding("ask"),
    acknowledged: true,
    exchanged: true,
    refused: false,
    paired_at_ms: 0,
  });
  const context = createContext({
    effects,
    config: {
      machine: { name: "laptop" },
      listen: { addresses: [], port: 0 },
      discovery: { tailnet: false, addresses: [] },
      tailnet: { sameUserOnly: true },
      sessions: { activate: "none", folders: [], exclude: [], headless: false },
      messages: { to: ["mine"], wake: "always", wakeUnattended: [] },
      notify: { desktop: false, bell: false },
    },
    identity: newIdentity(),
    version: "0.1.0",
    run: { id: "run", started_boot_ms: 0 },
    store,
  });
  return { context, [Symbol.dispose]: () => store.close() };
}

test("discover shows another key under a peer's name, and not as the peer", async () => {
  const [peer, other] = [newIdentity(), newIdentity()];
  await using honest = await liar(peer, ({ socket }) => socket.write(replyOf({ open: false })));
  await using poses = await liar(other, ({ socket }) => socket.write(replyOf({ open: true })));
  const effects = realEffects(fakeFiles(), bootClocks());
  using home = folder();
  using made = contextWith(home.database, effects, peer);
  // Both tell the peer's name, and the impostor the beginning of its fingerprint as well.
  const announced = (address: string) => ({
    ...addressOf(address),
    source: "lan" as const,
    name: "mini",
    prefix: peer.fingerprint.slice(7, 23),
    login: null,
    refusal: null,
  });
  const lan: LeadSource = {
    source: "lan",
    search: async () => ({ leads: [poses.address, honest.address].map(announced), why: null }),
  };
  const { context } = made;
  const finder = new Finder(context, [lan]);
  const { discover } = findingHandlers(context, finder);
  const { candidates } = await discover({}, { now: instantOf(effects.clock) });
  expect(candidates).toHaveLength(2);
  const shown = { name: "mini", source: "lan" };
  expect(candidates).toContainEqual(
    expect.objectContaining({ ...shown, fingerprint: peer.fingerprint, paired: "mini" }),
  );
  expect(candidates).toContainEqual(
    expect.objectContaining({
      ...shown,
      fingerprint: other.fingerprint,
      address: poses.address,
      window_open: true,
      paired: null,
    }),
  );
  // Nor is it where the peer is looked for.
  expect(await finder.locate(peer.fingerprint, addressOf(poses.address))).toMatchObject({
    found: addressOf(honest.address),
  });
  expect(poses.seen).toMatchObject({ certificates: 0 });
  expect(new Set(poses.seen.lines)).toEqual(new Set(["POST /v1/window"]));
});
