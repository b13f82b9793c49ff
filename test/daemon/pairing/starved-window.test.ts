/** Attackers who take every place there is for a pairing run, and what the person sees of them. */

import { describe, expect, test } from "bun:test";
import { exchangesMax, refusalMinuteMs } from "../../../src/contract/limits.ts";
import { type Machine, machine, type OpenedWindow, opened } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { attempt, endOf, eventsOf, pendingRuns, wrongly } from "../attack/attempts.ts";
import { connectTo, newIdentity, type RawConnection } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { anyShare, confirmByHand } from "../attack/pairing.ts";

const rounds = 10;
const attackers = 12;
const identities = Array.from({ length: 20 }, newIdentity);
const addresses = Array.from({ length: 200 }, (_, at) => `127.0.${1 + (at >> 6)}.${1 + (at & 63)}`);

/** An attack that goes on until it is disposed of. */
interface Attack extends AsyncDisposable {
  /** Runs that it was given so far. */
  held(): number;
}

/** Holds runs from 200 addresses, as fast as it can, until it is disposed of. */
function holdRuns(to: string): Attack {
  let ended = false;
  let next = 0;
  let runs = 0;
  const connections: RawConnection[] = [];
  const hold = async (): Promise<void> => {
    while (!ended) {
      const number = next++;
      const identity = identities[number % identities.length] ?? null;
      const from = addresses[number % addresses.length] ?? "127.0.0.1";
      // A connection that was displaced is what this attacker expects.
      const connection = await connectTo(to, { identity, from }).catch(() => null);
      if (connection === null) continue;
      connections.push(connection);
      const reply = await connection.post("pair/share", anyShare);
      if (reply?.status === 200) runs += 1;
      else connection[Symbol.dispose]();
    }
  };
  const holding = Array.from({ length: attackers }, hold);
  return {
    held: () => runs,
    [Symbol.asyncDispose]: async () => {
      ended = true;
      await Promise.all(holding);
      for (const connection of connections) connection[Symbol.dispose]();
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

async function unpairAll(...machines: readonly Machine[]): Promise<void> {
  for (const on of machines) {
    for (const { name } of (await on.calls.peers({})).peers) await on.calls.unpair({ name });
  }
}

const promise =
  "P10: An attacker who holds every pairing run does not keep the right code out, " +
  "and 1,000 bare connects a second keep out at most 1 in 20 of the right codes and asks.";

describe(promise, () => {
  for (const [newer, end] of [
    [exchangesMax - 1, /^paired$/],
    [exchangesMax, /^(rate_limited|closed)$/],
  ] as const) {
    test(`a run that ${newer} others follow, each from its own address: ${end}`, async () => {
      await using shows = await machine("shows");
      const window = await opened(shows);
      const [run] = await pendingRuns(shows, window.code, 1);
      if (run === undefined) throw new Error("no run");
      using held = new DisposableStack();
      held.use(run.connection);
      for (const from of addresses.slice(0, newer)) {
        const identity = identities[0] ?? null;
        const connection = held.use(await connectTo(shows.address, { identity, from }));
        expect((await connection.post("pair/share", anyShare))?.status).toBe(200);
      }
      expect(await confirmByHand(run).then(endOf, () => "closed")).toMatch(end);
      window.close();
    }, 30_000);
  }

  test("while 200 addresses ask for runs: only as many newer ones keep it out", async () => {
    await using shows = await machine("shows");
    await using types = await machine("types");
    await using attack = holdRuns(shows.address);
    let entered = 0;
    for (let round = 0; round < rounds; round += 1) {
      const before = attack.held();
      const window = await opened(shows);
      await until("the attack is on", () => attack.held() - before >= 8);
      const heldBefore = attack.held();
      if (await pairs(shows, types, window)) entered += 1;
      // Each attacker may have been given one more run than it has read of.
      else expect(attack.held() - heldBefore).toBeGreaterThanOrEqual(exchangesMax - attackers);
      window.close();
      await window.ended;
      await unpairAll(shows, types);
    }
    expect(entered).toBeGreaterThan(0);
  }, 60_000);

  test("while every run there is is held, which is shown and recorded", async () => {
    const time = moved();
    await using shows = await machine("shows", time);
    await using types = await machine("types");
    await using attack = holdRuns(shows.address);
    for (let round = 0; round < 2; round += 1) {
      // Evictions may be shown once a second.
      time.pass(1_000);
      const before = attack.held();
      const window = await opened(shows);
      await until("every run is held", () => attack.held() - before > exchangesMax);
      await until("it is shown", () => eventsOf(window).includes("evicted"));
      expect(await pairs(shows, types, window)).toBe(true);
      const shown = window.events.find((event) => event.event === "evicted");
      expect(shown).toMatchObject({ from: expect.stringMatching(/^127\.0\.[1-4]\.\d+$/) });
      await unpairAll(shows, types);
    }
    time.pass(refusalMinuteMs);
    time.sweep();
    const evictions = async () => (await shows.calls.audit({ verb: "evict" })).records;
    await until("they are on the record", async () => (await evictions()).length > 0);
    expect((await evictions())[0]?.origin_address).toMatch(/^127\.0\.[1-4]\.\d+$/);
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
