import { expect, test } from "bun:test";
import { scopesToTell } from "../../../src/core/peers/grants.ts";

test("scopesToTell() tells a machine without the feature grants of ask at most", () => {
  for (const features of [[], ["later"], ["Grants"], ["grants2"]]) {
    expect(scopesToTell(["message", "ask", "run"], features)).toEqual(["ask"]);
    expect(scopesToTell(["message"], features)).toEqual([]);
    expect(scopesToTell([], features)).toEqual([]);
  }
});

test("scopesToTell() tells a machine that has the feature grants of all scopes", () => {
  expect(scopesToTell(["message", "ask"], ["later", "grants"])).toEqual(["message", "ask"]);
});
