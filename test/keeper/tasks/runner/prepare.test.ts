/** A round of a runner: the words that an approval binds, and the room that it gets. */

import { afterAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PeernetError } from "../../../../src/contract/errors.ts";
import type { TaskOrder } from "../../../../src/contract/tasks/errands.ts";
import { keepKey, removeKey } from "../../../../src/keeper/tasks/runner/credential.ts";
import { prepareRun } from "../../../../src/keeper/tasks/runner/prepare.ts";
import { weighRunner } from "../../../../src/keeper/tasks/runner/weigh.ts";
import { timers } from "../../../../src/platform/clock/timers.ts";
import { stateFiles } from "../../../../src/platform/files.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "peernet-prepare-")));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const files = stateFiles(join(home, "state"));
mkdirSync(join(home, ".local/bin"), { recursive: true });
const program = join(home, ".local/bin/claude");
copyFileSync("/bin/echo", program);
files.write("runners/mine.toml", 'like = "claude-code"\nversions = { argv = ["2.1.400"] }\n');

const parts = { files, home, timers, signal: new AbortController().signal };
const key = "sk-mine-0123456789abcdef";
const run = { runner: "mine", profile: "query", network: "model", usd: 2 } as const;
const id = "0198c0de-0000-7000-8000-000000000001";

/** An order as the daemon makes it of what was weighed. */
async function order(more: Partial<TaskOrder> = {}): Promise<TaskOrder> {
  const weighed = await weighRunner(parts, run);
  if (weighed.program === null) throw new Error(JSON.stringify(weighed.gates));
  const digest = "a".repeat(64);
  return {
    ...{ version: 1, task_id: id, round: 1, session: null, prompt: "/init" },
    place: { kind: "folder", name: "x", path: "/srv/x" },
    decision: {
      ...{ rules: ["r"], policy_sha256: digest, wall_ms: 1_000, usd: 2, network: "model" },
      ...{ path: "/srv/x", kind: "folder", base: null, bundle_sha256: null, profile: "query" },
      program: weighed.program,
    },
    ...{ document_sha256: digest, decision_sha256: digest },
    ...more,
  };
}

/** The gates of a run, each with its word. */
const gatesOf = async (more: object): Promise<readonly string[]> =>
  (await weighRunner(parts, { ...run, ...more })).gates.map(({ gate, why }) => `${gate} ${why}`);

describe("weighRunner()", () => {
  test("names every gate at once", async () => {
    expect(await gatesOf({})).toEqual(["credential no_key"]);
    keepKey(files, "mine", key);
    expect(await gatesOf({})).toEqual([]);
    expect(await gatesOf({ profile: "deploy", network: "none" })).toEqual([
      "runner profile",
      "runner network",
    ]);
    expect(await gatesOf({ runner: "nope" })).toEqual(["runner unknown"]);
    expect(await gatesOf({ runner: "codex" })).toContain("credential no_key");
    files.write("runners/broken.toml", "x = 1");
    expect(await gatesOf({ runner: "broken" })).toEqual(["runner invalid"]);
  });

  test("binds the real path, the digest, the version and the words", async () => {
    const { program: found } = await weighRunner(parts, run);
    expect(found).toMatchObject({ runner: "mine", path: program, version: "2.1.400" });
    expect(found?.argv[0]).toBe(program);
    expect(found?.argv.join(" ")).toContain("--restricted --strict-mcp-config");
    expect(found?.argv.slice(-2)).toEqual(["--max-budget-usd", "2"]);
    const without = await weighRunner(parts, { ...run, usd: null });
    expect(without.program?.argv).not.toContain("--max-budget-usd");
  });
});

describe("prepareRun()", () => {
  test("gives a program its words, a clean environment, and a prompt of no command", async () => {
    const prepared = await prepareRun(parts, await order());
    if (typeof prepared === "string") throw new Error(prepared);
    expect(prepared.argv[0]).toBe("/task/runner/claude");
    expect(prepared.argv.slice(-2)).toEqual(["--session-id", id]);
    expect(prepared.stdin).toBe("The task:\n\n/init\n");
    expect(prepared.environment).toMatchObject({
      ...{ HOME: "/task/home", ANTHROPIC_BASE_URL: "http://127.0.0.1:8080" },
    });
    expect(JSON.stringify(prepared)).not.toContain(key);
    expect(prepared.binds).toEqual([
      { from: program, at: "/task/runner/claude", isWritable: false },
    ]);
    expect(prepared.network?.port).toBe(8_080);
  });

  test("resumes the session of the round before, or begins one with an id of its own", async () => {
    const later = await prepareRun(parts, await order({ round: 2, session: "s-1" }));
    const fresh = await prepareRun(parts, await order({ round: 2 }));
    if (typeof later === "string" || typeof fresh === "string") throw new Error("unprepared");
    expect(later.argv.slice(-2)).toEqual(["--resume", "s-1"]);
    expect(fresh.argv.slice(-2)).toEqual(["--session-id", `${id.slice(0, -2)}02`]);
  });

  test("is refused when the manifest, the profile or the key is another meanwhile", async () => {
    const before = await order();
    const words = 'like = "claude-code"\nversions = { argv = ["2.1.400"] }\n';
    files.write("runners/mine.toml", `${words}[profiles.query]\nargv = ["--tools", "Bash"]\n`);
    expect(await prepareRun(parts, before)).toBe("manifest_changed");
    files.write("runners/mine.toml", `${words}[endpoint]\nca = "absent.pem"\n`);
    expect(await prepareRun(parts, before)).toBe("no_credential");
    files.write("runners/mine.toml", words);
    removeKey(files, "mine");
    expect(await prepareRun(parts, before)).toBe("no_credential");
    keepKey(files, "mine", key);
    expect(typeof (await prepareRun(parts, before))).toBe("object");
  });

  test("finds the keys of all runners in what would leave", async () => {
    keepKey(files, "codex", "sk-other-0123456789abcdef");
    const prepared = await prepareRun(parts, await order());
    if (typeof prepared === "string") throw new Error(prepared);
    const holds = (text: string) => prepared.holdsCredential?.(new TextEncoder().encode(text));
    expect([key, "sk-other-0123456789abcdef", "sk-none"].map(holds)).toEqual([true, true, false]);
  });
});

describe("keepKey()", () => {
  test("keeps one word, and repeats none of it when it is no key", () => {
    keepKey(files, "mine", `  ${key}\n`);
    expect(files.read("keys/runners/mine")).toBe(key);
    for (const typed of [
      "",
      "short",
      "two words of a key here",
      "x".repeat(4_097),
      "kéy".repeat(9),
    ]) {
      let error: unknown;
      try {
        keepKey(files, "mine", typed);
      } catch (caught) {
        error = caught;
      }
      if (!(error instanceof PeernetError)) throw new Error("it was kept");
      expect([error.code, error.message.includes(typed) && typed !== ""]).toEqual([
        "bad_request",
        false,
      ]);
    }
  });
});
