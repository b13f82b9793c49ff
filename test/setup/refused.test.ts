/** Setup's refusals: before anything is written, and naming the thing to mend. */

import { expect, setDefaultTimeout } from "bun:test";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { alone, person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

test("without a terminal setup exits 2 and names the flags", async () => {
  await using mini = person();
  for (const words of [["setup"], ["setup", "--json"]]) {
    const { code, out, err } = await mini.run(words);
    expect(code).toBe(2);
    for (const flag of ["--yes", "--name", "--listen", "--sessions", "--agents", "--no-service"]) {
      expect(out + err).toContain(flag);
    }
  }
  const { code, err } = await mini.run(["uninstall"]);
  expect([code, err]).toEqual([
    2,
    "peernet: error: uninstall asks first, and there is no terminal to ask at\n" +
      "peernet: hint: peernet uninstall --yes\n",
  ]);
  expect(mini.has(".peernet")).toBe(false);
});

test("a flag that makes no sense is refused before anything is written", async () => {
  await using mini = person();
  for (const [words, why] of [
    [["--name", "mini_2"], "--name mini_2: a name is 1 to 31"],
    [["--listen", "everywhere"], "--listen takes tailnet, lan, local or addresses, not everywhere"],
    [["--sessions", "src"], "--sessions takes repositories, none, or absolute folders"],
    [["--agents", "clippy"], "there is no agent clippy"],
    [["--agents", "gemini"], "Gemini CLI was not found here"],
  ] as const) {
    const { code, err } = await mini.run(["setup", "--yes", "--no-service", ...words]);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  }
  const { err } = await mini.run(["setup", "--yes", "--no-service", "--name", "Mini B"]);
  expect(err.split("\n")[1]).toBe("peernet: hint: peernet setup --name mini-b");
  expect(mini.has(".peernet")).toBe(false);
});

test("a file that cannot be read or changed is named, and nothing is written", async () => {
  for (const [path, text, why] of [
    [".claude/settings.json", '{\n"a": 1\n"b": 2 x\n}', "not valid JSON in line "],
    [".claude.json", "[]", "holds no JSON object"],
    [".claude/settings.json", '{"hooks": "none"}', "hooks is not what it should be"],
    [".codex/config.toml", "model = ", "not valid TOML"],
    [".codex/config.toml", "mcp_servers = { other = { command = 'x' } }\n", "changed safely"],
    [".peernet/config.toml", "[listen]\nport = 'x'\n", "listen.port"],
  ] as const) {
    await using mini = person();
    mini.write(path, text);
    const before = mini.tree();
    const { code, err } = await mini.run(["setup", "--yes", ...alone]);
    expect(code).toBe(2);
    expect(err).toContain(path.split("/").at(-1) ?? "");
    expect(err).toContain(why);
    expect(err.split("\n")[1]).toStartWith("peernet: hint: ");
    expect(mini.tree()).toEqual(before);
    expect(mini.has(".peernet/setup.json")).toBe(false);
  }
});

test("a read-only file is refused, and named", async () => {
  await using mini = person();
  mini.write(".claude/settings.json", "{}");
  chmodSync(join(mini.folder, ".claude/settings.json"), 0o444);
  const { code, err } = await mini.run(["setup", "--yes", ...alone]);
  expect(code).toBe(2);
  expect(err).toContain(".claude/settings.json is read-only");
  expect(mini.has(".claude.json")).toBe(false);
});

test("a link to nothing is refused", async () => {
  await using mini = person();
  symlinkSync("../gone.json", join(mini.folder, ".claude/settings.json"));
  const { code, err } = await mini.run(["setup", "--yes", ...alone]);
  expect([code, err]).toEqual([2, expect.stringContaining("is a symbolic link to nothing")]);
});
