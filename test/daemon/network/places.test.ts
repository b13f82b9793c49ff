/** Bare connects by the thousand: who keeps a place beside them, and what is left on record. */

import { describe, expect, test } from "bun:test";
import { connect, Socket } from "node:net";
import {
  connectionsKeptMax,
  connectionsUnknownMax,
  familiarMs,
  handshakesMax,
  refusalMinuteMs,
} from "../../../src/contract/limits.ts";
import type { Place } from "../../../src/daemon/network/connection.ts";
import { Places } from "../../../src/daemon/network/places.ts";
import { machine } from "../../support/daemon.ts";
import { fakeEffects } from "../../support/effects.ts";
import { until } from "../../support/until.ts";
import { moved } from "../attack/moved.ts";

/** Places in a test's hand: the displaced connections, by a clock that stands still. */
function placesOf(familiar: readonly string[] = []) {
  const { clock, random } = fakeEffects();
  const gone = new Set<Place>();
  const draw = random.integer;
  const onDisplaced = (place: Place): unknown => gone.add(place);
  const places = new Places({ clock, draw, familiar, onDisplaced });
  let since = 0;
  const take = (address: string): Place => {
    const socket = new Socket();
    since += 1;
    const place: Place = {
      address,
      kept: false,
      reverse: null,
      settled: false,
      local: "127.0.0.1:1",
      since,
      fingerprint: null,
      known: false,
      busy: false,
      deadlineMs: 5_000,
      destroy: () => places.leave(socket),
    };
    places.take(socket, place);
    return place;
  };
  return { places, take, gone, clock };
}

/** The bare connects of 250 addresses, in turn. */
function crowdOf(take: (address: string) => Place): (count: number) => void {
  let next = 0;
  return (count) => {
    for (let time = 0; time < count; time += 1) take(`127.0.0.${1 + (next++ % 250)}`);
  };
}

/** Of connects a second, 1,000 fall into the 225 ms that a handshake takes over 150 ms. */
const meanwhile = 225;

const promise =
  "P10: An attacker who holds every pairing run does not keep the right code out, " +
  "and 1,000 bare connects a second keep out at most 1 in 20 of the right codes and asks.";

describe(`39: 1,000 bare connects a second beside a way of 150 ms, ${promise}`, () => {
  test("of 200 newcomers 95 % finish a handshake within the tries they have", () => {
    const { take, gone } = placesOf();
    const flood = crowdOf(take);
    flood(1_000);
    let entered = 0;
    for (let newcomer = 0; newcomer < 200; newcomer += 1) {
      for (let time = 0; time < handshakesMax; time += 1) {
        const place = take("192.0.2.7");
        flood(meanwhile);
        if (gone.has(place)) continue;
        entered += 1;
        place.destroy();
        break;
      }
    }
    expect(entered).toBeGreaterThanOrEqual(190);
  });

  test("a handshake that is done is not displaced by connects", () => {
    const { take, gone } = placesOf();
    const place = take("192.0.2.7");
    place.settled = true;
    crowdOf(take)(5_000);
    expect(gone.has(place)).toBe(false);
    expect(gone.size).toBe(5_001 - connectionsUnknownMax);
  });

  test("an address that proved a peer's key has a place, a day long", () => {
    const { places, take, gone, clock } = placesOf();
    places.prove(take("192.0.2.7"), "sha256:peer", true);
    const flood = crowdOf(take);
    const kept = take("192.0.2.7");
    flood(5_000);
    expect([kept.kept, gone.has(kept)]).toEqual([true, false]);
    clock.move(familiarMs);
    expect(take("192.0.2.7").kept).toBe(false);
  });

  test("an address of which it was known before the daemon started has a place", () => {
    expect(placesOf(["192.0.2.7"]).take("192.0.2.7").kept).toBe(true);
    expect(placesOf(["192.0.2.7"]).take("192.0.2.8").kept).toBe(false);
  });

  test("one familiar address that takes all kept places makes room for another", () => {
    const { take, gone } = placesOf(["192.0.2.7", "192.0.2.8"]);
    const crowd = Array.from({ length: connectionsKeptMax }, () => take("192.0.2.7"));
    expect(take("192.0.2.7").kept).toBe(false);
    expect(take("192.0.2.8").kept).toBe(true);
    expect(crowd.filter((place) => gone.has(place))).toHaveLength(1);
  });

  test("one IPv6 host is one source, whatever addresses it takes", () => {
    const { take, gone } = placesOf();
    const lonely = take("192.0.2.7");
    for (let at = 0; at < 1_000; at += 1) take(`2001:db8::${at.toString(16)}`);
    expect(gone.has(lonely)).toBe(false);
  });
});

test("39: connections that made place for others are counted and recorded", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const port = Number(on.address.slice(on.address.lastIndexOf(":") + 1));
  const sockets: Socket[] = [];
  const crowd = connectionsUnknownMax + 40;
  for (let at = 0; at < crowd; at += 1) {
    const localAddress = `127.0.0.${1 + (at % 20)}`;
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    socket.on("error", () => socket.destroy());
    // Nothing is read otherwise, and a socket that is not read never tells its end.
    socket.resume();
    sockets.push(socket);
  }
  const closed = (): number => sockets.filter(({ destroyed }) => destroyed).length;
  await until("the others are displaced", () => closed() >= 40);
  time.pass(refusalMinuteMs);
  time.sweep();
  const recorded = async () => (await on.calls.audit({ verb: "refused", limit: 1_000 })).records;
  await until("the minute is recorded", async () => (await recorded()).length > 0);
  const records = await recorded();
  expect(records.every(({ outcome }) => outcome === "displaced")).toBe(true);
  expect(records.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(40);
  for (const socket of sockets) socket.destroy();
});
