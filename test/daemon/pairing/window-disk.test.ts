/** The pairing window while the database fails: attempts stay spent, nobody is told what is not. */

import { describe, expect, test } from "bun:test";
import { windowLifeMs } from "../../../src/contract/limits.ts";
import { machine, opened } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { attempt, eventsOf, recorded, wrongly } from "../attack/attempts.ts";
import { breakDatabase } from "../attack/disk.ts";
import { moved } from "../attack/moved.ts";

describe("a window on a disk that fails", () => {
  test("counts and records a refused attempt though it is refused", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    expect(await wrongly(shows, 1)).toEqual(["code_rejected"]);
    expect((await shows.calls.status({})).window).toMatchObject({ open: true, attempts_left: 2 });
    expect(await recorded(shows)).toEqual(["confirm code_rejected"]);
    window.close();
  });

  for (const failing of ["record", "commit"] as const) {
    test(`gives no attempt back when the ${failing} fails`, async () => {
      await using shows = await machine("shows");
      const window = await opened(shows);
      const mend = breakDatabase(shows.home, failing);
      expect(await wrongly(shows, 1)).toEqual(["internal"]);
      mend();
      // Whether the window goes on or not: what was spent before the disk failed stays spent.
      const left = (await shows.calls.status({})).window;
      if (left.open) expect(left.attempts_left).toBe(2);
      const evaluated = (await wrongly(shows, 3)).filter((end) => /^code_/.test(end));
      expect(evaluated.length).toBe(left.open ? 2 : 0);
      await window.ended;
    });

    test(`stores no peer and tells of none when the ${failing} of a pairing fails`, async () => {
      const time = moved();
      await using shows = await machine("shows", time);
      const window = await opened(shows);
      const mend = breakDatabase(shows.home, failing);
      expect(await attempt(shows, 1, window.code)).toBe("internal");
      mend();
      expect((await shows.calls.peers({})).peers).toEqual([]);
      time.pass(windowLifeMs + 1);
      time.sweep();
      await window.ended;
      expect(eventsOf(window)).not.toContain("paired");
    });

    test(`ends the window for its reader when the ${failing} of the third fails`, async () => {
      const time = moved();
      await using shows = await machine("shows", time);
      const window = await opened(shows);
      expect(await wrongly(shows, 2)).toEqual(["code_rejected", "code_rejected"]);
      const mend = breakDatabase(shows.home, failing);
      expect(await wrongly(shows, 1)).toEqual(["internal"]);
      mend();
      time.pass(windowLifeMs + 1);
      time.sweep();
      await until("the reader is told", () =>
        /^(burned|expired|closed)$/.test(eventsOf(window).at(-1) ?? ""),
      );
      await window.ended;
      expect(eventsOf(window).at(-1)).toMatch(/^(burned|expired|closed)$/);
    });
  }
});
