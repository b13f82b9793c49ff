/** The words for the rights of each side, with every limit of each entry. */

import { describe, expect, test } from "bun:test";
import { lasting, rightsHere, rightsPhrases } from "../../../src/contract/grants/words.ts";
import type { BothGrants } from "../../../src/contract/grants.ts";
import { factGroups } from "../../../src/contract/text/fact-groups.ts";

const hour = 3_600_000;
const entry = (scope: "ask" | "overlap" | "message" | "wake", limits: object = {}) => ({
  ...{ scope, names: null, show: [...factGroups] },
  ...{ expires_at_ms: null, expires_in_ms: null, ...limits },
});
const grants = (changed: Partial<BothGrants>): BothGrants => ({
  ...{ theirs: [], ours: [], their_entries: [], our_entries: [] },
  ...{ mine: false, hold: true, paused: false, ...changed },
});

describe("rightsPhrases()", () => {
  for (const [name, given, phrases] of [
    ["nothing", {}, ["it may do nothing", "you may do nothing"]],
    [
      "every scope of both sides",
      {
        their_entries: [entry("ask"), entry("message"), entry("wake")],
        our_entries: [entry("ask"), entry("overlap", { names: ["web"] })],
      },
      ["it may ask; message; wake", "you may ask; overlap web"],
    ],
    [
      "names, hidden facts and ends",
      {
        their_entries: [
          entry("ask", {
            names: ["api", "web"],
            show: factGroups.filter((group) => group !== "summary"),
            expires_in_ms: 8 * hour,
          }),
        ],
        our_entries: [entry("ask", { expires_in_ms: 90 * 60_000 })],
      },
      ["it may ask api, web, without summary, 8 h left", "you may ask, 2 h left"],
    ],
    [
      "a pause, with the rights that it suspends",
      { their_entries: [entry("ask")], paused: true },
      ["it may do nothing while it is paused (ask)", "you may do nothing"],
    ],
    [
      "messages that no person approves",
      { their_entries: [entry("ask"), entry("message")], hold: false },
      ["it may ask; message, not held", "you may do nothing"],
    ],
    [
      "a machine of one's own",
      { their_entries: [entry("ask")], mine: true },
      ["it may ask (a machine of your own)", "you may do nothing"],
    ],
    [
      "a right by a policy, which has no entry",
      { ours: ["ask", "read"], our_entries: [entry("ask")] },
      ["it may do nothing", "you may ask; read"],
    ],
  ] as const) {
    test(`names ${name}`, () => {
      expect(rightsPhrases({ grants: grants(given as Partial<BothGrants>) })).toEqual([...phrases]);
    });
  }
});

test("rightsHere() tells of an entry that is given now how long it lasts", () => {
  const their_entries = [entry("message", { names: ["nope"], expires_in_ms: 8 * hour })];
  expect(rightsHere(grants({ their_entries }), lasting)).toBe("message nope, for 8 h");
});
