import { expect, test } from "bun:test";
import { heartbeatMs, keeperPatienceMs } from "../../src/contract/limits.ts";
import { isKeeperWanted, isOlder, keeperStanding } from "../../src/core/keeper.ts";

test("isKeeperWanted() holds while an errand is open, and where notifications are shown", () => {
  const wanted = [0, 1].flatMap((errands) =>
    [false, true].map((notifies) => isKeeperWanted({ errands, notifies })),
  );
  expect(wanted).toEqual([false, true, true, true]);
});

test("keeperStanding() says missing only where something needs it, and not at once", () => {
  const standing = (wanted: boolean, awayMs: number | null, unrenewedMs: number | null = null) =>
    keeperStanding({ wanted, awayMs, unrenewedMs });
  expect(standing(true, null)).toBe("runs");
  expect(standing(false, null)).toBeNull();
  expect(standing(true, keeperPatienceMs - 1)).toBeNull();
  expect(standing(true, keeperPatienceMs)).toBe("missing");
  expect(standing(false, keeperPatienceMs)).toBeNull();
  const lateMs = heartbeatMs + keeperPatienceMs;
  expect(standing(false, keeperPatienceMs, lateMs)).toBeNull();
  expect(standing(false, keeperPatienceMs, lateMs + 1)).toBe("missing");
  expect(standing(false, keeperPatienceMs - 1, lateMs + 1)).toBeNull();
});

test("isOlder() compares versions by their numbers", () => {
  const lower = [
    ["0.1.0", "0.1.1"],
    ["0.9.9", "0.10.0"],
    ["0.10.0", "1.0.0"],
    ["1.2.3-rc.1", "1.2.4"],
  ] as const;
  for (const [version, than] of lower) {
    expect([version, isOlder(version, than)]).toEqual([version, true]);
    expect([than, isOlder(than, version)]).toEqual([than, false]);
  }
  for (const other of ["0.1.0", "", "next", "0.1", "0.1.0.0", "1".repeat(40)]) {
    expect([other, isOlder(other, "0.1.0"), isOlder("0.1.0", other)]).toEqual([
      other,
      false,
      false,
    ]);
  }
});
