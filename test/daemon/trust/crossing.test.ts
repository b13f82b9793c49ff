/** Both machines call to meet at once, while the wire is cut after any record of either call. */

import { expect, test } from "bun:test";
import type { Peer } from "../../../src/contract/peer.ts";
import { meetPauseMsMax } from "../../../src/contract/trust/limits.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { drawFrom } from "../../support/histories.ts";
import { faultsWanted } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { type CuttingProxy, cuttingProxy } from "../attack/proxy.ts";

const rounds = faultsWanted ? 200 : 24;

interface Side {
  readonly on: Machine;
  readonly time: Moved;
  /** The wire to the other machine. */
  readonly wire: CuttingProxy;
}

const peerOf = async ({ on }: Side): Promise<Peer | null> =>
  (await on.calls.peers({})).peers[0] ?? null;

const trusts = (from: Side, other: Machine) =>
  from.on.calls.trust({
    machines: [
      {
        ...{ fingerprint: other.daemon.fingerprint, name: null, to: from.wire.address },
        ...{ entries: [{ scope: "ask", names: null }], mine: false },
      },
    ],
  });

/** Both call, as if the pause after the last attempt were over. */
function bothCall(sides: readonly Side[]): void {
  for (const { time } of sides) time.pass(meetPauseMsMax + 1);
  for (const { time } of sides) time.sweep();
}

/** True once both are paired and up; fails when one of them is ever refused. */
async function areUp(sides: readonly Side[]): Promise<boolean> {
  const peers = await Promise.all(sides.map(peerOf));
  for (const peer of peers) expect(peer?.link).not.toBe("refused");
  return peers.every((peer) => peer?.link === "up" && peer.acknowledged);
}

test(`both meet at once × ${rounds}, with cuts after each message: both are paired`, async () => {
  const [miniTime, laptopTime] = [moved(), moved()];
  await using mini = await machine("mini", miniTime);
  await using laptop = await machine("laptop", laptopTime);
  await using toLaptop = await cuttingProxy(laptop.address);
  await using toMini = await cuttingProxy(mini.address);
  const one: Side = { on: mini, time: miniTime, wire: toLaptop };
  const other: Side = { on: laptop, time: laptopTime, wire: toMini };
  const sides = [one, other];
  const draw = drawFrom(Number(process.env.PEERNET_TEST_SEED ?? 20_261_130));
  let cuts = 0;
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([trusts(one, laptop), trusts(other, mini)]);
    for (const { wire } of sides) {
      const toward = draw.pick(["server", "client"] as const);
      wire.cutNext({ toward, afterRecords: draw.between(1, 8) }, draw.between(0, 2));
    }
    bothCall(sides);
    const isPaired = async (): Promise<boolean> => (await peerOf(one)) !== null;
    // The first calls end, cut or not, before the wire is mended.
    await until("the first calls are over", isPaired, 300).catch(() => {});
    for (const { wire } of sides) if (wire.mend()) cuts += 1;
    await until(
      `both are up in round ${round}`,
      async () => {
        if (await areUp(sides)) return true;
        bothCall(sides);
        return false;
      },
      20_000,
    );
    for (const side of sides) {
      const name = (await peerOf(side))?.name;
      if (name !== undefined) await side.on.calls.unpair({ name });
    }
    expect((await mini.calls.peers({})).expected ?? []).toEqual([]);
  }
  expect(cuts).toBeGreaterThan(rounds / 4);
}, 300_000);
