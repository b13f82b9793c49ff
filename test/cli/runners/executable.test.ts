/** `peernet runner` as a person runs it: where a key lies afterwards, and where it does not. */

import { describe, expect } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { home, isBuilt, notBuilt } from "../../support/executable.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(isBuilt, notBuilt);
const key = "sk-ant-0123456789abcdefghij";

/** The files of a folder that hold the key. */
const holders = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(key));

describe("peernet runner", () => {
  test("add keeps a key in one file of the user's, and remove takes it away", async () => {
    await using mini = home("mini");
    await mini.run(["start"]);
    const added = await mini.run(["runner", "add", "claude-code"], { stdin: `${key}\n` });
    expect(added.code).toBe(0);
    expect(added.out + added.err).not.toContain(key);
    const path = join(mini.folder, "keys/runners/claude-code");
    expect(holders(mini.folder)).toEqual([path]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const folder of ["keys/runners", "keys"]) {
      expect(statSync(join(mini.folder, folder)).mode & 0o777).toBe(0o700);
    }
    const listed = await mini.json(["runner"]);
    expect(JSON.stringify(listed)).not.toContain(key);
    expect(listed).toMatchObject({ runners: [{ name: "claude-code", credential: true }, {}] });
    expect((await mini.run(["runner", "remove", "claude-code"])).code).toBe(0);
    expect(holders(mini.folder)).toEqual([]);
  });

  test("add repeats no key that was typed as a word, and keeps none", async () => {
    await using mini = home("mini");
    for (const words of [[key], ["claude-code", key], ["codex", "--json", key]]) {
      const { code, out, err } = await mini.run(["runner", "add", ...words], { stdin: key });
      expect([code === 0, (out + err).includes(key)]).toEqual([false, false]);
    }
    expect(holders(mini.folder)).toEqual([]);
  });
});
