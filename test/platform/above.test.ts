/** Files that give rights: read only while nobody else can replace a folder on the way to them. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PeernetError } from "../../src/contract/errors.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { skipUnless } from "../support/skip.ts";

const above = mkdtempSync(join(tmpdir(), "peernet-above-"));
const folder = join(above, "user/.peernet");
afterAll(() => rmSync(above, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(join(above, "user"), { recursive: true, force: true });
  mkdirSync(join(above, "user"), { mode: 0o755 });
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, "policy.toml"), "version = 1\n", { mode: 0o600 });
});

/** The refusal of a reading; null when it was read. */
function refusal(): Pick<PeernetError, "code" | "message" | "hint"> | null {
  try {
    stateFiles(folder).readTrusted("policy.toml");
    return null;
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    const { code, message, hint } = error;
    return { code, message, hint };
  }
}

describe("readTrusted()", () => {
  test("reads a file below folders that only the user and root can change", () => {
    expect(stateFiles(folder).readTrusted("policy.toml")).toBe("version = 1\n");
    expect(stateFiles(folder).readTrusted("absent.toml")).toBeNull();
  });

  test("refuses it below a folder in which others can replace it", () => {
    const user = join(above, "user");
    for (const mode of [0o777, 0o775, 0o757]) {
      chmodSync(user, mode);
      expect(refusal()).toEqual({
        code: "state_unsafe",
        message: `${user} can be written by others`,
        hint: `chmod go-w ${user}`,
      });
    }
  });

  test("reads it below a sticky folder, where others can only add", () => {
    chmodSync(join(above, "user"), 0o1777);
    expect(refusal()).toBeNull();
  });

  test("refuses a file that others can read", () => {
    chmodSync(join(folder, "policy.toml"), 0o644);
    expect(refusal()).toMatchObject({ code: "state_unsafe" });
  });

  const asRoot = skipUnless(process.getuid?.() === 0, "needs root");
  asRoot("refuses it below a folder of another user", () => {
    const user = join(above, "user");
    chownSync(user, 4_321, 4_321);
    expect(refusal()).toEqual({
      code: "state_unsafe",
      message: `${user} belongs to another user`,
      hint: "set PEERNET_HOME to a folder of your own",
    });
  });
});
