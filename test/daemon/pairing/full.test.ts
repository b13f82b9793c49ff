/** A machine that has as many peers as it may have: one code of refusal, whichever side is full. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { peersMax } from "../../../src/contract/limits.ts";
import { newPeer } from "../../../src/daemon/peers/grants.ts";
import { open } from "../../store/opened.ts";
import { type Machine, machine, opened } from "../../support/daemon.ts";
import { holding } from "../../support/grants.ts";
import { refusalOf } from "../attack/refusal.ts";

/** Stores peers that were never met until there is room for none. */
async function full(on: Machine): Promise<Machine> {
  await on.daemon.stop();
  const store = open(join(on.home, "state.db"));
  for (let number = 0; number < peersMax; number += 1) {
    store.tables.peers.put({
      ...newPeer,
      fingerprint: `sha256:${String(number).padStart(43, "A")}`,
      name: `peer-${number}`,
      certificate: "",
      grants: holding(),
      acknowledged: true,
      exchanged: true,
      refused: true,
      paired_at_ms: 0,
    });
  }
  store.close();
  return on.restart();
}

const pairing = async (types: Machine, shows: Machine, code: string) =>
  refusalOf(
    types.calls.pair({
      code,
      to: shows.address,
      fingerprint: shows.daemon.fingerprint,
      grant: ["ask"],
    }),
  );

test("pair() refuses with peer_limit when the machine that shows the code is full", async () => {
  await using types = await machine("types");
  await using shows = await full(await machine("shows"));
  const window = await opened(shows);
  expect(await pairing(types, shows, window.code)).toMatchObject({
    code: "peer_limit",
    message: "that machine has 1,024 peers already",
    hint: "on that machine run: peernet unpair NAME",
  });
  window.close();
});

test("pair() refuses with peer_limit and sends no code when this machine is full", async () => {
  await using shows = await machine("shows");
  await using types = await full(await machine("types"));
  const window = await opened(shows);
  expect(await pairing(types, shows, window.code)).toMatchObject({
    code: "peer_limit",
    message: "this machine has 1,024 peers already",
    hint: "peernet unpair NAME",
  });
  const { window: state, peers } = await shows.calls.status({});
  expect(state).toMatchObject({ open: true, attempts_left: 3 });
  expect(peers).toEqual([]);
  window.close();
});
