/** `peernet runner`: the list, and keys that come from stdin and are never shown. */

import { describe, expect, test } from "bun:test";
import { main } from "../../../src/cli/cli.ts";
import type { RunnerAccess } from "../../../src/cli/terminal/io.ts";
import type { SeenRunner } from "../../../src/contract/tasks/local.ts";
import { stage } from "../support.ts";

const key = "sk-ant-0123456789abcdef";
const ready: SeenRunner = {
  ...{ name: "claude-code", path: "/opt/claude", version: "2.1.329", credential: true },
  ...{ refused: null, profiles: ["query", "edit"] },
};
const keyless: SeenRunner = { ...ready, credential: false, refused: "it has no API key" };

/** Runners with one that has no key yet. */
function runners(): RunnerAccess & { readonly kept: (readonly [string, string])[] } {
  const kept: (readonly [string, string])[] = [];
  return {
    kept,
    names: () => ["claude-code", "codex"],
    list: async () => [kept.length === 0 ? keyless : ready],
    keep: (name, typed) => void kept.push([name, typed]),
    remove: (name) => name === "claude-code",
  };
}

const piped = { stdin: false, stdout: false, stderr: false };

describe("peernet runner", () => {
  test("lists each runner with what is missing, and the one action for it", async () => {
    const { io, out } = stage({ runners: runners() });
    expect(await main(["runner"], io)).toBe(0);
    expect(out()).toBe(
      "✗ claude-code   it has no API key · 2.1.329 at /opt/claude · query, edit\n" +
        "  fix: peernet runner add claude-code\n",
    );
  });

  test("add keeps the line on stdin, and shows none of it", async () => {
    const access = runners();
    const { io, out, err } = stage({ runners: access, lines: [key], terminal: piped });
    expect(await main(["runner", "add", "claude-code"], io)).toBe(0);
    expect(access.kept).toEqual([["claude-code", key]]);
    expect(out() + err()).not.toContain(key);
    expect(out()).toContain("✓ claude-code");
  });

  test("add refuses a name that no runner has, and a key among its words", async () => {
    for (const words of [["nope"], ["claude-code", key], [key], [`x${key}`], ["short-key-1"]]) {
      const access = runners();
      const { io, out, err } = stage({ runners: access, lines: [key], terminal: piped });
      expect(await main(["runner", "add", ...words], io)).not.toBe(0);
      expect(access.kept).toEqual([]);
      for (const word of words)
        if (word !== "claude-code") expect(out() + err()).not.toContain(word);
    }
  });

  test("add is a person's act", async () => {
    const access = runners();
    const requirePerson = async () => {
      throw new Error("no person");
    };
    const scene = { runners: access, lines: [key], terminal: piped, requirePerson };
    const { io } = stage(scene);
    await main(["runner", "add", "claude-code"], io).catch(() => undefined);
    expect(access.kept).toEqual([]);
  });

  test("remove says that the key is gone here, and that its maker still takes it", async () => {
    const { io, out } = stage({ runners: runners() });
    expect(await main(["runner", "remove", "claude-code"], io)).toBe(0);
    expect(out()).toContain("the key of claude-code is removed; its maker still takes it");
    const other = stage({ runners: runners() });
    expect(await main(["runner", "remove", "codex"], other.io)).not.toBe(0);
    expect(other.err()).toContain("codex has no key here");
  });
});
