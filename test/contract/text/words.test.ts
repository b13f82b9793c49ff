/** The words for what a session does. */

import { expect, test } from "bun:test";
import { stateLong, stateShort } from "../../../src/contract/text/words.ts";

const minutes = (count: number) => count * 60_000;

for (const [state, forMs, harness, short, long] of [
  ["working", minutes(4), "codex", "working 4 min", "working for 4 min"],
  ["idle", 0, "claude-code", "idle now", "idle now"],
  ["waiting", null, "claude-code", "waiting", "waiting"],
  ["working", minutes(1), "shell", "working 1 min", "working for 1 min"],
  [null, null, "claude-code", "unknown", "state unknown"],
  [null, null, undefined, "unknown", "state unknown"],
  [null, null, "shell", "shell", "state not told"],
] as const) {
  test(`a state reads ${short} of ${harness ?? "a harness that is not shown"}`, () => {
    const facts = { state, state_for_ms: forMs, harness };
    expect([stateShort(facts, []), stateLong(facts, [])]).toEqual([short, long]);
  });
}
