/** Names have no case, in the words and flags of every command. */

import { describe, expect, test } from "bun:test";
import { commands } from "../../../src/cli/commands.ts";
import { nameSlots, slotsOf } from "../../../src/cli/frame/arguments.ts";
import { answer, peer, status } from "../samples.ts";
import { run } from "../support.ts";

/** Placeholders of everything else: their case is kept. */
const free: ReadonlySet<string> = new Set([
  ...["ACT", "ADDRESS", "BRANCH", "CHANGE", "COMMAND", "DATE", "DIR", "DURATION", "FILE"],
  ...["FINGERPRINT", "FINGERPRINT|-", "FOLDER", "FROM:TO", "HARNESS", "HOST[:PORT]", "ID"],
  ...["KEY=VALUE", "LINES", "N", "PATH", "PATTERN", "PID", "QUESTION", "REF", "REPOSITORY"],
  ...["DOLLARS", "FORMAT", "NUMBER", "PROMPT", "REASON", "TASK", "query|edit|build"],
  ...["STAGE", "TEXT", "TOOLS", "VERB", "WHERE", "WHICH", "WORD", "-", "--docs", "read|run"],
  ...["bash|zsh|fish", "PROFILES", "RUNNERS", "none|once|each"],
]);

describe("the table of commands", () => {
  for (const entry of commands) {
    test(`${entry.name} has no placeholder of unknown case`, async () => {
      const command = await entry.load?.();
      const values = Object.values(command?.flags ?? {}).flatMap((flag) =>
        flag.kind === "text" ? [flag.value] : [],
      );
      const unknown = [...slotsOf(entry.words), ...values].filter(
        (slot) => !nameSlots.has(slot) && !free.has(slot),
      );
      expect(unknown).toEqual([]);
    });
  }
});

const answers = {
  status: async () => status(),
  peers: async () => ({ peers: [peer()] }),
  "peers/show": async () => peer(),
  "peers/pause": async () => peer(),
  ask: async () => answer(),
  send: async () => ({ sent: [], refused: [] }),
  unpair: async () => Promise.reject(new Error("only its input is read")),
  preview: async () => Promise.reject(new Error("only its input is read")),
  inbox: async () => Promise.reject(new Error("only its input is read")),
};

for (const line of [
  "peers show mini",
  "peers pause mini",
  "ask mini/hydrate",
  "wait mini/hydrate",
  "send mini/hydrate hello",
  "unpair mini --yes",
  "preview hydrate --as laptop",
  "inbox --handle hydrate",
]) {
  test(`peernet ${line} takes its names in any case`, async () => {
    const upper = line.replaceAll(/\b(mini|laptop|hydrate)\b/g, (name) => name.toUpperCase());
    const [lower, other] = [await run(line, { answers }), await run(upper, { answers })];
    expect(other.calls).toEqual(lower.calls);
    expect(lower.calls.length).toBeGreaterThan(0);
  });
}
