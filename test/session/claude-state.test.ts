import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallFileBytesMax } from "../../src/contract/limits.ts";
import { parseClaudeState, readClaudeState } from "../../src/session/claude-state.ts";
import { skipUnless } from "../support/skip.ts";

const testAsRoot = skipUnless(process.getuid?.() === 0, "only root gives a file away");

const session = { pid: 18_385, start_time: "1099880" };

/** A file as Claude Code 2.1 writes it. */
const written = (more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    pid: 18_385,
    sessionId: "6e1c1a0e-8a94-4b0e-9f0a-0d4a3c1f6f55",
    cwd: "/home/ada/src/hydrate",
    startedAt: 1_795_562_469_044,
    procStart: "1099880",
    version: "2.1.329",
    kind: "interactive",
    entrypoint: "cli",
    status: "busy",
    updatedAt: 1_795_562_470_000,
    statusUpdatedAt: 1_795_562_470_123,
    ...more,
  });
const told = {
  session_id: "6e1c1a0e-8a94-4b0e-9f0a-0d4a3c1f6f55",
  state: "working",
  since_ms: 1_795_562_470_123,
} as const;

describe("parseClaudeState()", () => {
  test("parseClaudeState() takes the session, its state and since when it is so", () => {
    expect(parseClaudeState(written(), session)).toEqual(told);
    for (const state of ["idle", "waiting"] as const) {
      expect(parseClaudeState(written({ status: state }), session)).toEqual({ ...told, state });
    }
  });

  const strange: readonly (readonly [what: string, text: string])[] = [
    ["of a process that had its number before", written({ procStart: "1099879" })],
    ["whose process is a number", written({ procStart: 1_099_880 })],
    ["without a process", written({ procStart: undefined })],
    ["with a status of another version", written({ status: "thinking" })],
    ["with a status that is no text", written({ status: ["busy"] })],
    ["whose status is a name of the language", written({ status: "constructor" })],
    ["without a session", written({ sessionId: null })],
    ["with an instant that is text", written({ statusUpdatedAt: "1795562470123" })],
    ["with an instant that is no whole number", written({ statusUpdatedAt: 1.5 })],
    [
      "with an instant beyond all",
      written().replace(/"statusUpdatedAt":\d+/, '"statusUpdatedAt":1e999'),
    ],
    ["that is empty", ""],
    ["that is cut off", written().slice(0, -10)],
    ["that is no object", '"busy"'],
    ["that is null", "null"],
    ["that is a list", "[1]"],
    ["that is nested without end", "[".repeat(60_000)],
    ["that is no JSON", "\0\u001b[2J"],
  ];
  for (const [what, text] of strange) {
    test(`parseClaudeState() takes nothing out of a file ${what}`, () => {
      expect(parseClaudeState(text, session)).toBeNull();
    });
  }
});

interface Home extends Disposable {
  readonly path: string;
  /** The folder of the files. */
  readonly sessions: string;
  /** The file of the process. */
  readonly file: string;
}

function home(): Home {
  const path = mkdtempSync(join(tmpdir(), "peernet-claude-"));
  const sessions = join(path, ".claude", "sessions");
  mkdirSync(sessions, { recursive: true });
  return {
    path,
    sessions,
    file: join(sessions, "18385.json"),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

describe("readClaudeState()", () => {
  test("readClaudeState() reads the file of the process", () => {
    using of = home();
    writeFileSync(of.file, written());
    expect(readClaudeState(join(of.path, ".claude"), session)).toEqual(told);
    expect(readClaudeState(join(of.path, ".claude"), { ...session, pid: 18_386 })).toBeNull();
  });

  test("readClaudeState() reads it in a folder that it may not list", () => {
    using of = home();
    writeFileSync(of.file, written());
    chmodSync(of.sessions, 0o100);
    expect(readClaudeState(join(of.path, ".claude"), session)).toEqual(told);
    chmodSync(of.sessions, 0o700);
  });

  test("readClaudeState() reads up to 64 KiB, and nothing of what is more", () => {
    using of = home();
    const length = written().length;
    writeFileSync(of.file, written() + " ".repeat(smallFileBytesMax - length));
    expect(readClaudeState(join(of.path, ".claude"), session)).toEqual(told);
    writeFileSync(of.file, written() + " ".repeat(smallFileBytesMax - length + 1));
    expect(readClaudeState(join(of.path, ".claude"), session)).toBeNull();
  });

  test("readClaudeState() follows no link", () => {
    using of = home();
    const key = join(of.path, "key");
    writeFileSync(key, written());
    symlinkSync(key, of.file);
    expect(readClaudeState(join(of.path, ".claude"), session)).toBeNull();
  });

  test("readClaudeState() does not wait at a pipe, and reads no folder and no device", () => {
    using of = home();
    expect(Bun.spawnSync(["mkfifo", of.file]).exitCode).toBe(0);
    expect(readClaudeState(join(of.path, ".claude"), session)).toBeNull();
    rmSync(of.file);
    mkdirSync(of.file);
    expect(readClaudeState(join(of.path, ".claude"), session)).toBeNull();
  });

  testAsRoot("readClaudeState() reads nothing that another user wrote", () => {
    using of = home();
    writeFileSync(of.file, written());
    chownSync(of.file, 65_534, 65_534);
    expect(readClaudeState(join(of.path, ".claude"), session)).toBeNull();
  });

  test("readClaudeState() says nothing where there is nothing, or no home", () => {
    using of = home();
    expect(readClaudeState(join(of.path, ".claude"), session)).toBeNull();
    expect(readClaudeState("", session)).toBeNull();
    expect(readClaudeState("relative", session)).toBeNull();
  });
});
