/** Attackers who take every place there is for a pairing run, and what the person sees of them. */

import { describe, expect, test } from "bun:test";
import { type Machine, machine, type OpenedWindow, opened } from "../support/daemon.ts";
import { until } from "../support/until.ts";
import { attempt, eventsOf, wrongly } from "./attack/attempts.ts";
import { connectTo, newIdentity, type RawConnection } from "./attack/connection.ts";
import { anyShare } from "./attack/pairing.ts";

const rounds = 40;
const identities = Array.from({ length: 20 }, newIdentity);
const addresses = Array.from({ length: 200 }, (_, at) => `127.0.${1 + (at >> 6)}.${1 + (at & 63)}`);

/** Holds runs from 200 addresses, as fast as it can, until it is disposed of. */
function holdRuns(to: string): AsyncDisposable {
  let ended = false;
  let next = 0;
  const held: RawConnection[] = [];
  const hold = async (): Promise<void> => {
    while (!ended) {
      const number = next++;
      const identity = identities[number % identities.length] ?? null;
      const from = addresses[number % addresses.length] ?? "127.0.0.1";
      // A connection that was displaced is what this attacker expects.
      const connection = await connectTo(to, { identity, from }).catch(() => null);
      if (connection === null) continue;
      held.push(connection);
      const reply = await connection.post("pair/share", anyShare);
      if (reply?.status !== 200) connection[Symbol.dispose]();
    }
  };
  const attackers = Array.from({ length: 12 }, hold);
  return {
    [Symbol.asyncDispose]: async () => {
      ended = true;
      await Promise.all(attackers);
      for (const connection of held) connection[Symbol.dispose]();
    },
  };
}

/** Types the code; whether both machines then know each other. */
async function pairs(shows: Machine, types: Machine, window: OpenedWindow): Promise<boolean> {
  const { fingerprint } = shows.daemon;
  const input = { code: window.code, to: shows.address, fingerprint, grant: ["ask" as const] };
  const isPaired = await types.calls.pair(input).then(
    () => true,
    () => false,
  );
  if (isPaired) await window.ended;
  return isPaired;
}

describe("P10: An attacker who holds every pairing run does not keep the right code out.", () => {
  test("from 200 addresses: the right code gets in at least 38 times of 40", async () => {
    await using shows = await machine("shows");
    await using types = await machine("types");
    await using _attacker = holdRuns(shows.address);
    let entered = 0;
    for (let round = 0; round < rounds; round += 1) {
      const window = await opened(shows);
      await until("every run is held", () => eventsOf(window).includes("evicted"));
      if (await pairs(shows, types, window)) entered += 1;
      const evictedFrom = window.events.flatMap((event) =>
        event.event === "evicted" ? [event.from] : [],
      );
      expect(evictedFrom.every((from) => addresses.includes(from) || from === "127.0.0.1")).toBe(
        true,
      );
      window.close();
      await window.ended;
      for (const on of [shows, types]) {
        for (const { name } of (await on.calls.peers({})).peers) await on.calls.unpair({ name });
      }
    }
    expect(entered).toBeGreaterThanOrEqual(0.95 * rounds);
    const { records } = await shows.calls.audit({ verb: "evict", limit: 1 });
    expect(records[0]?.origin_address).toMatch(/^127\.0\.[1-4]\.\d+$/);
  }, 60_000);

  test("a window that is open to one address has no place for the others", async () => {
    await using shows = await machine("shows");
    await using types = await machine("types");
    await using _attacker = holdRuns(shows.address);
    for (let round = 0; round < 5; round += 1) {
      const window = await opened(shows, { from: "127.0.0.1" });
      expect(await pairs(shows, types, window)).toBe(true);
      expect(eventsOf(window)).toEqual(["opened", "paired"]);
    }
  }, 30_000);
});

test("pair/open shows who burned a window, and burns for nobody else's address", async () => {
  await using shows = await machine("shows");
  const first = await opened(shows);
  await wrongly(shows, 3);
  await first.ended;
  const burners = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
  expect(first.events.at(-1)).toEqual({ event: "burned", from: burners });
  const second = await opened(shows, { from: "127.0.0.7" });
  expect(await wrongly(shows, 5)).toEqual(Array.from({ length: 5 }, () => "window_closed"));
  expect((await shows.calls.status({})).window).toMatchObject({ open: true, attempts_left: 3 });
  // The sixth address is the one it is open to.
  expect(await attempt(shows, 5, second.code)).toBe("paired");
});
