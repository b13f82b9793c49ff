/** The pairing window under attack: many attempts at once, and attempts after its end. */

import { describe, expect, test } from "bun:test";
import { windowLifeMs } from "../../../src/contract/limits.ts";
import { machine, opened } from "../../support/daemon.ts";
import {
  attempt,
  endOf,
  eventsOf,
  otherThan,
  pendingRuns,
  recorded,
  wrongly,
} from "../attack/attempts.ts";
import { codeOf, connectTo, newIdentity } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { anyShare, confirmByHand } from "../attack/pairing.ts";

const promise =
  "P5: A window allows three confirms in all, however many connections race, and one success.";

describe(promise, () => {
  test("1,000 parallel attempts from 50 addresses, one in ten with the code", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    let next = 0;
    const ends: string[] = [];
    const attacker = async (): Promise<void> => {
      for (let number = next++; number < 1_000; number = next++) {
        ends.push(await attempt(shows, number, number % 10 === 9 ? window.code : null));
      }
    };
    await Promise.all(Array.from({ length: 100 }, attacker));
    const evaluated = ends.filter((end) => /^(paired|code_rejected|code_burned)$/.test(end));
    expect(ends).toHaveLength(1_000);
    expect(evaluated.length).toBeGreaterThan(0);
    expect(evaluated.length).toBeLessThanOrEqual(3);
    expect(evaluated.filter((end) => end === "paired").length).toBeLessThanOrEqual(1);
    const records = await recorded(shows);
    expect(records).toHaveLength(evaluated.length);
    const { peers } = await shows.calls.peers({});
    expect(peers).toHaveLength(records.filter((record) => record === "pair ok").length);
  }, 30_000);

  test("eight runs that confirm a wrong code in the same moment", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    const runs = await pendingRuns(shows, otherThan(window.code), 8);
    const ends = (await Promise.all(runs.map(confirmByHand))).map(endOf);
    expect(ends.filter((end) => end === "code_rejected")).toHaveLength(2);
    expect(ends.filter((end) => end === "code_burned")).toHaveLength(1);
    await window.ended;
    const [, ...events] = eventsOf(window);
    expect(events).toEqual(["attempt_failed", "attempt_failed", "attempt_failed", "burned"]);
    const rejected = "confirm code_rejected";
    expect(await recorded(shows)).toEqual([rejected, rejected, "confirm code_burned"]);
    for (const { connection } of runs) connection[Symbol.dispose]();
  });

  test("eight runs that confirm the right code in the same moment", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    const runs = await pendingRuns(shows, window.code, 8);
    const ends = (await Promise.all(runs.map(confirmByHand))).map(endOf);
    expect(ends.filter((end) => end === "paired")).toHaveLength(1);
    expect((await shows.calls.peers({})).peers).toHaveLength(1);
    expect(await recorded(shows)).toEqual(["pair ok"]);
    for (const { connection } of runs) connection[Symbol.dispose]();
  });

  test("two confirms sent at once on one connection are one attempt at most", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    const [run] = await pendingRuns(shows, otherThan(window.code), 1);
    if (run === undefined) throw new Error("no run");
    const ends = (await Promise.all([confirmByHand(run), confirmByHand(run)])).map(endOf);
    expect(ends.filter((end) => end === "code_rejected").length).toBeLessThanOrEqual(1);
    expect((await recorded(shows)).length).toBeLessThanOrEqual(1);
    expect((await shows.calls.status({})).window).toMatchObject({ open: true });
    window.close();
    run.connection[Symbol.dispose]();
  });

  test("a second share on a connection is no second guess", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    using connection = await connectTo(shows.address, { identity: newIdentity() });
    expect((await connection.post("pair/share", anyShare))?.status).toBe(200);
    expect(codeOf(await connection.post("pair/share", anyShare))).toBe("bad_request");
    window.close();
  });
});

describe("P6: A code is worth nothing after its window was used, burned or expired.", () => {
  test("used", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    expect(await attempt(shows, 1, window.code)).toBe("paired");
    expect(await attempt(shows, 2, window.code)).toBe("refused");
    expect(await recorded(shows)).toEqual(["pair ok"]);
  });

  test("burned: the fourth confirm is not evaluated", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    expect(await wrongly(shows, 3)).toEqual(["code_rejected", "code_rejected", "code_burned"]);
    await window.ended;
    expect(await attempt(shows, 4, window.code)).toBe("refused");
    expect(await wrongly(shows, 1)).toEqual(["window_closed"]);
  });

  test("burned: by the third wrong confirm itself, before any sweep", async () => {
    const time = moved();
    await using shows = await machine("shows", time);
    const window = await opened(shows);
    expect(await wrongly(shows, 2)).toEqual(["code_rejected", "code_rejected"]);
    expect((await shows.calls.status({})).window).toMatchObject({ open: true });
    expect(await wrongly(shows, 1)).toEqual(["code_burned"]);
    expect((await shows.calls.status({})).window).toMatchObject({ open: false });
    await window.ended;
    const { records } = await shows.calls.audit({ verb: "window_close" });
    expect(records.map(({ outcome }) => outcome)).toEqual(["code_burned"]);
  });

  for (const [lateMs, end] of [
    [-1, "paired"],
    [0, "window_closed"],
    [1, "window_closed"],
  ] as const) {
    test(`a confirm ${lateMs} ms after the deadline ends as ${end}`, async () => {
      const time = moved();
      await using shows = await machine("shows", time);
      const window = await opened(shows);
      const [run] = await pendingRuns(shows, window.code, 1);
      if (run === undefined) throw new Error("no run");
      time.pass(windowLifeMs + lateMs);
      expect(endOf(await confirmByHand(run))).toBe(end);
      run.connection[Symbol.dispose]();
      window.close();
    });
  }

  test("expired: its reader learns of it, and the code does not fit the next window", async () => {
    const time = moved();
    await using shows = await machine("shows", time);
    const first = await opened(shows);
    time.pass(windowLifeMs + 1);
    expect(await attempt(shows, 1, first.code)).toBe("refused");
    time.sweep();
    await first.ended;
    expect(eventsOf(first)).toEqual(["opened", "expired"]);
    const second = await opened(shows);
    // One time in a million the two are the same.
    if (second.code !== first.code)
      expect(await attempt(shows, 2, first.code)).toBe("code_rejected");
    second.close();
  });
});

test("a confirm after another has used or burned the window gets that reason", async () => {
  for (const others of ["right", "wrong"] as const) {
    await using shows = await machine("shows");
    const window = await opened(shows);
    const [late] = await pendingRuns(shows, window.code, 1);
    if (late === undefined) throw new Error("no run");
    if (others === "right") expect(await attempt(shows, 9, window.code)).toBe("paired");
    else expect(await wrongly(shows, 3)).toContain("code_burned");
    // Not that there was no place: it is what makes the joiner look who else is paired there.
    expect([others, endOf(await confirmByHand(late))]).toEqual([others, "window_closed"]);
    late.connection[Symbol.dispose]();
  }
});
