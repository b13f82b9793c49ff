/** A grant that a home cannot serve yet: its hooks, or its permissions, are of an earlier setup. */

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withAllowed } from "../../../src/harness/allowed.ts";
import { hookCommand } from "../../../src/harness/events.ts";
import { withHooks, withoutWakers } from "../../../src/harness/written-events.ts";
import { both } from "../../support/grants.ts";
import { peer, status } from "../samples.ts";
import { run } from "../support.ts";

const command = hookCommand("claude-code", { command: ["/opt/peernet"], home: null });
const whole = withHooks("claude-code", null, command);
const laptop = peer({ name: "laptop", grants: both(["ask"], ["ask"]) });
const answers = {
  "peers/show": async () => laptop,
  "peers/grant": async () => laptop,
  status: async () => status(),
};

async function granting(line: string, settings: string): Promise<string> {
  const HOME = mkdtempSync(join(tmpdir(), "peernet-stale-"));
  mkdirSync(join(HOME, ".claude"));
  writeFileSync(join(HOME, ".claude/settings.json"), settings);
  try {
    const scene = { answers, terminal: { stdin: true }, environment: { HOME } };
    return (await run(line, scene)).err;
  } finally {
    rmSync(HOME, { recursive: true });
  }
}

test("peers grant says that older hooks wake nobody, and what asks before reading", async () => {
  const older = "of Claude Code, hooks are older than this version: peernet setup\n";
  const asks = "Claude Code asks before it reads messages: peernet setup offers to allow it\n";
  const allowed = withAllowed(whole, ["read_messages"]);
  for (const [line, settings, wanted] of [
    ["peers grant laptop wake", withoutWakers(whole, command), `${older}${asks}`],
    ["peers grant laptop mine", withoutWakers(whole, command), `${older}${asks}`],
    ["peers grant laptop wake", whole, asks],
    ["peers grant laptop wake", allowed, ""],
    ["peers grant laptop message", withoutWakers(whole, command), ""],
  ] as const) {
    expect([line, await granting(line, settings)]).toEqual([line, wanted]);
  }
});
