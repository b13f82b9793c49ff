import { describe, expect, test } from "bun:test";
import { attemptsMax, codeDigits, windowLifeMs } from "../../src/contract/limits.ts";
import { PairingCode } from "../../src/contract/terms.ts";
import {
  claimAttempt,
  codesCount,
  isOpenTo,
  openWindow,
  pairingCodeFrom,
  refuseConfirm,
  type Window,
  windowState,
} from "../../src/core/pairing.ts";
import { accepted, refused } from "./samples.ts";

const openedMs = 7_000;
const opened = (from: string | null = null): Window =>
  openWindow({ code: "027674", from, any_user: false, grant: ["ask"] }, openedMs);
const source = "192.0.2.7";
const last = openedMs + windowLifeMs - 1;
const spent = (attempts: number): Window => {
  let window = opened();
  for (let count = 0; count < attempts; count += 1) {
    window = accepted(claimAttempt(window, source, openedMs));
  }
  return window;
};

describe("pairingCodeFrom()", () => {
  test("pairingCodeFrom() is six digits with their leading zeros", () => {
    expect(pairingCodeFrom(0)).toBe("000000");
    expect(pairingCodeFrom(27_674)).toBe("027674");
    expect(pairingCodeFrom(codesCount - 1)).toBe("999999");
    expect(codesCount).toBe(1_000_000);
  });

  test("pairingCodeFrom() gives every code exactly once, each as a person types it", () => {
    const codes = new Set<string>();
    for (let number = 0; number < codesCount; number += 1) codes.add(pairingCodeFrom(number));
    expect(codes.size).toBe(codesCount);
    expect([...codes].filter((code) => code.length !== codeDigits)).toEqual([]);
    expect(PairingCode.parse(pairingCodeFrom(1))).toBe("000001");
  });
});

describe("openWindow()", () => {
  test("openWindow() lives for windowLifeMs with all attempts, and nobody was refused yet", () => {
    expect(opened("192.0.2.7")).toEqual({
      code: "027674",
      from: "192.0.2.7",
      any_user: false,
      grant: ["ask"],
      expires_monotonic_ms: openedMs + windowLifeMs,
      attempts_left: attemptsMax,
      refused_from: [],
    });
    expect([windowLifeMs, attemptsMax]).toEqual([120_000, 3]);
  });
});

describe("windowState()", () => {
  test("windowState() is open up to the last millisecond, then expired", () => {
    expect(windowState(opened(), openedMs)).toBe("open");
    expect(windowState(opened(), last)).toBe("open");
    expect(windowState(opened(), last + 1)).toBe("expired");
    expect(windowState(opened(), last + 2)).toBe("expired");
  });

  test("windowState() is burned with the last attempt, and stays so after its time", () => {
    expect(windowState(spent(attemptsMax - 1), openedMs)).toBe("open");
    expect(windowState(spent(attemptsMax), openedMs)).toBe("burned");
    expect(windowState(spent(attemptsMax), last + 1)).toBe("burned");
  });
});

describe("isOpenTo()", () => {
  test("isOpenTo() is true for any source of an open window without a filter", () => {
    expect(isOpenTo(opened(), source, last)).toBe(true);
    expect(isOpenTo(opened(), "2001:db8::1", last)).toBe(true);
  });

  test("isOpenTo() is true for no other source than the one a window was opened for", () => {
    expect(isOpenTo(opened(source), source, openedMs)).toBe(true);
    for (const other of ["192.0.2.70", "192.0.2.", "", "2001:db8::1"]) {
      expect(isOpenTo(opened(source), other, openedMs)).toBe(false);
    }
  });

  test("isOpenTo() is false when there is no window, and when it is expired or burned", () => {
    expect(isOpenTo(null, source, openedMs)).toBe(false);
    expect(isOpenTo(opened(), source, last + 1)).toBe(false);
    expect(isOpenTo(spent(attemptsMax), source, openedMs)).toBe(false);
  });
});

describe("claimAttempt()", () => {
  test("claimAttempt() spends one attempt and notes the source, and changes nothing else", () => {
    const before = opened();
    const after = accepted(claimAttempt(before, source, last));
    expect(after).toEqual({ ...before, attempts_left: 2, refused_from: [source] });
    expect(before).toEqual(opened());
  });

  test("claimAttempt() grants three attempts in all, and no fourth", () => {
    let window = opened();
    for (const [left, from] of [
      [2, "a"],
      [1, "b"],
      [0, "a"],
    ] as const) {
      window = accepted(claimAttempt(window, from, openedMs));
      expect(window.attempts_left).toBe(left);
    }
    expect(window.refused_from).toEqual(["a", "b", "a"]);
    expect(refused(claimAttempt(window, "c", openedMs)).code).toBe("window_closed");
  });

  test("claimAttempt() gives everyone who is not let in the same answer", () => {
    const closed = {
      code: "window_closed",
      message: "no pairing window is open there",
      hint: "peernet pair --open",
    } as const;
    expect(refused(claimAttempt(null, source, openedMs))).toEqual(closed);
    expect(refused(claimAttempt(opened(), source, last + 1))).toEqual(closed);
    expect(refused(claimAttempt(opened("192.0.2.8"), source, openedMs))).toEqual(closed);
    expect(refused(claimAttempt(spent(attemptsMax), source, openedMs))).toEqual(closed);
  });

  test("claimAttempt() is granted at the last millisecond and refused at the next", () => {
    expect(claimAttempt(opened(), source, last).ok).toBe(true);
    expect(claimAttempt(opened(), source, last + 1).ok).toBe(false);
  });
});

describe("refuseConfirm()", () => {
  test("refuseConfirm() says how many attempts are left", () => {
    for (const attempts_left of [2, 1]) {
      expect(refused(refuseConfirm(spent(attemptsMax - attempts_left)))).toEqual({
        code: "code_rejected",
        message: "that is not the code shown there",
        hint: "peernet pair",
        details: { attempts_left },
      });
    }
  });

  test("refuseConfirm() says that the third attempt burned the window", () => {
    expect(refused(refuseConfirm(spent(attemptsMax)))).toEqual({
      code: "code_burned",
      message: "the window burned after 3 wrong codes",
      hint: "peernet pair --open",
      details: { attempts_left: 0 },
    });
  });
});
