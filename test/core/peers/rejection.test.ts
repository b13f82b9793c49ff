import { expect, test } from "bun:test";
import { exchangeCalmMs, rejectionGapMs } from "../../../src/contract/limits/reverse.ts";
import { judged, type Rejection } from "../../../src/core/peers/rejection.ts";

const at = (atMs: number, bearer = "one"): Rejection => ({ bearer, atMs });

test("judged() refuses at the second rejection of one credential, 2 s after the first", () => {
  const once = judged({ first: null, exchangedMs: null }, at(1_000));
  expect(once).toEqual({ first: at(1_000), isRefused: false });
  const again = (ms: number, bearer?: string) =>
    judged({ first: once.first, exchangedMs: null }, at(ms, bearer));
  expect(again(1_000 + rejectionGapMs - 1)).toEqual({ first: at(1_000), isRefused: false });
  expect(again(1_000 + rejectionGapMs)).toEqual({ first: at(1_000), isRefused: true });
  // Another credential has not been rejected twice.
  expect(again(90_000, "two")).toEqual({ first: at(90_000, "two"), isRefused: false });
});

test("judged() counts no rejection within 5 s of an exchange", () => {
  const first = at(0);
  const after = (ms: number) => judged({ first, exchangedMs: 10_000 }, at(ms));
  expect(after(10_000 + exchangeCalmMs - 1)).toEqual({ first: null, isRefused: false });
  expect(after(10_000 + exchangeCalmMs)).toEqual({ first, isRefused: true });
});
