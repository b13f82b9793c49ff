/** Elapsed time: whatever the clocks are set to, it goes forward and never by too much. */

import { describe, expect, test } from "bun:test";
import { elapsedOffMsMax } from "../../src/contract/reach/limits.ts";
import { elapsedMs, type Mark, markAt } from "../../src/core/elapsed.ts";
import { histories, historiesMs } from "../support/histories.ts";

const day = 86_400_000;
const mark: Mark = { total_ms: 1_000, run: "one", boot_ms: 5_000_000, wall_ms: 1_800_000_000_000 };
const at = (run: string, bootMs: number, wallMs = mark.wall_ms) => ({ run, bootMs, wallMs });

describe("elapsedMs()", () => {
  test("elapsedMs() is the boot clock's difference within one run, whatever the wall clock", () => {
    expect(elapsedMs(mark, at("one", mark.boot_ms + 250, mark.wall_ms + 8 * day))).toBe(1_250);
    expect(elapsedMs(mark, at("one", mark.boot_ms + 250, 0))).toBe(1_250);
  });

  test("elapsedMs() is the same for another run of the same boot", () => {
    expect(elapsedMs(mark, at("two", mark.boot_ms + 250, mark.wall_ms + 8 * day))).toBe(1_250);
  });

  test("elapsedMs() takes the wall clock over a boot, for a day at most and never back", () => {
    expect(elapsedMs(mark, at("two", 60_000, mark.wall_ms + 3_600_000))).toBe(3_601_000);
    expect(elapsedMs(mark, at("two", 60_000, mark.wall_ms + 8 * day))).toBe(
      1_000 + elapsedOffMsMax,
    );
    expect(elapsedMs(mark, at("two", 60_000, mark.wall_ms - 8 * day))).toBe(61_000);
  });

  test("elapsedMs() begins at zero", () => {
    expect(elapsedMs(null, at("one", 5, 5))).toBe(0);
  });

  test(
    "elapsedMs() never goes back, and a boot adds at most a day, in any history of clocks",
    () =>
      histories(300, (draw) => {
        let moment = { run: "0", bootMs: draw.below(1_000_000), wallMs: draw.below(2 ** 40) };
        let kept = markAt(null, moment);
        let ranMs = 0;
        let boots = 0;
        for (let step = 0; step < 60; step += 1) {
          const running = elapsedMs(kept, moment);
          const isBoot = draw.oneIn(6);
          const isRun = isBoot || draw.oneIn(4);
          const ms = draw.below(3_600_000);
          const jump = draw.oneIn(5) ? draw.between(-8, 8) * day : 0;
          const bootMs = isBoot ? draw.below(100_000) : moment.bootMs + ms;
          // Of the time before a boot only the saved part is certain.
          const before = isBoot ? kept.total_ms : running;
          if (isBoot) boots += 1;
          ranMs += isBoot ? bootMs : ms;
          const run = isRun ? `${step + 1}` : moment.run;
          moment = { run, bootMs, wallMs: moment.wallMs + ms + jump };
          const after = elapsedMs(kept, moment);
          expect(after).toBeGreaterThanOrEqual(before);
          // A new run writes it down at once, as a daemon does.
          if (isRun || draw.oneIn(3)) kept = markAt(kept, moment);
          expect(elapsedMs(kept, moment)).toBe(after);
          expect(after).toBeLessThanOrEqual(ranMs + boots * elapsedOffMsMax);
        }
      }),
    historiesMs,
  );
});
