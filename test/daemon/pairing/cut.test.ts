/** Pairings and exchanges that are cut at every record of their connection, and how they heal. */

import { expect, test } from "bun:test";
import { acknowledgeMs, handshakesMax } from "../../../src/contract/limits.ts";
import { type Machine, machine, opened, session } from "../../support/daemon.ts";
import { rowsOf } from "../attack/disk.ts";
import { moved } from "../attack/moved.ts";
import { type Cut, type CuttingProxy, cuttingProxy } from "../attack/proxy.ts";

const dayMs = 86_400_000;

/** Two machines, the one that types reaching the other through a wire that can be cut. */
interface Wired extends AsyncDisposable {
  readonly shows: Machine;
  readonly types: Machine;
  readonly wire: CuttingProxy;
  readonly time: ReturnType<typeof moved>;
}

async function wired(): Promise<Wired> {
  const time = moved();
  const shows = await machine("shows", time);
  const types = await machine("types", time);
  for (const on of [shows, types]) await on.calls.activate(session());
  const wire = await cuttingProxy(shows.address);
  const ends = [shows, types, wire];
  return {
    shows,
    types,
    wire,
    time,
    [Symbol.asyncDispose]: async () => {
      for (const end of ends) await end[Symbol.asyncDispose]();
    },
  };
}

/** Types the right code over the wire; whether the joiner was told that it is paired. */
async function pairOver({ shows, types, wire, time }: Wired): Promise<boolean> {
  const window = await opened(shows);
  const { fingerprint } = shows.daemon;
  const input = { code: window.code, to: wire.address, fingerprint, grant: ["ask" as const] };
  const isPaired = await types.calls.pair(input).then(
    () => true,
    () => false,
  );
  if (!isPaired) {
    time.pass(acknowledgeMs);
    time.sweep();
    window.close();
  }
  await window.ended;
  return isPaired;
}

const peersOf = async (on: Machine): Promise<number> => (await on.calls.peers({})).peers.length;

/** True when each may ask the other, and gets an answer. */
async function agree({ shows, types }: Wired): Promise<boolean> {
  const question = { question: null, thread_id: null };
  const asks = await Promise.allSettled([
    types.calls.ask({ handle: "shows/hydrate", ...question }),
    shows.calls.ask({ handle: "types/hydrate", ...question }),
  ]);
  return asks.every(({ status }) => status === "fulfilled");
}

/** Has each greet the other, as it does every half minute. */
async function linkUp({ shows, types }: Wired): Promise<void> {
  for (const on of [types, shows]) {
    await on.calls.ask({ handle: null, question: null, thread_id: null });
  }
}

async function unpairAll({ shows, types }: Wired): Promise<void> {
  for (const on of [shows, types]) {
    for (const { name } of (await on.calls.peers({})).peers) await on.calls.unpair({ name });
  }
}

/** Runs with a cut at every record of a connection, until one run is over before its cut. */
async function atEveryRecord(
  toward: Cut["toward"],
  isCut: (cut: Cut) => Promise<boolean>,
): Promise<number> {
  for (let afterRecords = 0; afterRecords < 60; afterRecords += 1) {
    if (!(await isCut({ toward, afterRecords }))) return afterRecords;
  }
  throw new Error("every run was cut");
}

const tokensOf = ({ home }: Machine): readonly unknown[] => rowsOf(home, "SELECT jti FROM token");

for (const toward of ["server", "client"] as const) {
  test(`a pairing cut after any record to the ${toward} heals, or is made again`, async () => {
    await using both = await wired();
    const { shows, types, wire } = both;
    let again = 0;
    const records = await atEveryRecord(toward, async (cut) => {
      // What is cut before the confirm is tried again.
      wire.cutNext(cut, handshakesMax);
      const isPaired = await pairOver(both);
      const wasCut = wire.mend();
      expect([cut, await peersOf(types)]).toEqual([cut, isPaired ? 1 : 0]);
      if (isPaired) await linkUp(both);
      else {
        again += 1;
        expect([cut, await pairOver(both)]).toEqual([cut, true]);
      }
      expect([cut, await agree(both)]).toEqual([cut, true]);
      expect([cut, await peersOf(shows), await peersOf(types)]).toEqual([cut, 1, 1]);
      await unpairAll(both);
      return wasCut;
    });
    // Otherwise the cuts missed the messages: a handshake and three of them go each way.
    expect(again).toBeGreaterThan(3);
    expect(records).toBeGreaterThan(again);
  }, 60_000);

  test(`an exchange cut after any record to the ${toward} heals at the next link-up`, async () => {
    await using both = await wired();
    const { shows, types, wire, time } = both;
    expect(await pairOver(both)).toBe(true);
    const records = await atEveryRecord(toward, async (cut) => {
      const before = [tokensOf(shows), tokensOf(types)];
      // The monotonic clock too, by which a peer may call again and again.
      time.move({ wallMs: 21 * dayMs, monotonicMs: 60_000 });
      // What is cut before a reply is tried again.
      wire.cutNext(cut, handshakesMax);
      await types.calls.ask({ handle: "shows/", question: null, thread_id: null });
      const wasCut = wire.mend();
      await linkUp(both);
      expect([cut, await agree(both)]).toEqual([cut, true]);
      for (const [at, on] of [shows, types].entries()) {
        expect([cut, tokensOf(on).length]).toEqual([cut, 1]);
        expect(tokensOf(on)).not.toEqual(before[at] ?? []);
      }
      return wasCut;
    });
    expect(records).toBeGreaterThan(5);
  }, 60_000);
}
