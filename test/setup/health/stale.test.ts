/** The parts of a home that an earlier setup left out, as a grant that needs them says. */

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withAllowed } from "../../../src/harness/allowed.ts";
import { hookCommand } from "../../../src/harness/events.ts";
import { withHooks, withoutWakers } from "../../../src/harness/written-events.ts";
import { staleIn } from "../../../src/setup/health/stale.ts";

const command = hookCommand("claude-code", { command: ["/opt/peernet"], home: null });

function settings(text: string | null) {
  const home = mkdtempSync(join(tmpdir(), "peernet-stale-"));
  mkdirSync(join(home, ".claude"));
  if (text !== null) writeFileSync(join(home, ".claude/settings.json"), text);
  try {
    return staleIn({ home, environment: {} });
  } finally {
    rmSync(home, { recursive: true });
  }
}

test("staleIn() names the agents whose hooks have no wakers, and what asks before reading", () => {
  const whole = withHooks("claude-code", null, command);
  expect(settings(whole)).toEqual({ hooks: [], asksToRead: true });
  expect(settings(withAllowed(whole, ["read_messages"]))).toEqual({ hooks: [], asksToRead: false });
  const older = withoutWakers(whole, command);
  expect(settings(older)).toEqual({ hooks: ["Claude Code"], asksToRead: true });
  const { hooks } = JSON.parse(whole);
  const unwarned = JSON.stringify({ hooks: { ...hooks, PreToolUse: [] } });
  expect(settings(unwarned)).toEqual({ hooks: ["Claude Code"], asksToRead: true });
});

test("staleIn() finds nothing where peernet has no hooks, or the file is not readable", () => {
  for (const text of [null, "{}", '{"hooks": {"Stop": []}}', "not JSON", "[]"]) {
    expect([text, settings(text)]).toEqual([text, { hooks: [], asksToRead: false }]);
  }
});
